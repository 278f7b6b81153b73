// The port guard's messages about the holders of its ports.
#include <doctest/doctest.h>

#include "guarded_machine.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"

using namespace vlmshim;
using namespace vlmshim::test;

using Machine = GuardedMachine;
using State = PortsState;

TEST_CASE("a busy port is reported with its holder and the way out") {
    struct Row {
        Holder holder;
        const char* holder_text;
        const char* fail;
        const char* kill;  // nullptr: it is ended
    };
    const Row rows[]{
        {Holder::Foreign, "pid 30 (server), user lena", "; end it (kill 30), have it ended (--busy=kill), ", nullptr},
        {Holder::Spared, "pid 30 (sshd -D), user lena",
         ", and is never ended for it: [ports] spare names it; end it (kill 30), ",
         ", and is never ended for it: [ports] spare names it; end it (kill 30), "},
        {Holder::Ancestor, "pid 50 (bash), user lena",
         ", and is never ended for it: it is an ancestor of this command; ",
         ", and is never ended for it: it is an ancestor of this command; "},
        {Holder::Init, "pid 1 (init), user root", ", and is never ended for it: it is PID 1; ",
         ", and is never ended for it: it is PID 1; "},
        {Holder::OfLiveRun, "pid 30 (server), user lena",
         "; it belongs to the vlmshim run of pid 77, which is still alive; end that run (kill 77), ", nullptr},
        {Holder::OfUnknownRun, "pid 30 (server), user lena",
         "; it belongs to a vlmshim run, which may still be alive (that cannot be known from here); end it (kill 30), "
         "have it ended (--busy=kill), ",
         nullptr},
    };
    for (const Row& row : rows) {
        for (const Busy busy : {Busy::Fail, Busy::Kill}) {
            const char* const rest = busy == Busy::Fail ? row.fail : row.kill;
            if (rest == nullptr) {
                continue;
            }
            CAPTURE(&row - rows);
            Machine machine(guarding(busy));
            listen(machine, row.holder);
            while (machine.guard.look(LookTime::Before) == State::Settling) {
            }
            const std::string why = machine.guard.why_busy();
            CHECK(why.starts_with(std::string("port 8080 is busy: ") + row.holder_text + " listens on 0.0.0.0:8080" +
                                  rest));
            CHECK(why.ends_with("choose another port (--port)"));
            CHECK(machine.log.take().empty());  // the run's last line reports it
        }
    }
}

TEST_CASE("it is not suggested to end a server of the run that this command is part of") {
    Machine machine;
    machine.processes.at(50).parent = Pid{78};  // the shell above us is below that run's supervisor
    listen(machine, Holder::OfLiveRun);
    while (machine.guard.look(LookTime::Before) == State::Settling) {
    }
    CHECK(machine.guard.why_busy() ==
          "port 8080 is busy: pid 30 (server), user lena listens on 0.0.0.0:8080; it belongs to the vlmshim run of pid "
          "77, which this command is part of; use it as it is (--busy=reuse) or choose another port (--port)");
}

TEST_CASE("a process that was our child before we became vlmshim is of no run") {
    Machine machine;
    listen(machine, Holder::Foreign);
    machine.processes.at(30).parent = Pid{100};
    CHECK(machine.guard.look(LookTime::Before) == State::Held);
    CHECK(machine.guard.why_busy().starts_with(
        "port 8080 is busy: pid 30 (server), user lena listens on 0.0.0.0:8080; end it (kill 30), "));
}

TEST_CASE("a process of another user is for root to end") {
    for (const unsigned user : {1000U, 0U}) {
        Machine machine;
        listen(machine, Holder::Foreign);
        machine.processes.at(30).is_ours = false;
        machine.processes.at(100).uids = {user, user, user};
        CHECK(machine.guard.look(LookTime::Before) == State::Held);
        const std::string way = user == 0 ? "; end it (kill 30), have it ended (--busy=kill), "
                                          : "; end it as root (sudo vlmshim --free 8080), use it";
        CHECK(machine.guard.why_busy().find(way) != std::string::npos);
    }
}

