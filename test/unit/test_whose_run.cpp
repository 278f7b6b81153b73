// Which run a process belongs to: by its environment, by its group, by its ancestors.
#include <doctest/doctest.h>

#include <string>

#include "fake_processes.hpp"
#include "vlmshim/cleanup/whose_run.hpp"

using namespace vlmshim;
using namespace vlmshim::test;

namespace {

using State = RunOfProcess::State;

constexpr int supervisor = 300;  // dead; it led the group
const RunOfProcess dead{State::Dead, "dead-run", Pid{}, Pgid{supervisor}};
const RunOfProcess alive{State::Alive, "live-run"};
const RunOfProcess unknown{State::Unknown, ""};

/// A server whose environment was wiped, in the group of a dead run, and one beside it that still carries its mark.
struct WipedServer {
    FakeProcesses processes;

    WipedServer() {
        processes.add(30, {.parent = FakeProcesses::init, .group = Pgid{supervisor}});
        processes.add(31, {.parent = FakeProcesses::init, .group = Pgid{supervisor}, .run = dead});
    }
    bool is_known() const {
        const bool held = run_of(processes, Pid{30}).state == State::Dead;
        bool left = false;
        for (const DeadRunsProcess& one : left_by_dead_runs(processes)) {
            left = left || one.process.pid == Pid{30};
        }
        CHECK(left == held);
        return held;
    }
};

}  // namespace

TEST_CASE("a wiped environment: the group shows whose it is") {
    WipedServer it;
    CHECK(it.is_known());
    CHECK(run_of(it.processes, Pid{30}).id == "dead-run");
    it.processes.add(supervisor, {.parent = FakeProcesses::init, .state = ProcessState::Zombie});
    CHECK(it.is_known());  // not reaped yet
}

TEST_CASE("a wiped environment: what does not show whose it is") {
    SUBCASE("no process in the group carries a mark") {
        WipedServer it;
        it.processes.at(31).run = {};
        CHECK_FALSE(it.is_known());
    }
    SUBCASE("the one with the mark is in another group") {
        WipedServer it;
        it.processes.at(31).group = Pgid{31};
        CHECK_FALSE(it.is_known());
    }
    SUBCASE("the mark is of a run that led another group") {
        WipedServer it;
        it.processes.at(31).run.group = Pgid{299};
        CHECK_FALSE(it.is_known());
    }
    SUBCASE("the mark's numbers are of another PID namespace") {
        WipedServer it;
        it.processes.at(31).run.group = Pgid{};
        CHECK_FALSE(it.is_known());
    }
    SUBCASE("a live process has the group's number") {
        WipedServer it;
        it.processes.add(supervisor, {.parent = FakeProcesses::init});
        CHECK_FALSE(it.is_known());
    }
    SUBCASE("the run lives, or that is not known") {
        for (const State state : {State::Alive, State::Unknown}) {
            WipedServer it;
            it.processes.at(31).run.state = state;
            CHECK_FALSE(it.is_known());
        }
    }
    SUBCASE("it is another user's") {
        WipedServer it;
        it.processes.at(30).is_ours = false;
        CHECK_FALSE(it.is_known());
    }
    SUBCASE("it carries another mark") {
        WipedServer it;
        it.processes.at(30).run = unknown;
        CHECK_FALSE(it.is_known());
    }
}

TEST_CASE("our ancestors and PID 1 are no leftovers, whatever mark they carry") {
    WipedServer it;
    it.processes.at(50).run = dead;
    it.processes.at(1).run = dead;
    it.processes.at(100).group = Pgid{supervisor};
    for (const DeadRunsProcess& one : left_by_dead_runs(it.processes)) {
        CHECK((one.process.pid == Pid{30} || one.process.pid == Pid{31}));
    }
}

