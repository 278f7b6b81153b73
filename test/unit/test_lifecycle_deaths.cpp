// A server's death and a signal that ends the run shortly after it. A sender that signals one process after the other
// (Slurm, systemd, kill -TERM -1 in a container) may reach a server before us, and some servers end at once.
#include <doctest/doctest.h>

#include "lifecycle_script.hpp"

using namespace vlmshim;
using namespace vlmshim::test;

namespace {

const ServerId first{0};
const ServerId second{1};
constexpr Signal quit{3};
constexpr Signal abort_signal{6};
constexpr Signal kill_signal{9};
constexpr Signal segv{11};
const ExitStatus zero = ExitStatus::exited(0);
const ExitStatus three = ExitStatus::exited(3);
const ExitStatus own_failure = ExitStatus::exited(125);
const ExitStatus of_term = ExitStatus::signaled(term);
const event::TimerFired window_over{Timer::SameRequest};

struct Row {
    std::string what;
    Phase phase;  // in which the events begin
    std::vector<Event> events;
    ExitStatus status;
    Failure failure;
    std::optional<Signal> ended_by;
};

Config two_servers() {
    Config config = one_server();
    config.servers.push_back(config.servers[0]);
    return config;
}

Lifecycle after(const Config& config, Phase phase, const std::vector<Event>& events) {
    Lifecycle lifecycle = in_phase(config, phase);
    for (const Event& event : events) {
        (void)lifecycle.handle(event);
    }
    return lifecycle;
}

Outcome end_of(Lifecycle lifecycle) {
    (void)lifecycle.handle(event::TreeEmpty{});
    (void)lifecycle.handle(event::PortsLooked{PortsState::Free});
    REQUIRE(lifecycle.phase() == Phase::Done);
    return lifecycle.outcome();
}

void check(const std::vector<Row>& rows, const Config& config = two_servers()) {
    for (const Row& row : rows) {
        CAPTURE(row.what);
        const Outcome outcome = end_of(after(config, row.phase, row.events));
        CHECK(outcome.status == row.status);
        CHECK(outcome.failure == row.failure);
        CHECK(outcome.ended_by == row.ended_by);
        CHECK(outcome.server.has_value() == (row.failure == Failure::ServerDied));
        CHECK((outcome.server_end == ServerEnd::Expected) == (row.failure != Failure::ServerDied));
    }
}

}  // namespace

TEST_CASE("a death under the test belongs to the request that follows it within half a second") {
    using namespace event;
    const auto P = Phase::Testing;
    const ServerExited ends{first, zero};
    check({
        {"the test ends in its way", P, {ends, sent(term), TestExited{three}}, three, Failure::None, term},
        {"the test passes", P, {ends, sent(term), TestExited{zero}}, zero, Failure::None, term},
        {"the test dies of it", P, {ends, sent(term), TestExited{of_term}}, of_term, Failure::None, term},
        {"^C", P, {ends, typed(interrupt), TestExited{three}}, three, Failure::None, interrupt},
        {"the time is over while the test has its grace",
         P,
         {ends, sent(term), window_over, TestExited{three}},
         three,
         Failure::None,
         term},
        {"both servers have ended",
         P,
         {ends, ServerExited{second, zero}, sent(term), TestExited{three}},
         three,
         Failure::None,
         term},
        {"the test cannot be ended", P, {ends, sent(term), EndDemanded{}}, own_failure, Failure::None, term},

        {"no request", P, {ends, TestExited{three}}, own_failure, Failure::ServerDied, {}},
        {"the request is another matter",
         P,
         {ends, window_over, sent(term), TestExited{three}},
         own_failure,
         Failure::ServerDied,
         term},
        {"USR1 is no request", P, {ends, sent(usr1), TestExited{three}}, own_failure, Failure::ServerDied, {}},
        {"a request that was repeated and never made",
         P,
         {ends, RequestRepeated{term, Reach::All}, TestExited{three}},
         own_failure,
         Failure::ServerDied,
         {}},
    });
}

