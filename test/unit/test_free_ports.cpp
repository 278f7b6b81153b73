// `vlmshim --free`: which processes are ended for a port, which stay, and why.
#include <doctest/doctest.h>

#include "fake_log.hpp"
#include "fake_processes.hpp"
#include "fake_sockets.hpp"
#include "vlmshim/cleanup/free_ports.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"

using namespace vlmshim;
using namespace vlmshim::test;

namespace {

using RunState = RunOfProcess::State;

const RunOfProcess dead_run{RunState::Dead, "dead-run"};
const RunOfProcess live_run{RunState::Alive, "live-run"};
const RunOfProcess unknown_run{RunState::Unknown, "unknown-run"};
constexpr int port = 8080;

struct Machine {
    FakeProcesses processes;
    FakeSockets sockets{processes};
    FakeLog log{LogLevel::Info};
    Config config;
    Millis now{};

    Machine() {
        config.ports.guard = {Port{port}};
        processes.add(77, {.parent = FakeProcesses::init, .command = "vlmshim"});
        processes.add(78, {.parent = Pid{77}, .command = "vlm-supervisor"});
        processes.on_wait = [this](Millis limit) { now += limit; };
    }
    void add(int pid, FakeProcess process = {}) {
        process.parent = process.run.state == RunState::Alive ? Pid{78} : FakeProcesses::init;
        process.command = "server";
        processes.add(pid, std::move(process));
    }
    /// 30, which listens.
    void add_holder(FakeProcess process = {}) {
        add(30, std::move(process));
        sockets.listen(port, {30});
    }
    /// When it ends, its successor is started and listens, `times` times.
    void start_again(int pid, int times) {
        add(pid, {.then = [this, pid, times](Signal signal) {
                if (signal != sigcont && times > 0) {
                    start_again(pid + 1, times - 1);
                }
            }});
        sockets.listen(port, {pid});
    }
    FreeResult free(PortNamed named = PortNamed::Yes) {
        return FreePorts(config, named, sockets, processes, log, [this] { return now; }).run();
    }
};

}  // namespace

TEST_CASE("--free ends the listener, and logs that the port is free") {
    Machine machine;
    machine.add_holder();
    const FreeResult result = machine.free();
    CHECK(result.complete());
    CHECK(machine.processes.take_sent() == "SIGTERM 30");
    REQUIRE(result.ended.size() == 1);
    CHECK(result.ended[0].how == EndedHow::Terminated);
    CHECK(machine.log.take() ==
          "info: port 8080: ending pid 30 (server), user lena\n"
          "info: 1 process ended in 0 ms, port 8080 is free");
}

TEST_CASE("a holder of several sockets is logged once") {
    Machine machine;
    machine.add_holder();
    machine.sockets.listen(port, {30}, "::");
    CHECK(machine.free().complete());
    CHECK(machine.log.take() ==
          "info: port 8080: ending pid 30 (server), user lena\n"
          "info: 1 process ended in 0 ms, port 8080 is free");
}

TEST_CASE("--free has nothing to do without a listener") {
    Machine machine;
    machine.add(31, {.run = live_run});
    CHECK(machine.free(PortNamed::No).complete());
    CHECK(machine.processes.take_sent().empty());
    CHECK(machine.log.take() == "info: port 8080 is free");
    machine.sockets.binds[Port{port}] = os::Bind::Held;
    machine.free();
    CHECK(machine.log.take().find("no process listens, but connections still use its number") != std::string::npos);
}

// "port 80 is free", where the kernel's list could not be read and no bind was possible.
TEST_CASE("--free does not call a port free that could not be looked at") {
    Machine machine;
    machine.sockets.source = os::ListenerSource::TrialBind;
    machine.sockets.error = std::make_error_code(std::errc::too_many_files_open);
    CHECK(!machine.free().complete());
    CHECK(machine.log.take().find("port 8080 is not free: ") != std::string::npos);
}

