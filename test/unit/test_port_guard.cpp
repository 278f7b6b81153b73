// The guarded ports: what a listener means before the run and after it, a reused port, and the proof by a bind.
#include <doctest/doctest.h>

#include "guarded_machine.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"

using namespace vlmshim;
using namespace vlmshim::test;

namespace {

using Machine = GuardedMachine;
using State = PortsState;

}  // namespace

TEST_CASE("before the run: what a listener means, by its kind and `busy`") {
    struct Row {
        Holder holder;
        State fail;
        State kill;
        State reuse;
    };
    const Row rows[]{
        {Holder::None, State::Free, State::Free, State::Free},
        {Holder::Foreign, State::Held, State::Endable, State::Free},
        {Holder::OfDeadRun, State::Endable, State::Endable, State::Endable},  // its run has died
        {Holder::OfLiveRun, State::Settling, State::Endable, State::Free},    // it may just be dying
        {Holder::OfUnknownRun, State::Held, State::Endable, State::Free},
        {Holder::Spared, State::Held, State::Held, State::Free},
        {Holder::Ancestor, State::Held, State::Held, State::Free},
        {Holder::DeadAncestor, State::Held, State::Held, State::Free},
        {Holder::Init, State::Held, State::Held, State::Free},
        {Holder::Hidden, State::Settling, State::Settling, State::Free},
        // the caller passes it on to the test, through us, whatever else holds it
        {Holder::Us, State::Free, State::Free, State::Free},
        {Holder::UsAndAnother, State::Free, State::Free, State::Free},
    };
    for (const Row& row : rows) {
        CAPTURE(&row - rows);
        for (const auto& [busy, state] :
             {std::pair{Busy::Fail, row.fail}, {Busy::Kill, row.kill}, {Busy::Reuse, row.reuse}}) {
            Machine machine(guarding(busy));
            listen(machine, row.holder);
            CHECK(machine.guard.look(LookTime::Before) == state);
            const bool others = row.kill != State::Free;
            CHECK(machine.guard.is_reused(Port{port}) == (others && busy == Busy::Reuse && state == State::Free));
            machine.guard.end_holders(sigterm);
            CHECK(machine.processes.take_sent() == (state == State::Endable ? "SIGTERM 30" : ""));
        }
    }
}

TEST_CASE("after the run: what a listener means, by its kind and `outsiders`") {
    struct Row {
        Holder holder;
        State end;
        State report;
        State chosen;  // for a port that others cannot know as claimed
    };
    const Row rows[]{
        {Holder::None, State::Free, State::Free, State::Free},
        {Holder::Foreign, State::Endable, State::Held, State::Held},
        {Holder::OfDeadRun, State::Endable, State::Held, State::Held},
        {Holder::OfLiveRun, State::Endable, State::Held, State::Free},  // it was given the same number since
        {Holder::OfUnknownRun, State::Endable, State::Held, State::Free},
        {Holder::OfOwnRun, State::Endable, State::Held, State::Held},
        {Holder::Spared, State::Held, State::Held, State::Held},
        {Holder::Ancestor, State::Held, State::Held, State::Held},
        {Holder::Init, State::Held, State::Held, State::Held},
        {Holder::Us, State::Held, State::Held, State::Held},
        {Holder::Hidden, State::Settling, State::Settling, State::Settling},
    };
    for (const Row& row : rows) {
        CAPTURE(&row - rows);
        const std::vector<std::pair<Config, State>> configs{
            {guarding(), row.end}, {guarding(Busy::Fail, Outsiders::Report), row.report}, {choosing(), row.chosen}};
        for (const auto& [config, state] : configs) {
            Machine machine(config);
            listen(machine, row.holder);
            CHECK(machine.guard.look(LookTime::After) == state);
            machine.guard.end_holders(sigterm);
            CHECK(machine.processes.take_sent() == (state == State::Endable ? "SIGTERM 30" : ""));
        }
    }
}

TEST_CASE("one listener that has to stay decides, even if all others could be ended") {
    Machine machine(guarding(Busy::Kill));
    listen(machine, Holder::Foreign);
    listen(machine, Holder::Hidden);
    CHECK(machine.guard.look(LookTime::Before) == State::Settling);  // the hidden one may be just ending
    listen(machine, Holder::Ancestor);
    CHECK(machine.guard.look(LookTime::Before) == State::Held);
}

TEST_CASE("a listener without a visible owner has some looks of time to end, before the run and after it") {
    Machine machine;
    const std::uint64_t inode = machine.sockets.listen(port, {});
    for (int i = 0; i < most_settling_looks; ++i) {
        CHECK(machine.guard.look(LookTime::Before) == State::Settling);
        CHECK(machine.log.take().empty());
    }
    CHECK(machine.guard.look(LookTime::Before) == State::Held);
    machine.sockets.close(inode);
    CHECK(machine.guard.look(LookTime::Before) == State::Free);
    machine.sockets.listen(port, {});
    for (int i = 0; i < most_settling_looks; ++i) {
        CHECK(machine.guard.look(LookTime::After) == State::Settling);
    }
    CHECK(machine.guard.look(LookTime::After) == State::Held);
}

// `kill -9` of keeper and supervisor, and the next run at once: the supervisor was not dead yet.
TEST_CASE("a live run has some looks of time to die, before the run") {
    Machine machine;
    listen(machine, Holder::OfLiveRun);
    for (int i = 0; i < most_settling_looks; ++i) {
        CHECK(machine.guard.look(LookTime::Before) == State::Settling);
    }
    CHECK(machine.guard.look(LookTime::Before) == State::Held);
}

