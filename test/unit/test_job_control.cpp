// Which group gets the terminal, and when.
#include <doctest/doctest.h>

#include "fake_terminal.hpp"
#include "vlmshim/supervisor/job_control.hpp"

using namespace vlmshim;
using namespace vlmshim::test;

namespace {

constexpr Pgid callers = callers_group;
constexpr Pgid ours = our_group;
constexpr Pgid shells{40};

}  // namespace

TEST_CASE("at the start the terminal is taken only where a bare run of the test would have it") {
    struct Row {
        const char* what;
        TerminalState terminal;
        Pgid front;
        TerminalOwner owner;
    };
    const Row rows[] = {
        {"in the foreground of a shell", {}, ours, TerminalOwner::Run},
        {"`vlmshim -- t &`", {.front = shells}, shells, TerminalOwner::Caller},
        {"`vlmshim -- t | less`: less reads the keys", {.stdio = false}, callers, TerminalOwner::Caller},
        {"no terminal at all", {.there = false}, callers, TerminalOwner::Caller},
        {"we lead the foreground group already", {.group = ours, .front = ours}, ours, TerminalOwner::Caller},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        FakeTerminal terminal(row.terminal);
        const JobControl job(terminal);
        CHECK(terminal.group == ours);
        CHECK(terminal.front.value == row.front.value);
        CHECK(job.owner() == row.owner);
        CHECK(job.has_controlling_terminal() == row.terminal.there);
    }
}

TEST_CASE("a member of the group that wants the terminal gets it from the caller's group alone") {
    struct Row {
        const char* what;
        TerminalState terminal;
        JobControl::Taken taken;
        Pgid front;
    };
    const Row rows[] = {
        {"`vlmshim -- t > file`, and t asks for a password", {.stdio = false}, JobControl::Taken::Yes, ours},
        {"in the background", {.front = shells}, JobControl::Taken::No, shells},
        {"without a terminal", {.there = false}, JobControl::Taken::No, callers},
        {"without one, in a group outside our PID namespace",
         {.there = false, .group = {}},
         JobControl::Taken::No,
         callers},
        {"our group is the caller's", {.group = ours, .front = ours}, JobControl::Taken::No, ours},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        FakeTerminal terminal(row.terminal);
        JobControl job(terminal);
        CHECK(job.take_if_callers() == row.taken);
        CHECK(terminal.front.value == row.front.value);
    }
}

TEST_CASE("after ^Z and fg it has the terminal again") {
    FakeTerminal terminal;
    JobControl job(terminal);
    terminal.front = callers;
    job.take_again();
    CHECK(terminal.front == ours);
    CHECK(job.owner() == TerminalOwner::Run);
}

TEST_CASE("a job that is continued while it has the terminal gives it back all the same") {
    FakeTerminal terminal;
    JobControl job(terminal);
    job.take_again();
    CHECK(job.owner() == TerminalOwner::Run);
    job.give_back();
    CHECK(terminal.front == callers);
}

TEST_CASE("after ^Z and bg the terminal is the shell's") {
    FakeTerminal terminal;
    JobControl job(terminal);
    terminal.front = shells;
    job.take_again();
    CHECK(terminal.front == shells);
    CHECK(job.owner() == TerminalOwner::Caller);
}

TEST_CASE("after fg the terminal is taken only if it was wanted in the background") {
    for (const bool wanted : {true, false}) {
        FakeTerminal terminal({.stdio = false, .front = shells});
        JobControl job(terminal);
        if (wanted) {
            CHECK(job.take_if_callers() == JobControl::Taken::No);
        }
        terminal.front = callers;
        job.take_again();
        CHECK(terminal.front == (wanted ? ours : callers));
    }
}

TEST_CASE("the terminal is given back only if we took it and still have it") {
    FakeTerminal terminal;
    JobControl job(terminal);
    job.give_back();
    CHECK(terminal.front == callers);
    CHECK(job.owner() == TerminalOwner::Caller);

    // ^Z and fg while the report waits for its reader.
    job.take_again();
    CHECK(terminal.front == callers);

    // The test has started a shell that did not give it back, or the user has typed `bg`.
    FakeTerminal lost;
    JobControl loser(lost);
    lost.front = shells;
    loser.give_back();
    CHECK(lost.front == shells);

    // A shell in a namespace below has left it to a group without a process.
    FakeTerminal left;
    JobControl third(left);
    left.front = Pgid{77};
    left.empty = {Pgid{77}};
    third.give_back();
    CHECK(left.front == callers);

    FakeTerminal led({.group = ours, .front = ours});
    JobControl(led).give_back();
    CHECK(led.front == ours);

    // The test has taken it by itself.
    FakeTerminal tests({.stdio = false});
    JobControl bystander(tests);
    tests.front = ours;
    bystander.give_back();
    CHECK(tests.front == ours);
}

TEST_CASE("modes are restored only while the terminal is ours") {
    struct Row {
        Pgid front;
        tcflag_t mode;
    };
    for (const Row& row : {Row{ours, 1}, Row{callers, 7}, Row{shells, 7}}) {
        CAPTURE(row.front.value);
        FakeTerminal terminal;
        JobControl job(terminal);
        terminal.mode = 7;  // raw, and the test was killed
        terminal.front = row.front;
        job.restore_modes();
        CHECK(terminal.mode == row.mode);
    }
    FakeTerminal none({.there = false});
    JobControl nowhere(none);
    none.mode = 7;
    nowhere.restore_modes();
    CHECK(none.mode == 7);
}

TEST_CASE("what we write is seen while our group or the caller's has the terminal") {
    FakeTerminal terminal;
    const JobControl job(terminal);
    CHECK(job.in_foreground());
    terminal.front = callers;
    CHECK(job.in_foreground());
    terminal.front = shells;
    CHECK_FALSE(job.in_foreground());
    terminal.front = ours;
    terminal.stderr_is_it = false;
    CHECK_FALSE(job.in_foreground());
}