TEST_CASE("a port that docker forwards is reported with the command that shows its container") {
    const char* const shows = "; stop what is behind it (docker ps --filter publish=8080 shows that), use it";
    for (const bool visible : {true, false}) {
        for (const Busy busy : {Busy::Fail, Busy::Kill}) {
            Config config = guarding(busy);
            config.ports.spare = {"docker-proxy"};
            Machine machine(config);
            machine.processes.add(31, {.parent = FakeProcesses::init,
                                       .command = "docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 8080",
                                       .user = "root"});
            machine.sockets.listen(port, visible ? std::vector<int>{31} : std::vector<int>{}, "0.0.0.0", 0);
            while (machine.guard.look(LookTime::Before) == State::Settling) {
            }
            CHECK(machine.guard.why_busy().find(shows) != std::string::npos);
        }
    }
    for (const char* const other :
         {"docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 80801",
          "docker-proxy -proto udp -host-ip 0.0.0.0 -host-port 8080", "nginx -host-port 8080"}) {
        Machine machine;
        machine.processes.add(31, {.parent = FakeProcesses::init, .command = other, .user = "root"});
        machine.sockets.listen(port, {}, "0.0.0.0", 0);
        machine.guard.look(LookTime::Before);
        CHECK(machine.guard.why_busy().find("docker ps") == std::string::npos);
    }
}

TEST_CASE("each holder is reported once, however many sockets it has") {
    Machine machine;
    machine.processes.add(31, {.parent = FakeProcesses::init, .command = "worker"});
    machine.sockets.listen(port, {30, 31}, "127.0.0.1");
    machine.sockets.listen(port, {30, 31}, "::1");
    CHECK(machine.guard.look(LookTime::Before) == State::Held);
    CHECK(machine.log.take() ==
          "error: port 8080 is busy: pid 31 (worker), user lena listens on 127.0.0.1:8080 and [::1]:8080");
    CHECK(machine.guard.why_busy() ==
          "port 8080 is busy: pid 30 (server), user lena listens on 127.0.0.1:8080 and [::1]:8080; end them (kill 30 "
          "31), have it ended (--busy=kill), use it as it is (--busy=reuse), or choose another port (--port)");
}

TEST_CASE("why a port is busy names one that stays, not one that can be ended") {
    Machine machine;
    machine.processes.add(31, {.parent = FakeProcesses::init, .run = dead_run});
    machine.sockets.listen(port, {31}, "127.0.0.1");
    CHECK(machine.guard.look(LookTime::Before) == State::Endable);
    CHECK(machine.guard.why_busy() == "a guarded port is busy");
    machine.sockets.listen(port, {30}, "::1");
    CHECK(machine.guard.look(LookTime::Before) == State::Held);
    CHECK(machine.guard.why_busy().starts_with(
        "port 8080 is busy: pid 30 (server), user lena listens on [::1]:8080; end it (kill 30), "));
}

TEST_CASE("a holder that cannot be seen is reported as that") {
    Machine machine;
    machine.sockets.listen(port, {});
    machine.guard.look(LookTime::Before);
    const std::string why = machine.guard.why_busy();
    CHECK(why.starts_with("port 8080 is busy: a process of user "));  // the socket's, by this machine's names
    CHECK(why.find(" that cannot be seen from here listens on 0.0.0.0:8080: ") != std::string::npos);
    CHECK(why.find("--busy=kill") == std::string::npos);
}

TEST_CASE("a table that cannot be read is no free port") {
    for (const LookTime when : {LookTime::Before, LookTime::After}) {
        Machine machine;
        machine.sockets.error = std::make_error_code(std::errc::too_many_files_open);
        machine.sockets.binds[Port{port}] = os::Bind::NotTried;
        CHECK(machine.guard.look(when) == State::Settling);
        CHECK(machine.guard.why_busy().find("cannot be looked up: Too many open files") != std::string::npos);
    }
}

namespace {

constexpr std::size_t very_many = 1000;

/// At as many addresses. pids: as FakeSockets has them.
void listen_everywhere(Machine& machine, const std::vector<int>& pids) {
    for (std::size_t i = 0; i < very_many; ++i) {
        machine.sockets.listen(port, pids, "127.1." + std::to_string(i / 250) + "." + std::to_string(i % 250));
    }
}

std::size_t count_in(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
        ++count;
    }
    return count;
}

}  // namespace