TEST_CASE("--free says nothing of a port = \"auto\", which has no number before a run") {
    Machine machine;
    machine.config.ports.guard = {auto_port, Port{port}, auto_port};
    CHECK(machine.free().ports == std::vector{Port{port}});
    CHECK(machine.log.take() == "info: port 8080 is free");
}

TEST_CASE("--free kills a holder that is still there after the grace") {
    Machine machine;
    machine.config.shutdown_grace = Millis{700};
    machine.add_holder({.on_signal = OnSignal::Ignores});
    CHECK(machine.free().complete());
    CHECK(machine.processes.take_sent() == "SIGTERM 30, SIGCONT 30, SIGKILL 30");
    CHECK(machine.now == Millis{700});
    CHECK(machine.log.take().find("warning: pid 30 is still there after 700 ms: killed") != std::string::npos);
}

TEST_CASE("a process that may not be ended for a port stays, with the reason") {
    struct Row {
        int pid;
        RunOfProcess run;
        std::vector<std::string> spare;
        PortNamed named;
        const char* because;  // nullptr: it is ended
    };
    const char* const of_live_run =
        "it belongs to the vlmshim run of pid 77, which is still alive; end that run (kill 77), or name the port: "
        "vlmshim --free 8080";
    const char* const of_unknown_run =
        "it belongs to a vlmshim run, which may still be alive (that cannot be known from here); end that run, or name "
        "the port: vlmshim --free 8080";
    const Row rows[]{
        {30, {}, {}, PortNamed::No, nullptr},
        {30, {}, {"other"}, PortNamed::No, nullptr},
        {30, {}, {"server"}, PortNamed::Yes, "[ports] spare names it"},
        {30, dead_run, {}, PortNamed::No, nullptr},
        {30, live_run, {}, PortNamed::No, of_live_run},
        {30, live_run, {}, PortNamed::Yes, nullptr},
        {30, unknown_run, {}, PortNamed::No, of_unknown_run},
        {30, unknown_run, {}, PortNamed::Yes, nullptr},
        {30, live_run, {"server"}, PortNamed::Yes, "[ports] spare names it"},
        {50, {}, {}, PortNamed::Yes, "it is an ancestor of this command"},
        {50, dead_run, {}, PortNamed::Yes, "it is an ancestor of this command"},
        {1, {}, {}, PortNamed::Yes, "it is PID 1"},
    };
    for (const Row& row : rows) {
        CAPTURE(&row - rows);
        Machine machine;
        machine.config.ports.spare = row.spare;
        machine.add(30, {.run = row.run});
        machine.processes.at(row.pid).run = row.run;
        machine.sockets.listen(port, {row.pid});
        const FreeResult result = machine.free(row.named);
        CHECK(machine.processes.take_sent() == (row.because == nullptr ? "SIGTERM 30" : ""));
        REQUIRE(result.stays.size() == (row.because == nullptr ? 0 : 1));
        CHECK(result.complete() == (row.because == nullptr));
        if (row.because != nullptr) {
            CHECK(result.stays[0].because == row.because);
            CHECK(machine.log.take() == "error: port 8080 is not free: " + machine.processes.describe(Pid{row.pid}) +
                                            " listens on 0.0.0.0:8080: " + row.because);
        }
    }
}

TEST_CASE("ending the server of a live run warns of the consequence") {
    Machine machine;
    machine.add_holder({.run = live_run});
    machine.free(PortNamed::Yes);
    CHECK(
        machine.log.take().starts_with("warning: port 8080: ending pid 30 (server), user lena, which belongs to the "
                                       "vlmshim run of pid 77: that run will fail"));
}

