// Several servers: the order in which they start and end, and their ports.
#include <doctest/doctest.h>

#include "lifecycle_script.hpp"
#include "vlmshim/core/config/auto_ports.hpp"
#include "vlmshim/core/config/config_toml.hpp"
#include "vlmshim/core/config/server_order.hpp"

using namespace vlmshim;
using namespace vlmshim::test;
using Lines = std::vector<std::string>;

namespace {

ServerConfig named(const std::string& name, const Lines& after = {}, Port port = Port{9000}) {
    ServerConfig server;
    server.name = name;
    server.after = after;
    server.port = port;
    server.grace = Millis{2000};
    server.ready.timeout = Millis{60'000};
    return server;
}

Config with_servers(std::vector<ServerConfig> servers) {
    Config config;
    config.servers = std::move(servers);
    config.test.command = {"test"};
    return config;
}

const ServerId first{0};
const ServerId second{1};
const ServerId third{2};
const ExitStatus zero = ExitStatus::exited(0);

std::string start(int id) {
    const std::string number = std::to_string(id);
    return "start-server:" + number + " ready-timeout:" + number + "=60000";
}

std::string stop(int id) {
    const std::string number = std::to_string(id);
    return "stop-server:" + number + " half-grace:" + number + "=1000 server-grace:" + number + "=2000";
}

}  // namespace

// --- after -------------------------------------------------------------------------------------

TEST_CASE("a server starts when all that it is after are ready") {
    Lifecycle lifecycle(with_servers({named("web", {"db", "vlm"}), named("db"), named("vlm", {"db"})}));
    (void)lifecycle.handle(event::Started{});
    CHECK(as_text(lifecycle.handle(event::PortsLooked{PortsState::Free})) == "stop-timers " + start(1));
    CHECK(as_text(lifecycle.handle(event::ServerReady{second})) == "stop:ready-timeout " + start(2));
    CHECK(as_text(lifecycle.handle(event::ServerReady{third})) == "stop:ready-timeout " + start(0));
    CHECK(as_text(lifecycle.handle(event::ServerReady{first})) == "stop:ready-timeout start-test");
}

TEST_CASE("a server gets its stop signal when those that are after it have ended") {
    const Config config = with_servers({named("db"), named("vlm", {"db"}), named("other")});
    Lifecycle lifecycle = in_phase(config, Phase::Testing);
    (void)lifecycle.handle(event::ServerReady{second});
    CHECK(as_text(lifecycle.handle(event::ServerReady{third})) == "");
    CHECK(as_text(lifecycle.handle(event::TestExited{zero})) ==
          "stop-probes stop-timers stop-tests-leftovers leftover-grace=3000 " + stop(1) + " " + stop(2) +
              " drain-limit=4000 collect");
    CHECK(as_text(lifecycle.handle(event::ServerExited{third, zero})).find("stop-server") == std::string::npos);
    CHECK(as_text(lifecycle.handle(event::ServerExited{second, zero})).ends_with(stop(0)));
}

TEST_CASE("a server's turn also comes when the one before it has to be killed") {
    const Config config = with_servers({named("db"), named("vlm", {"db"})});
    Lifecycle lifecycle = in_phase(config, Phase::Draining);
    CHECK(as_text(lifecycle.handle(event::TimerFired{Timer::ServerGrace, second})) == "kill-server:1");
    CHECK(as_text(lifecycle.handle(event::TimerFired{Timer::ServerGrace, first})) == "kill-server:0");
    CHECK(as_text(lifecycle.handle(event::ServerExited{second, zero})).ends_with(stop(0)));
}

TEST_CASE("servers that wait for their turn to start are not ended") {
    Lifecycle lifecycle = in_phase(with_servers({named("db"), named("vlm", {"db"})}), Phase::Starting);
    const auto drained = as_text(lifecycle.handle(event::ServerExited{first, zero}));
    CHECK(drained.find("stop-server") == std::string::npos);
    CHECK(drained.ends_with("drain-limit=3000 collect"));
    CHECK(lifecycle.outcome().server == first);
}

TEST_CASE("no server waits for the end of a reused one") {
    const Config config = with_servers({named("db"), named("vlm", {"db"})});
    Lifecycle lifecycle = in_phase(config, Phase::Testing);
    (void)lifecycle.handle(event::ServerReused{second});
    CHECK(as_text(lifecycle.handle(event::TestExited{zero})).find(stop(0)) != std::string::npos);
}

TEST_CASE("a reused server may end, unless it is waited for") {
    const auto lost_in = [](Phase phase, OnExit on_exit) {
        ServerConfig db = named("db");
        db.on_exit = on_exit;
        Lifecycle lifecycle = in_phase(with_servers({db, named("vlm")}), phase);
        (void)lifecycle.handle(event::ServerReused{first});
        const Phase before = lifecycle.phase();
        (void)lifecycle.handle(event::ReusedPortLost{*db.port, first});
        return before != lifecycle.phase() && lifecycle.phase() == Phase::Draining &&
               lifecycle.outcome().failure == Failure::ServerDied;
    };
    CHECK(lost_in(Phase::Starting, OnExit::Fail));
    CHECK(!lost_in(Phase::Starting, OnExit::Ignore));
    CHECK(!lost_in(Phase::Testing, OnExit::Fail));
    CHECK(!lost_in(Phase::Stopping, OnExit::Fail));
    CHECK(!lost_in(Phase::Draining, OnExit::Fail));
}

TEST_CASE("the graces along a chain add up") {
    const auto longest = [](std::vector<ServerConfig> servers) {
        return longest_drain(predecessors(servers), {Millis{1}, Millis{10}, Millis{100}}).count();
    };
    CHECK(longest({named("a"), named("b"), named("c")}) == 100);
    CHECK(longest({named("a"), named("b", {"a"}), named("c", {"b"})}) == 111);
    CHECK(longest({named("a", {"b"}), named("b", {"c"}), named("c")}) == 111);
    CHECK(longest({named("a"), named("b", {"a"}), named("c", {"a"})}) == 101);
}

TEST_CASE("what cannot be ordered is an error, with its place") {
    const auto errors = [](const std::string& a, const std::string& b, const std::string& c) {
        return parse_config("[[server]]\nname='a'\ncommand='x'\nport=1\nafter=" + a +
                                "\n[[server]]\nname='b'\ncommand='x'\nport=2\nafter=" + b +
                                "\n[[server]]\nname='model'\ncommand='x'\nport=3\nafter=" + c + "\n",
                            "f")
            .errors;
    };
    CHECK(errors("[]", "['a']", "['a', 'b']").empty());
    CHECK(errors("['modle']", "[]", "[]") ==
          Lines{"f:5:7: 'after' in [server] names \"modle\", and no server has that name, did you mean \"model\"?"});
    CHECK(errors("[]", "['b']", "[]") == Lines{"f:10:7: 'after' in [server] names the server itself, \"b\""});
    CHECK(
        errors("['b']", "['a']", "['a']") ==
        Lines{
            "f:5:7: 'after' in [server] makes a circle: \"a\", \"b\" wait for each other, so none of them can start"});
    CHECK(parse_config("[server]\ncommand='x'\nafter=['y']\n", "f").errors.size() == 1);
}

// --- serving -----------------------------------------------------------------------------------

TEST_CASE("without a test the servers run until a signal") {
    struct Row {
        Event signal;
        ExitStatus status;
    };
    for (const Row& row : {Row{typed(interrupt), zero}, Row{sent(interrupt), zero}, Row{sent(term), zero},
                           Row{typed(hup), ExitStatus::signaled(hup)}}) {
        Lifecycle lifecycle = in_phase(one_server(), Phase::Serving);
        CHECK(lifecycle.phase() == Phase::Serving);
        (void)lifecycle.handle(row.signal);
        (void)lifecycle.handle(event::TreeEmpty{});
        (void)lifecycle.handle(event::PortsLooked{PortsState::Free});
        CHECK(lifecycle.outcome().status == row.status);
        CHECK(lifecycle.outcome().failure == Failure::None);
    }
}

TEST_CASE("serving that does not end clean is a failure") {
    Lifecycle lifecycle = in_phase(one_server(), Phase::Serving);
    (void)lifecycle.handle(sent(term));
    (void)lifecycle.handle(event::TreeEmpty{});
    (void)lifecycle.handle(event::PortsLooked{PortsState::Held});
    CHECK(lifecycle.outcome().status == ExitStatus::exited(125));
}

TEST_CASE("when a server died is known at the end") {
    const Config two = with_servers({named("db"), named("vlm")});
    Lifecycle starting = in_phase(two, Phase::Starting);
    (void)starting.handle(event::ServerExited{first, zero});
    CHECK(starting.outcome().server_end == ServerEnd::BeforeReady);
    Lifecycle half = in_phase(two, Phase::Starting);
    (void)half.handle(event::ServerReady{first});
    (void)half.handle(event::ServerExited{first, zero});
    CHECK(half.outcome().server_end == ServerEnd::BeforeTest);
    Lifecycle testing = in_phase(two, Phase::Testing);
    (void)testing.handle(event::ServerExited{second, zero});
    CHECK(testing.outcome().server_end == ServerEnd::UnderTest);
}

TEST_CASE("a server that dies while it serves ends the run") {
    Lifecycle lifecycle = in_phase(one_server(), Phase::Serving);
    (void)lifecycle.handle(event::ServerExited{first, zero});
    CHECK(lifecycle.outcome().failure == Failure::ServerDied);
    CHECK(lifecycle.phase() == Phase::Draining);
}

// --- output ------------------------------------------------------------------------------------

TEST_CASE("what becomes of a server's output") {
    enum class Test { None, One };
    struct Row {
        OutputMode mode;
        Test test;
        std::size_t servers;
        OutputWay way;
    };
    const Row rows[] = {
        {OutputMode::Capture, Test::One, 1, OutputWay::Kept},
        {OutputMode::Capture, Test::One, 2, OutputWay::Kept},
        {OutputMode::Capture, Test::None, 1, OutputWay::PassedThrough},  // a user who serves wants to see it
        {OutputMode::Capture, Test::None, 2, OutputWay::ShownByLines},
        {OutputMode::Inherit, Test::One, 1, OutputWay::PassedThrough},
        {OutputMode::Inherit, Test::One, 2, OutputWay::ShownByLines},
        {OutputMode::Inherit, Test::None, 1, OutputWay::PassedThrough},
        {OutputMode::Inherit, Test::None, 2, OutputWay::ShownByLines},
        {OutputMode::Discard, Test::One, 1, OutputWay::Discarded},
        {OutputMode::Discard, Test::None, 2, OutputWay::Discarded},
        {OutputMode::File, Test::One, 1, OutputWay::IntoFile},
        {OutputMode::File, Test::None, 2, OutputWay::IntoFile},
    };
    for (const Row& row : rows) {
        Config config = with_servers(std::vector(row.servers, named("vlm")));
        config.servers[0].output.mode = row.mode;
        if (row.test == Test::None) {
            config.test.command.clear();
        }
        CAPTURE(&row - rows);
        CHECK(output_way_of(config.servers[0], config) == row.way);
    }
}

// --- in the background -------------------------------------------------------------------------

namespace {

/// Its main process, or another one of it, has ended and left others.
Event leaves_some(ServerId server, ExitStatus status = zero) {
    return event::ServerExited{server, status, event::ItsPort::Kept, event::StillThere::Processes};
}

}  // namespace

TEST_CASE(
    "a main process that exits with 0 and leaves others has gone into the background: reported when it is ready") {
    const Config config = with_servers({named("db")});
    Lifecycle lifecycle = in_phase(config, Phase::Starting);
    CHECK(as_text(lifecycle.handle(leaves_some(first))).empty());
    CHECK(as_text(lifecycle.handle(leaves_some(first))).empty());  // the process between it and the daemon
    CHECK(as_text(lifecycle.handle(event::ServerReady{first})) ==
          "stop:ready-timeout report:in-background:0 start-test");
    CHECK(as_text(lifecycle.handle(leaves_some(first))).empty());

    for (const Phase phase : {Phase::Testing, Phase::Serving}) {
        Lifecycle later = in_phase(config, phase);
        CHECK(as_text(later.handle(leaves_some(first))) == "report:in-background:0");
        CHECK(as_text(later.handle(leaves_some(first))).empty());
        CHECK(later.phase() == phase);
    }
}

TEST_CASE("a server in the background can die, too") {
    Lifecycle lifecycle = in_phase(with_servers({named("db")}), Phase::Testing);
    (void)lifecycle.handle(leaves_some(first));
    (void)lifecycle.handle(event::ServerExited{first, zero});
    CHECK(lifecycle.outcome().failure == Failure::ServerDied);
    CHECK(lifecycle.outcome().server_end == ServerEnd::UnderTest);
}

TEST_CASE("a main process that fails has died, whatever it leaves") {
    Lifecycle starting = in_phase(with_servers({named("db")}), Phase::Starting);
    CHECK(as_text(starting.handle(leaves_some(first, ExitStatus::exited(1)))).starts_with("report:before-ready"));
    CHECK(starting.outcome().failure == Failure::ServerDied);
    Lifecycle testing = in_phase(with_servers({named("db")}), Phase::Testing);
    // what it leaves keeps its grace
    CHECK(as_text(testing.handle(leaves_some(first, ExitStatus::exited(1)))) ==
          "report:under-test signal-test:SIGTERM+wake stop:test-timeout test-grace=5000 test-hint=1000");
    CHECK(as_text(testing.handle(event::TestExited{zero})).find(stop(0)) != std::string::npos);
}

TEST_CASE("in the background it keeps its place in the order") {
    Lifecycle lifecycle = in_phase(with_servers({named("db"), named("vlm", {"db"})}), Phase::Testing);
    (void)lifecycle.handle(leaves_some(first));
    (void)lifecycle.handle(leaves_some(second));
    const std::string drained = as_text(lifecycle.handle(event::TestExited{zero}));
    CHECK(drained.find(stop(1)) != std::string::npos);
    CHECK(drained.find("stop-server:0") == std::string::npos);
    CHECK(as_text(lifecycle.handle(event::ServerExited{second, zero})).ends_with(stop(0)));
}

TEST_CASE("what a launcher leaves at its end is stopped at once, unless it has got the signal already") {
    struct Row {
        std::optional<Event> signal;
        const char* stops;
    };
    const Row rows[]{{std::nullopt, "stop-tree:0 "},
                     {typed(interrupt), "stop-tree:0:but-group "},
                     {event::RequestRepeated{std::nullopt, Reach::All}, ""}};
    for (const Row& row : rows) {
        Lifecycle lifecycle = in_phase(with_servers({named("vlm")}), Phase::Testing);
        if (row.signal) {
            (void)lifecycle.handle(*row.signal);
        }
        (void)lifecycle.handle(event::TestExited{zero});
        const std::string actions = as_text(lifecycle.handle(leaves_some(first)));
        CHECK(actions == "report:expected " + std::string(row.stops) + "stop-leftovers leftover-grace=3000");
        CHECK(as_text(lifecycle.handle(event::TimerFired{Timer::ServerGrace, first})) == "kill-server:0");
    }
}

TEST_CASE("on another port a server is started when no process of it is left") {
    Config config = one_server();
    config.servers[0].port = auto_port;
    Lifecycle lifecycle = in_phase(config, Phase::Starting);
    (void)lifecycle.handle(event::ServerImpersonated{first});
    CHECK(as_text(lifecycle.handle(leaves_some(first, ExitStatus::signaled(Signal{9})))) == "report:expected");
    CHECK(as_text(lifecycle.handle(event::ServerExited{first, zero})).ends_with(start(0)));
}

// --- port = "auto" -----------------------------------------------------------------------------

TEST_CASE("a server that loses its port gets another one, three times") {
    Config config = one_server();
    config.servers[0].port = auto_port;
    Lifecycle lifecycle = in_phase(config, Phase::Starting);
    for (int i = 0; i < 3; ++i) {
        CHECK(as_text(lifecycle.handle(event::ServerExited{first, zero, event::ItsPort::Lost})) ==
              "report:expected stop:half-grace stop:server-grace change-port:0 " + start(0));
    }
    (void)lifecycle.handle(event::ServerExited{first, zero, event::ItsPort::Lost});
    CHECK(lifecycle.outcome().failure == Failure::ServerDied);
    CHECK(lifecycle.outcome().server_end == ServerEnd::BeforeReady);
}

TEST_CASE("a server in whose place another process answers is killed first, then started on another port") {
    Config config = one_server();
    config.servers[0].port = auto_port;
    Lifecycle lifecycle = in_phase(config, Phase::Starting);
    CHECK(as_text(lifecycle.handle(event::ServerImpersonated{first})) == "stop:ready-timeout kill-server:0:other-port");
    CHECK(as_text(lifecycle.handle(event::ServerImpersonated{first})) == "");
    CHECK(as_text(lifecycle.handle(event::ServerReady{first})) == "");
    CHECK(as_text(lifecycle.handle(event::ServerExited{first, ExitStatus::signaled(Signal{9})})).ends_with(start(0)));
    (void)lifecycle.handle(event::ServerReady{first});
    CHECK(lifecycle.phase() == Phase::Testing);
}

TEST_CASE("a port that the user chose is never changed") {
    Lifecycle lifecycle = in_phase(one_server(), Phase::Starting);
    (void)lifecycle.handle(event::ServerExited{first, zero, event::ItsPort::Lost});
    CHECK(lifecycle.outcome().failure == Failure::ServerDied);
}

TEST_CASE("ports are chosen for servers first, no number twice") {
    std::uint16_t next = 100;
    const auto choose = [&] { return Port{next++}; };
    Config config = with_servers({named("a", {}, Port{100}), named("b", {}, auto_port), named("c", {}, auto_port)});
    config.ports.guard = {auto_port, Port{100}, auto_port, auto_port, Port{103}};
    PortNumbers numbers(config);
    CHECK(numbers.of(1) == auto_port);
    CHECK(numbers.chosen().empty());
    CHECK(numbers.choose(choose));
    CHECK(numbers.of(0) == Port{100});
    CHECK(numbers.of(1) == Port{101});
    CHECK(numbers.of(2) == Port{102});
    CHECK(numbers.guarded() == std::vector{Port{101}, Port{100}, Port{102}, Port{104}, Port{103}});
    CHECK(numbers.chosen() == std::set{Port{101}, Port{102}, Port{104}});
    CHECK(numbers.change(1, choose) == Port{105});
    CHECK(numbers.of(1) == Port{105});
    CHECK(numbers.guarded().front() == Port{105});
    CHECK(numbers.chosen() == std::set{Port{102}, Port{104}, Port{105}});
}

TEST_CASE("without a free port a server keeps its number") {
    const auto none = [] { return auto_port; };
    Config config = with_servers({named("a", {}, auto_port)});
    config.ports.guard = {auto_port, auto_port};
    PortNumbers numbers(config);
    CHECK_FALSE(numbers.choose(none));
    CHECK(numbers.guarded() == config.ports.guard);
    CHECK(numbers.choose([next = std::uint16_t{7}]() mutable { return Port{next++}; }));
    CHECK(numbers.change(0, none) == auto_port);
    CHECK(numbers.of(0) == Port{7});
    CHECK(numbers.guarded() == std::vector{Port{7}, Port{8}});
}