TEST_CASE("a holder of very many addresses is looked up once, and reported with a few of them") {
    for (const bool hidden : {false, true}) {
        Machine machine;
        listen_everywhere(machine, hidden ? std::vector<int>{} : std::vector<int>{30});
        int looks = 1;
        while (machine.guard.look(LookTime::Before) == State::Settling) {
            ++looks;
        }
        CHECK(machine.guard.look(LookTime::Before) == State::Held);
        CHECK(looks == (hidden ? most_settling_looks / looks_that_a_crowd_takes + 1 : 1));
        CHECK(machine.processes.commands_read == (hidden ? 0 : 2));
        const std::string logged = machine.log.take();
        CHECK(count_in(logged, "port 8080 is busy: ") == 0);
        CHECK(count_in(machine.guard.why_busy(), " and " + std::to_string(enough_refusals - 3) + " more") == 1);
        CHECK(count_in(logged, "and there are " + std::to_string(very_many - enough_refusals) +
                                   " more listening sockets on the guarded ports") == 2);
    }
}

TEST_CASE("a holder of very many addresses is ended once") {
    Machine machine(guarding(Busy::Kill));
    listen_everywhere(machine, {30});
    CHECK(machine.guard.look(LookTime::Before) == State::Endable);
    machine.guard.end_holders(sigterm);
    CHECK(machine.processes.take_sent() == "SIGTERM 30");
    CHECK(machine.processes.commands_read == 1);
    CHECK(machine.guard.look(LookTime::Before) == State::Free);
}

TEST_CASE("very many listeners on a reused port do not hide the holder of another one") {
    Config config = guarding(Busy::Reuse);
    config.ports.guard.push_back(Port{9090});
    Machine machine(config);
    listen_everywhere(machine, {});
    CHECK(machine.guard.look(LookTime::Before) == State::Free);
    machine.sockets.listen(9090, {30});
    CHECK(machine.guard.look(LookTime::After) == State::Endable);
}

TEST_CASE("where the table cannot be read the error names a port that is not reused") {
    Config config = guarding(Busy::Reuse);
    config.ports.guard.push_back(Port{9090});
    Machine machine(config);
    listen(machine, Holder::Foreign);
    CHECK(machine.guard.look(LookTime::Before) == State::Free);
    machine.sockets.error = std::make_error_code(std::errc::too_many_files_open);
    machine.sockets.binds[Port{9090}] = os::Bind::NotTried;
    CHECK(machine.guard.look(LookTime::After) == State::Settling);
    CHECK(machine.guard.why_busy().starts_with("port 9090 "));
}

TEST_CASE("each holder is announced once, with the reason") {
    struct Row {
        Holder holder;
        const char* reason;
    };
    for (const Row& row : {Row{Holder::Foreign, "which is not of this run"},
                           Row{Holder::OfDeadRun, "left over from a vlmshim run that died"},
                           Row{Holder::OfLiveRun, "which belongs to the vlmshim run of pid 77: that run will fail"},
                           Row{Holder::OfUnknownRun,
                               "which belongs to a vlmshim run, which may still be alive (that "
                               "cannot be known from here)"}}) {
        Machine machine(guarding(Busy::Kill));
        machine.processes.at(30).on_signal = OnSignal::Ignores;
        listen(machine, row.holder);
        machine.sockets.listen(port, {30}, "::");
        machine.guard.look(LookTime::Before);
        machine.guard.end_holders(sigterm);
        machine.guard.look(LookTime::Before);
        machine.guard.end_holders(sigkill);
        CHECK(machine.log.take() ==
              std::string("warning: port 8080: ending pid 30 (server), user lena, ") + row.reason);
    }
}

TEST_CASE("what ends after the run, although this run has started it through another program, is of no other run") {
    Machine machine;
    listen(machine, Holder::OfOwnRun);
    machine.guard.look(LookTime::After);
    machine.guard.end_holders(sigterm);
    CHECK(machine.log.take() == "warning: port 8080: ending pid 30 (server), user lena, which is not of this run");
}

TEST_CASE("the holder of a port after the run is logged") {
    Machine machine;
    listen(machine, Holder::Spared);
    machine.guard.look(LookTime::After);
    CHECK(machine.log.take().empty());
    machine.guard.report_holders();
    CHECK(machine.log.take() == "error: port 8080 is not free: pid 30 (sshd -D), user lena listens on 0.0.0.0:8080");
}