TEST_CASE("--free without a port ends all leftovers of dead runs, but not our ancestors") {
    for (const PortNamed named : {PortNamed::No, PortNamed::Yes}) {
        Machine machine;
        machine.add(31, {.run = dead_run});
        machine.add(32, {.run = live_run});
        machine.processes.at(50).run = dead_run;
        machine.processes.at(1).run = dead_run;
        machine.processes.at(100).run = dead_run;
        CHECK(machine.free(named).complete());
        CHECK(machine.processes.take_sent() == (named == PortNamed::No ? "SIGTERM 31" : ""));
    }
    Machine machine;
    machine.processes.at(1).run = dead_run;
    machine.processes.at(100).parent = Pid{0};  // as `docker exec` starts it: pid 1 is no ancestor then
    CHECK(machine.free(PortNamed::No).complete());
    CHECK(machine.log.take() == "info: port 8080 is free");
}

TEST_CASE("with the holder of a dead run the rest of that run is ended") {
    Machine machine;
    machine.add_holder({.run = dead_run});
    machine.add(31, {.run = dead_run});
    CHECK(machine.free(PortNamed::Yes).complete());
    CHECK(machine.processes.take_sent() == "SIGTERM 30, SIGTERM 31");
    CHECK(
        machine.log.take().starts_with("info: port 8080: ending pid 30 (server), user lena, left over from a vlmshim"));
}

TEST_CASE("--free gives up on a holder that cannot be killed") {
    struct Row {
        OnSignal on_signal;
        ProcessState state;
        Millis takes;
    };
    const Millis grace{3'000};
    const Row rows[]{
        {OnSignal::Refuses, ProcessState::Running, grace + kill_give_up},
        {OnSignal::Defies, ProcessState::Uninterruptible, grace + kill_give_up},
        {OnSignal::Defies, ProcessState::Running, grace + kill_give_up * (most_waits_for_dying + 1)},
    };
    for (const Row& row : rows) {
        Machine machine;
        machine.add_holder({.on_signal = row.on_signal, .state = row.state});
        const FreeResult result = machine.free();
        CHECK_FALSE(result.complete());
        CHECK(machine.now == row.takes);  // and no second round: that is hopeless
        REQUIRE(result.ended.size() == 1);
        CHECK(result.ended[0].how == EndedHow::Survived);
        const std::string said = machine.log.take();
        CHECK(said.find("error: pid 30 (server) cannot be ended") != std::string::npos);
        CHECK(said.find("it did not end, or was started again") != std::string::npos);
    }
}

TEST_CASE("--free starts the time limit again when a holder has ended") {
    Machine machine;
    machine.add_holder({.on_signal = OnSignal::Refuses});
    machine.add(31, {.on_signal = OnSignal::Defies});
    machine.sockets.listen(port, {31});
    const Millis late = machine.config.shutdown_grace + kill_give_up - kill_round_pause;
    machine.processes.on_wait = [&](Millis limit) {
        machine.now += limit;
        if (machine.now == late) {
            machine.processes.end(31);
        }
    };
    CHECK_FALSE(machine.free().complete());
    CHECK(machine.now == late + kill_give_up);
}

TEST_CASE("a service that is started again is ended twice, but not a third time") {
    for (const int times : {1, 5}) {
        Machine machine;
        machine.start_again(30, times);
        const FreeResult result = machine.free();
        CHECK(machine.processes.take_sent() == "SIGTERM 30, SIGTERM 31");
        CHECK(result.complete() == (times == 1));
        if (times == 5) {
            CHECK(result.stays.at(0).because == "it did not end, or was started again");
            CHECK(machine.processes.has(32));
        }
    }
}

TEST_CASE("a listener without a visible owner is looked at some times more before it stays") {
    Machine machine;
    const std::uint64_t inode = machine.sockets.listen(port, {});
    CHECK_FALSE(machine.free().complete());
    CHECK(machine.processes.waited == most_settling_looks);
    CHECK(machine.log.take().find("owner not visible because") != std::string::npos);

    machine.processes.waits = {[] {}, [&] { machine.sockets.close(inode); }};  // of a process that was just ending
    machine.processes.waited = 0;
    CHECK(machine.free().complete());
    CHECK(machine.processes.waited == 2);
}