TEST_CASE("a port is not free before the processes that got a stop signal have ended") {
    Machine machine(guarding(Busy::Kill));
    machine.processes.at(30).on_signal = OnSignal::Ignores;
    const std::uint64_t inode = machine.sockets.listen(port, {30});
    for (const LookTime when : {LookTime::Before, LookTime::After}) {
        CHECK(machine.guard.look(when) == State::Endable);
        machine.guard.end_holders(sigterm);
        machine.sockets.close(inode);  // llama-server closes its port at once and lives on for minutes
        CHECK(machine.guard.look(when) == State::Endable);
    }
    CHECK(machine.processes.take_sent() == "SIGTERM 30, SIGCONT 30");
    machine.guard.end_holders(sigkill);
    CHECK(machine.processes.take_sent() == "SIGKILL 30");
    CHECK(machine.guard.look(LookTime::After) == State::Free);
}

TEST_CASE("a process that is being ended stays endable when it loses its environment") {
    Machine machine;
    listen(machine, Holder::OfDeadRun);
    CHECK(machine.guard.look(LookTime::Before) == State::Endable);
    machine.processes.at(30).on_signal = OnSignal::Ignores;
    machine.guard.end_holders(sigterm);
    machine.processes.at(30).run = {};  // its environment goes before its sockets
    CHECK(machine.guard.look(LookTime::Before) == State::Endable);
}

TEST_CASE("with a holder from a dead run the rest of that run is ended") {
    Machine machine;
    listen(machine, Holder::OfDeadRun);
    machine.processes.add(31, {.parent = FakeProcesses::init, .run = dead_run});
    machine.guard.look(LookTime::Before);
    machine.guard.end_holders(sigterm);
    CHECK(machine.processes.take_sent() == "SIGTERM 30, SIGTERM 31");
    CHECK(machine.guard.look(LookTime::Before) == State::Free);
}

TEST_CASE("a process that was passed another user's socket is never ended for it") {
    for (const LookTime when : {LookTime::Before, LookTime::After}) {
        Machine machine(guarding(Busy::Kill));
        machine.sockets.listen(port, {30}, "0.0.0.0", 1111);
        CHECK(machine.guard.look(when) == State::Held);
        machine.guard.end_holders(sigkill);
        CHECK(machine.processes.take_sent().empty());
        CHECK(machine.guard.why_busy().find("whose socket is not its own") != std::string::npos);
    }
}

TEST_CASE("an outsider of another user is ended only where the configuration says so") {
    for (const auto& [outsiders, state] : {std::pair{Outsiders::Own, State::Held}, {Outsiders::End, State::Endable}}) {
        Machine machine(guarding(Busy::Fail, outsiders));
        listen(machine, Holder::Foreign);
        machine.processes.at(30).is_ours = false;
        CHECK(machine.guard.look(LookTime::After) == state);
    }
    Machine machine(guarding(Busy::Fail, Outsiders::Own));
    listen(machine, Holder::Foreign);
    CHECK(machine.guard.look(LookTime::After) == State::Endable);
}

TEST_CASE("a reused port is used as it is, and left alone after the run") {
    Machine machine(guarding(Busy::Reuse));
    listen(machine, Holder::Foreign);
    CHECK(machine.guard.look(LookTime::Before) == State::Free);
    CHECK(machine.log.take() == "info: port 8080 is held by pid 30 (server), user lena: used as it is, and left alone");
    CHECK(machine.guard.look(LookTime::After) == State::Free);
    machine.guard.end_holders(sigterm);
    machine.guard.report_holders();
    CHECK(machine.processes.take_sent().empty());
    CHECK(machine.log.take().empty());
}

TEST_CASE("the run whose server is reused is named") {
    Machine machine(guarding(Busy::Reuse));
    listen(machine, Holder::OfLiveRun);
    machine.guard.look(LookTime::Before);
    CHECK(machine.log.take() ==
          "info: port 8080 is held by pid 30 (server), user lena of the vlmshim run of pid 77: "
          "used as it is, and left alone");
}

TEST_CASE("a port that was free before the run is not reused, and guarded after it") {
    Machine machine(guarding(Busy::Reuse));
    CHECK(machine.guard.look(LookTime::Before) == State::Free);
    listen(machine, Holder::Foreign);
    CHECK(machine.guard.look(LookTime::After) == State::Endable);
}

TEST_CASE("where a bind works no holder is looked for") {
    Machine machine;
    CHECK(machine.guard.look(LookTime::After) == State::Free);
    CHECK(machine.sockets.looks == 0);
    CHECK(machine.log.take().empty());
}

TEST_CASE("a bind that fails without any listener is only logged") {
    for (const auto bind : {os::Bind::Held, os::Bind::NotAllowed, os::Bind::NoFamily, os::Bind::NotTried}) {
        Machine machine;
        machine.sockets.binds[Port{port}] = bind;
        CHECK(machine.guard.look(LookTime::After) == State::Free);
        CHECK(machine.sockets.looks == 1);
        CHECK(machine.log.take() == (bind == os::Bind::Held
                                         ? "info: port 8080: no process listens, but connections still "
                                           "use its number: a bind fails for now"
                                         : ""));
    }
}