TEST_CASE("the keeper of a live run is found among the ancestors, never in an environment") {
    struct Row {
        const char* parent;
        const char* grandparent;
        const char* above;
        Pid keeper;
    };
    const Row rows[]{
        {"server", "vlm-supervisor", "vlmshim", Pid{21}},
        {"vlm-supervisor", "vlmshim", "bash", Pid{22}},
        {"vlm-supervisor", "vlmshim", "vlm-supervisor", Pid{22}},  // nested: the nearest one
        {"vlm-supervisor", "bash", "vlmshim", Pid{23}},            // its keeper was killed
        {"vlm-supervisor", "vlm-supervisor", "vlmshim", Pid{23}},  // and an outer run has it now
        {"vlmshim", "bash", "bash", Pid{23}},                      // its supervisor was killed; or PID 1
        {"server", "bash", "bash", Pid{}},
        {"vlmshim2", "not-vlmshim", "vlm-supervisors", Pid{}},
    };
    for (const Row& row : rows) {
        CAPTURE(&row - rows);
        for (const RunOfProcess& claim : {RunOfProcess{State::Alive, "live-run", Pid{66}}, unknown, RunOfProcess{}}) {
            FakeProcesses processes;
            processes.add(21, {.parent = FakeProcesses::init, .command = row.above});
            processes.add(22, {.parent = Pid{21}, .command = row.grandparent});
            processes.add(23, {.parent = Pid{22}, .command = row.parent});
            processes.add(30, {.parent = Pid{23}, .group = Pgid{30}, .run = claim});
            const RunOfProcess run = run_of(processes, Pid{30});
            CHECK(run.keeper == row.keeper);
            CHECK(run.state == (row.keeper.value != 0 ? State::Alive : claim.state));
        }
    }
}

TEST_CASE("inside a namespace of the run its init is all that can be seen of it") {
    FakeProcesses processes;
    processes.add(1, {.parent = Pid{0}, .command = "vlm-init"});
    processes.add(30, {.parent = FakeProcesses::init, .group = Pgid{30}});
    CHECK(run_of(processes, Pid{30}).state == State::Alive);
    CHECK(run_of(processes, Pid{30}).keeper == Pid{});
    processes.at(1).is_ours = false;
    CHECK(run_of(processes, Pid{30}).state == State::None);
}

TEST_CASE("another user's process with the name of a keeper is none") {
    FakeProcesses processes;
    FakeProcess& parent = processes.add(22, {.parent = FakeProcesses::init, .command = "vlm-supervisor"});
    processes.add(30, {.parent = Pid{22}, .run = alive});
    CHECK(run_of(processes, Pid{30}).keeper == Pid{22});
    parent.is_ours = false;
    CHECK(run_of(processes, Pid{30}).keeper == Pid{});
    CHECK(run_of(processes, Pid{30}).state == State::Alive);
}

TEST_CASE("what a dead run has left below a live one is left over all the same") {
    FakeProcesses processes;  // nested: the outer supervisor is its parent now
    processes.add(22, {.parent = FakeProcesses::init, .command = "vlm-supervisor"});
    processes.add(30, {.parent = Pid{22}, .run = dead});
    CHECK(run_of(processes, Pid{30}).state == State::Dead);
}

// --free inside `unshare -p`: the supervisor cannot be seen from there, and the server has wiped its environment.
TEST_CASE("a process without a mark is of the run of its ancestors, if that may live") {
    struct Row {
        RunOfProcess parent;
        RunOfProcess grandparent;
        State state;
        const char* id;
    };
    const RunOfProcess none;
    const Row rows[]{
        {none, none, State::None, ""},           {alive, none, State::Alive, "live-run"},
        {none, alive, State::Alive, "live-run"}, {unknown, alive, State::Unknown, ""},
        {dead, none, State::None, ""},  // only its own mark and its group show that
        {dead, alive, State::Alive, "live-run"},
    };
    for (const Row& row : rows) {
        CAPTURE(&row - rows);
        FakeProcesses processes;
        processes.add(22, {.parent = FakeProcesses::init, .run = row.grandparent});
        processes.add(23, {.parent = Pid{22}, .run = row.parent});
        processes.add(30, {.parent = Pid{23}, .group = Pgid{30}});
        CHECK(run_of(processes, Pid{30}).state == row.state);
        CHECK(run_of(processes, Pid{30}).id == row.id);
        processes.at(30).run = {State::Unknown, "its-own"};  // says something itself
        CHECK(run_of(processes, Pid{30}).id == "its-own");
    }
}