TEST_CASE("a request that is heard of after the test's end still explains the death") {
    using namespace event;
    const auto P = Phase::Testing;
    const ServerExited ends{first, of_term};
    check({
        {"the test died of it, or of our own SIGTERM",
         P,
         {ends, TestExited{of_term}, sent(term)},
         of_term,
         Failure::None,
         term},
        {"even while the ports are looked at",
         P,
         {ends, TestExited{of_term}, TreeEmpty{}, sent(term)},
         of_term,
         Failure::None,
         term},
        {"too late", P, {ends, TestExited{of_term}, window_over, sent(term)}, own_failure, Failure::ServerDied, {}},
        {"the test failed by itself: its server was gone",
         P,
         {ends, TestExited{three}, sent(term)},
         own_failure,
         Failure::ServerDied,
         {}},
        {"a test that crashed was not asked to end",
         P,
         {ends, TestExited{ExitStatus::signaled(segv)}, sent(term)},
         own_failure,
         Failure::ServerDied,
         {}},
        {"the test was reached first", P, {TestExited{of_term}, ends, sent(term)}, of_term, Failure::None, {}},
    });
    // As a shell or a handler in Python says that the signal has ended it.
    for (const Signal signal : {hup, interrupt, quit, term}) {
        CAPTURE(signal_name(signal));
        const ExitStatus as_in_shell = ExitStatus::exited(128 + signal.number);
        check({{"it was ended by it",
                P,
                {ends, TestExited{as_in_shell}, sent(signal)},
                as_in_shell,
                Failure::None,
                signal}});
    }
    for (const int code : {0, 1, 128, 137}) {
        CAPTURE(code);
        check({{"it ended by itself",
                P,
                {ends, TestExited{ExitStatus::exited(code)}, sent(term)},
                own_failure,
                Failure::ServerDied,
                {}}});
    }
}

TEST_CASE("a request that comes from inside the run does not explain the death") {
    using namespace event;
    const ServerExited ends{first, of_term};
    const EndRequested by_test{term, term, Reach::OnlyUs, Pid{70}, From::Run};
    check({
        {"under the test", Phase::Testing, {ends, by_test, TestExited{three}}, own_failure, Failure::ServerDied, term},
        {"after its end", Phase::Testing, {ends, TestExited{of_term}, by_test}, own_failure, Failure::ServerDied, {}},
        {"by a server while others load",
         Phase::Starting,
         {ServerReady{first}, ends, by_test},
         own_failure,
         Failure::ServerDied,
         {}},
        {"a request without a death is one, whoever sent it",
         Phase::Testing,
         {by_test, ends, TestExited{three}},
         three,
         Failure::None,
         term},
    });
}

TEST_CASE("where a request comes from is asked for only when it would explain a death") {
    using namespace event;
    const auto asks = [](const std::vector<Event>& events) {
        return after(two_servers(), Phase::Testing, events).awaits_cause();
    };
    const ServerExited ends{first, of_term};
    CHECK(asks({ends}));
    CHECK(asks({ends, TestExited{of_term}}));
    CHECK_FALSE(asks({}));
    CHECK_FALSE(asks({ends, window_over}));
    CHECK_FALSE(asks({ends, TestExited{three}}));
    CHECK_FALSE(asks({ends, sent(term)}));
    CHECK_FALSE(asks({ServerExited{first, three}}));
}

TEST_CASE("only a death that such a request can have caused belongs to it") {
    using namespace event;
    struct End {
        ExitStatus status;
        bool may_be;
    };
    const End ends[]{
        {zero, true},
        {of_term, true},
        {ExitStatus::signaled(interrupt), true},
        {ExitStatus::signaled(hup), true},
        {ExitStatus::signaled(quit), true},
        // As a shell says it.
        {ExitStatus::exited(129), true},
        {ExitStatus::exited(130), true},
        {ExitStatus::exited(131), true},
        {ExitStatus::exited(143), true},
        // A failure: a traceback of Python, a fatal error.
        {ExitStatus::exited(1), false},
        {three, false},
        {ExitStatus::exited(128), false},
        {ExitStatus::exited(137), false},
        {ExitStatus::exited(139), false},
        // After the OOM killer systemd ends the rest of the unit by SIGTERM at once (OOMPolicy=stop).
        {ExitStatus::signaled(kill_signal), false},
        {ExitStatus::signaled(segv), false},
        {ExitStatus::signaled(abort_signal), false},
    };
    for (const auto& end : ends) {
        const ExitStatus status = end.status;
        const bool may_be = end.may_be;  // clang 14 captures no structured binding
        CAPTURE(describe(status));
        const ServerExited exits{first, status};
        const Failure none = may_be ? Failure::None : Failure::ServerDied;
        const auto wanted = [&](ExitStatus of_request) { return may_be ? of_request : own_failure; };
        check({
            {"while it loads",
             Phase::Starting,
             {exits, sent(term)},
             wanted(of_term),
             may_be ? Failure::Interrupted : Failure::ServerDied,
             may_be ? std::optional(term) : std::nullopt},
            {"under a test that fails",
             Phase::Testing,
             {exits, sent(term), TestExited{three}},
             wanted(three),
             none,
             term},
            {"under a test that passes",
             Phase::Testing,
             {exits, sent(term), TestExited{zero}},
             wanted(zero),
             none,
             term},
            {"while serving",
             Phase::Serving,
             {exits, sent(term)},
             wanted(zero),
             none,
             may_be ? std::optional(term) : std::nullopt},
        });
    }
    // The first death is the one that counts.
    const Outcome crashed = end_of(after(two_servers(), Phase::Testing,
                                         {event::ServerExited{first, ExitStatus::signaled(segv)},
                                          event::ServerExited{second, zero}, sent(term), event::TestExited{three}}));
    CHECK(crashed.failure == Failure::ServerDied);
    CHECK(crashed.server == first);
}

