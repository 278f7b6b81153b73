// The numbers of the ports of a run, and whether they are free.
#include <doctest/doctest.h>

#include "run_parts.hpp"
#include "vlmshim/supervisor/run_ports.hpp"

using namespace vlmshim;
using namespace vlmshim::test;

namespace {

constexpr int chosen = 40'001;
constexpr int another = 40'002;

/// A server on 8080 and one with port = "auto".
struct Fixture : RunParts {
    Fixture() {
        config.servers.resize(2);
        config.servers[1].port = auto_port;
        config.ports.guard = {Port{8080}, auto_port};
        sockets.free_ports = {Port{chosen}, Port{another}};
        restart();
    }
    /// With the configuration as it is now.
    void restart() {
        ports.emplace(config, sockets, processes, recorder.ended(), log,
                      [this](Port port) { watched.push_back(port); });
    }

    std::vector<Port> watched;
    std::optional<RunPorts> ports;
    const ServerId fixed{0};
    const ServerId by_choice{1};
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a number for each \"auto\" is chosen when the others are found free") {
    CHECK(ports->of(by_choice) == auto_port);
    CHECK(ports->to_be_free() == std::vector{Port{8080}});
    CHECK(ports->look(LookTime::Before) == PortsState::Free);
    CHECK(ports->of(fixed) == Port{8080});
    CHECK(ports->of(by_choice) == Port{chosen});
    CHECK(ports->to_be_free() == std::vector{Port{8080}, Port{chosen}});
    CHECK(watched.empty());
}

TEST_CASE_FIXTURE(Fixture, "no number is chosen while a port is busy, since any process may take it in between") {
    processes.add(70, {.parent = FakeProcesses::init, .command = "nginx"});
    sockets.listen(8080, {70});
    CHECK(ports->look(LookTime::Before) == PortsState::Held);
    CHECK(ports->of(by_choice) == auto_port);
    CHECK(ports->why_busy().starts_with("port 8080 is busy: pid 70 (nginx), user lena listens on 0.0.0.0:8080; "));
}

TEST_CASE_FIXTURE(Fixture, "the look after the run chooses nothing") {
    CHECK(ports->look(LookTime::After) == PortsState::Free);
    CHECK(ports->of(by_choice) == auto_port);
}

TEST_CASE_FIXTURE(Fixture, "nothing is started when no port can be had") {
    sockets.free_ports.clear();
    CHECK(ports->look(LookTime::Before) == PortsState::Held);
    CHECK(ports->why_busy() == "no free port could be found (port = \"auto\")");
    CHECK(log.take().empty());  // the last line of the run says it
}

TEST_CASE_FIXTURE(Fixture, "a port that is used as it is is watched, and need not be free afterwards") {
    config.ports.busy = Busy::Reuse;
    restart();
    processes.add(70, {.parent = FakeProcesses::init, .command = "nginx"});
    sockets.listen(8080, {70});
    CHECK(ports->look(LookTime::Before) == PortsState::Free);
    CHECK(watched.empty());  // it may be lost already, and that would be reported before the look
    ports->watch_reused();
    CHECK(watched == std::vector{Port{8080}});
    CHECK(ports->is_reused(Port{8080}));
    CHECK_FALSE(ports->is_reused(Port{chosen}));
    CHECK(ports->to_be_free() == std::vector{Port{chosen}});
    CHECK(ports->look(LookTime::After) == PortsState::Free);
    CHECK(processes.take_sent().empty());
}

TEST_CASE_FIXTURE(Fixture, "a server whose number was taken gets another one, if there is one") {
    CHECK(ports->look(LookTime::Before) == PortsState::Free);
    CHECK(ports->change(by_choice) == Port{another});
    CHECK(ports->of(by_choice) == Port{another});
    CHECK(ports->to_be_free() == std::vector{Port{8080}, Port{another}});
    CHECK(ports->change(by_choice) == Port{another});  // there is none left
    CHECK(ports->of(by_choice) == Port{another});
}

TEST_CASE("whether another process took the number that was chosen") {
    enum class Holder { Nobody, Ours, OtherServer, Stranger, Unseen };
    struct Row {
        const char* what;
        ServerId server;
        Holder holder;
        os::Bind bind;
        bool lost;
    };
    const ServerId fixed{0};
    const ServerId by_choice{1};
    const Row rows[] = {
        {"no process has it: the server died of something else", by_choice, Holder::Nobody, os::Bind::Free, false},
        {"no listener, but a bind fails", by_choice, Holder::Nobody, os::Bind::Held, true},
        {"the server has gone into the background", by_choice, Holder::Ours, os::Bind::Held, false},
        {"another server of ours", by_choice, Holder::OtherServer, os::Bind::Held, true},
        {"a stranger", by_choice, Holder::Stranger, os::Bind::Held, true},
        {"a process that cannot be seen", by_choice, Holder::Unseen, os::Bind::Held, true},
        {"the number was not chosen by us", fixed, Holder::Stranger, os::Bind::Held, false},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        Fixture fixture;
        REQUIRE(fixture.ports->look(LookTime::Before) == PortsState::Free);
        FakeProcesses& processes = fixture.processes;
        processes.add(10);  // the other server
        processes.add(20);  // an orphan of this one
        processes.add(70, {.parent = FakeProcesses::init, .group = Pgid{70}});
        const Port port = fixture.ports->of(row.server).value();
        switch (row.holder) {
            case Holder::Nobody:
                break;
            case Holder::Ours:
                fixture.sockets.listen(port.number, {20});
                break;
            case Holder::OtherServer:
                fixture.sockets.listen(port.number, {10});
                break;
            case Holder::Stranger:
                fixture.sockets.listen(port.number, {70});
                break;
            case Holder::Unseen:
                fixture.sockets.listen(port.number, {});
                break;
        }
        fixture.sockets.binds[port] = row.bind;
        CHECK(fixture.ports->is_lost(row.server, [] { return std::vector{Pid{20}}; }) == row.lost);
    }
}

TEST_CASE_FIXTURE(Fixture, "a process that listens on a server's port is that server's") {
    REQUIRE(ports->look(LookTime::Before) == PortsState::Free);
    for (const int pid : {10, 20, 30}) {
        processes.add(pid);
    }
    sockets.listen(ports->of(ServerId{0})->number, {10});
    sockets.listen(ports->of(ServerId{1})->number, {20});
    CHECK(ports->servers_of({Pid{20}, Pid{30}}) == std::map{std::pair{Pid{20}, ServerId{1}}});
    CHECK(ports->servers_of({Pid{30}}).empty());
}

TEST_CASE_FIXTURE(Fixture, "a stranger that answers is named") {
    processes.add(70, {.parent = FakeProcesses::init, .command = "nginx"});
    sockets.listen(8080, {70});
    const ListenerOwner owner =
        ports->owner_of(Address::loopback(IpVersion::V4), Port{8080}, [] { return std::vector<Pid>{}; });
    CHECK(owner.kind == ListenerOwner::Kind::Foreign);
    CHECK(owner.description == "pid 70 (nginx), user lena on 0.0.0.0:8080");
}