TEST_CASE("before and without a test the request means what it means without a death") {
    using namespace event;
    const ServerExited ends{first, of_term};
    const auto starting = Phase::Starting;
    check({
        {"while it loads", starting, {ends, sent(term)}, of_term, Failure::Interrupted, term},
        {"while others load",
         starting,
         {ServerReady{first}, ends, sent(hup)},
         ExitStatus::signaled(hup),
         Failure::Interrupted,
         hup},
        {"no request", starting, {ends}, own_failure, Failure::ServerDied, {}},
        {"too late", starting, {ends, window_over, sent(term)}, own_failure, Failure::ServerDied, {}},
        {"a crash",
         starting,
         {ServerExited{first, ExitStatus::signaled(segv)}, sent(term)},
         own_failure,
         Failure::ServerDied,
         {}},
        {"while serving", Phase::Serving, {ends, sent(term)}, zero, Failure::None, term},
        {"a hang-up while serving", Phase::Serving, {ends, sent(hup)}, ExitStatus::signaled(hup), Failure::None, hup},
        {"no request while serving", Phase::Serving, {ends}, own_failure, Failure::ServerDied, {}},
        {"too late while serving",
         Phase::Serving,
         {ends, window_over, sent(term)},
         own_failure,
         Failure::ServerDied,
         {}},
    });
}

TEST_CASE("what else fails is not forgiven with the death") {
    using namespace event;
    Config config = two_servers();
    config.test.leftovers = Leftovers::Fail;
    const ServerExited ends{first, zero};
    check({{"leftovers",
            Phase::Testing,
            {ends, sent(term), TestExited{zero}, LeftoversFound{}},
            own_failure,
            Failure::Leftovers,
            term},
           {"leftovers, and then the request",
            Phase::Testing,
            {ends, TestExited{of_term}, LeftoversFound{}, sent(term)},
            of_term,
            Failure::Leftovers,
            term},
           {"the keeper was killed",
            Phase::Testing,
            {ends, KeeperLost{}, sent(term)},
            own_failure,
            Failure::KeeperLost,
            term}},
          config);
}

TEST_CASE("a server that may exit is no death") {
    Config config = one_server();
    config.servers[0].on_exit = OnExit::Ignore;
    Lifecycle lifecycle = in_phase(config, Phase::Testing);
    CHECK(as_text(lifecycle.handle(event::ServerExited{first, zero})) ==
          "report:ignored stop:half-grace stop:server-grace");
    CHECK(lifecycle.phase() == Phase::Testing);
    (void)lifecycle.handle(sent(term));
    (void)lifecycle.handle(event::TestExited{three});
    CHECK(end_of(lifecycle).failure == Failure::None);
}

TEST_CASE("the test gets each signal of a request once, also when it got SIGTERM for the death") {
    const auto at_request = [](const Event& request, Forward forward, bool in_time) {
        Config config = one_server();
        config.signals.forward = forward;
        Lifecycle lifecycle = after(config, Phase::Testing, {event::ServerExited{first, zero}});
        if (!in_time) {
            (void)lifecycle.handle(window_over);
        }
        return as_text(lifecycle.handle(request));
    };
    CHECK(at_request(sent(term), Forward::Test, true) == "");
    CHECK(at_request(sent(interrupt), Forward::Test, true) == "signal-test:SIGINT+wake");
    CHECK(at_request(sent(term), Forward::Test, false) == "signal-test:SIGTERM+wake");
    // The rest of the group has not got it.
    CHECK(at_request(sent(term), Forward::Group, true) == "signal-group:SIGTERM");
}
