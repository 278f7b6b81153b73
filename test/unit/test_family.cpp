// Which processes belong to the run, and which do not.
#include <doctest/doctest.h>

#include "fake_processes.hpp"
#include "vlmshim/cleanup/family.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"

using namespace vlmshim;
using namespace vlmshim::test;

namespace {

/// "10 11 12"
template <typename Processes>
std::string pids_of(const Processes& processes) {
    std::string text;
    for (const auto& process : processes) {
        if constexpr (requires { process.identity; }) {
            text += (text.empty() ? "" : " ") + std::to_string(process.identity.pid.value);
        } else {
            text += (text.empty() ? "" : " ") + std::to_string(process.pid.value);
        }
    }
    return text;
}

const ServerId model{0};

/// Its main process is 110.
Ownership::Hooks one_server() {
    return {.servers =
                [] {
                    return std::vector{OwningServer{model, "model", Pid{110}, sigint}};
                },
            .by_port = [](const auto&) { return std::map<Pid, ServerId>{}; }};
}

/// A server 110 with a worker 111, a test 120 with a child 121 that has ended.
FakeProcesses server_and_test() {
    FakeProcesses processes;
    processes.add(110);
    processes.add(111, {.parent = Pid{110}});
    processes.add(120);
    processes.add(121, {.parent = Pid{120}, .state = ProcessState::Zombie});
    return processes;
}

}  // namespace

TEST_CASE("all our descendants are of the run, and no other process") {
    FakeProcesses processes = server_and_test();
    processes.add(60, {.parent = FakeProcesses::shell});
    processes.add(70, {.parent = FakeProcesses::init, .run = {RunOfProcess::State::Alive, "run", Pid{99}}});
    const Family family(processes, {});
    CHECK(pids_of(family.members()) == "110 120 111 121");
    CHECK(pids_of(family.living()) == "110 120 111");
}

TEST_CASE("whether a process is of the run, also one that has ended and is not reaped") {
    FakeProcesses processes = server_and_test();
    processes.add(60, {.parent = FakeProcesses::shell});
    const Family family(processes, {});
    CHECK(family.has(Pid{111}));
    CHECK(family.has(Pid{121}));
    for (const Pid outside : {Pid{60}, FakeProcesses::us, FakeProcesses::shell, FakeProcesses::init, Pid{}, Pid{999}}) {
        CAPTURE(outside.value);
        CHECK_FALSE(family.has(outside));
    }
}

TEST_CASE("inherited children are no members, nor are their descendants") {
    FakeProcesses processes = server_and_test();
    processes.add(90);
    processes.add(91, {.parent = Pid{90}});
    processes.add(92, {.parent = Pid{91}});
    const Family family(processes, {.inherited_children = {Pid{90}}});
    CHECK(pids_of(family.members()) == "110 120 111 121");
}

TEST_CASE("the namespace's init is no member, but what is below it is") {
    FakeProcesses processes;
    processes.add(105);
    processes.add(110, {.parent = Pid{105}});
    const Family family(processes, {.namespace_init = Pid{105}});
    CHECK(pids_of(family.members()) == "110");
}

TEST_CASE("without a subreaper orphans are found by their VLMSHIM_RUN") {
    FakeProcesses processes(FakeProcesses::Orphans::ToInit);
    const RunOfProcess run{RunOfProcess::State::Alive, "run", Pid{99}};
    processes.add(110, {.run = run});
    processes.add(111, {.parent = Pid{110}, .run = run});
    processes.add(112, {.parent = FakeProcesses::init, .run = {RunOfProcess::State::Alive, "other", Pid{98}}});
    const Family family(processes, {.cookie = "run"});
    CHECK(family.needs_search());
    CHECK(pids_of(family.members()) == "110 111");  // each once

    processes.end(110);
    processes.reap();
    CHECK(processes.at(111).parent == FakeProcesses::init);
    CHECK(pids_of(family.members()) == "111");
    CHECK_FALSE(Family(processes, {}).needs_search());
    CHECK(pids_of(Family(processes, {}).members()).empty());
}

TEST_CASE("outside the servers is what lives and is not below one of them") {
    FakeProcesses processes = server_and_test();
    processes.add(122, {.parent = Pid{120}});
    Family family(processes, {}, one_server());
    CHECK(pids_of(family.outside({model})) == "120 122");
    CHECK(pids_of(family.outside({})) == "110 120 111 122");
    CHECK(pids_of(family.of_server(model)) == "110 111");
    CHECK(pids_of(family.roots_of(model)) == "110");
}

TEST_CASE("nothing is left: ECHILD is the proof only for a subreaper") {
    enum class Below { None, Inherited, Member, DeadMember };
    enum class Scope { Plain, WithInherited, NoSubreaper };
    using Children = Family::Children;
    struct Row {
        Scope scope;
        Children children;
        Below below;
        bool empty;
    };
    const Row rows[]{
        {Scope::Plain, Children::None, Below::None, true},
        {Scope::Plain, Children::Some, Below::Member, false},
        {Scope::Plain, Children::Some, Below::DeadMember, false},  // a traced one: the kernel knows better than /proc
        {Scope::Plain, Children::Some, Below::None, false},
        // an inherited child prevents ECHILD: /proc has to do
        {Scope::WithInherited, Children::Some, Below::Inherited, true},
        {Scope::WithInherited, Children::Some, Below::Member, false},
        {Scope::WithInherited, Children::None, Below::None, true},
        // orphans are not our children
        {Scope::NoSubreaper, Children::None, Below::None, true},
        {Scope::NoSubreaper, Children::None, Below::Member, false},
        {Scope::NoSubreaper, Children::Some, Below::None, false},
    };
    for (const Row& row : rows) {
        CAPTURE(&row - rows);
        FakeProcesses processes;
        FamilyScope scope;
        Pid parent = FakeProcesses::us;
        if (row.scope == Scope::WithInherited) {
            scope.inherited_children = {Pid{90}};
        } else if (row.scope == Scope::NoSubreaper) {
            scope.cookie = "run";
            parent = FakeProcesses::init;
        }
        if (row.below == Below::Inherited) {
            processes.add(90);
        } else if (row.below != Below::None) {
            const auto state = row.below == Below::Member ? ProcessState::Sleeping : ProcessState::Zombie;
            processes.add(110, {.parent = parent, .state = state, .run = {RunOfProcess::State::Alive, "run", Pid{99}}});
        }
        CHECK(Family(processes, scope).is_empty(row.children) == row.empty);
    }
}

TEST_CASE("without a subreaper what was forked during a look is looked at as well, and only then nothing is left") {
    struct Row {
        bool has_chain;    // a process of the run, which forks and exits at each look
        int flights;       // of the chain
        int forks_beside;  // by others
        bool found;
        bool empty;
    };
    const Row rows[]{
        {false, 0, 0, false, true},
        {true, 0, 0, true, false},
        {true, 3, 0, true, false},
        {true, 3, 2, true, false},
        {true, most_searches, 0, true, false},
        {true, most_searches + 1, 0, false, false},   // too fast: not found, and nothing is proved
        {false, 0, most_searches, false, true},       // a busy machine
        {false, 0, most_searches + 2, false, false},  // too busy
    };
    using Numbers = FakeProcesses::Numbers;
    for (const Row& row : rows) {
        for (const int highest : {4'000'000, 1'001}) {
            for (const Numbers numbers : {Numbers::Known, Numbers::UnknownAtFirst, Numbers::Unknown}) {
                const auto machine = [&] {
                    FakeProcesses processes;
                    processes.highest = Pid{highest};
                    processes.numbers = numbers;
                    if (row.has_chain) {
                        processes.add(900, {.parent = FakeProcesses::init, .run = {RunOfProcess::State::Alive, "run"}});
                    }
                    processes.flights = row.flights;
                    processes.forks_beside = row.forks_beside;
                    return processes;
                };
                CAPTURE(&row - rows);
                CAPTURE(highest);
                CAPTURE(static_cast<int>(numbers));
                const FakeProcesses looked_at = machine();
                CHECK(Family(looked_at, {.cookie = "run"}).living().size() == (row.found ? 1 : 0));
                const FakeProcesses proved = machine();
                CHECK(Family(proved, {.cookie = "run"}).is_empty(Family::Children::None) == row.empty);
            }
        }
    }
}

TEST_CASE("a newest pid that is known only later is not the number of the pids to look at") {
    FakeProcesses processes;
    processes.newest = Pid{3'999'999};
    processes.numbers = FakeProcesses::Numbers::UnknownAtFirst;
    CHECK(Family(processes, {.cookie = "run"}).is_empty(Family::Children::None));
    CHECK(processes.carriers_asked < 10);
}

TEST_CASE("each process is counted once, and only if it was seen alive") {
    FakeProcesses processes = server_and_test();
    Family family(processes, {});
    CHECK(family.seen() == 0);
    family.members();
    family.living();
    CHECK(family.seen() == 0);  // only look() and outside() count
    family.look();
    CHECK(family.seen() == 3);
    family.outside({});
    family.count_as_seen(processes.identity(111));
    CHECK(family.seen() == 3);
    processes.end(111);
    family.look();
    CHECK(family.seen() == 3);
    processes.add(111, {.parent = Pid{110}, .start_ticks = 5'000});  // the pid again, another process
    family.look();
    CHECK(family.seen() == 4);

    Family other(processes, {});
    other.outside({});
    CHECK(other.seen() == 3);  // the servers' too
}

TEST_CASE("what was there before the test, and its descendants, are not the test's") {
    FakeProcesses processes;
    processes.add(110);                        // a server's main process
    processes.add(111, {.parent = Pid{110}});  // its daemon
    Family family(processes, {});
    family.note_before_test();
    processes.add(112, {.parent = Pid{111}});  // started by the daemon while the test ran
    processes.add(120);                        // the test
    processes.add(121, {.parent = Pid{120}});
    processes.add(122, {.parent = Pid{121}});
    processes.end(110);
    processes.end(120);
    processes.reap();
    CHECK(processes.at(111).parent == FakeProcesses::us);
    CHECK(pids_of(family.left_by_test(family.outside({}))) == "121 122");
}

TEST_CASE("without a note before the test everything left is the test's") {
    FakeProcesses processes;
    processes.add(121);
    Family family(processes, {});
    CHECK(pids_of(family.left_by_test(family.outside({}))) == "121");
    family.note_before_test();
    CHECK(pids_of(family.left_by_test(family.outside({}))).empty());
    processes.add(121, {.start_ticks = 5'000});  // the pid again, another process
    CHECK(pids_of(family.left_by_test(family.outside({}))) == "121");
}

// A master ended while the lists were walked: its workers were no longer on its list, and not yet on ours. They never
// got a stop signal.
TEST_CASE("an orphan that is reparented to us while the tree is walked is not missed") {
    FakeProcesses processes = server_and_test();
    processes.add(130);
    processes.missed_by_next_walk = {Pid{130}};
    Family family(processes, {}, one_server());
    CHECK(pids_of(family.outside({model})) == "120 130");
}

TEST_CASE("what a server has put into the background is neither a leftover nor the test's") {
    FakeProcesses processes = server_and_test();
    Family family(processes, {}, one_server());
    family.note_before_test();
    processes.add(112, {.parent = Pid{111}, .marks = of_server("model")});  // forked while the test ran
    processes.add(122, {.parent = Pid{120}, .marks = of_no_server()});
    processes.end(111);
    processes.end(120);
    processes.reap();
    CHECK(pids_of(family.outside({model})) == "122");
    CHECK(pids_of(family.roots_of(model)) == "110 112");
    CHECK(pids_of(family.left_by_test(family.outside({}))) == "122");
}

TEST_CASE("a server that the configuration does not have owns nothing") {
    FakeProcesses processes;
    const Family family(processes, {.server_names = {"model"}});
    struct Row {
        RunMarks marks;
        EndedWhy why;
        const char* server;
    };
    int pid = 130;
    for (const Row& row : {
             Row{of_server("model"), EndedWhy::Server, "model"},
             Row{of_server("other"), EndedWhy::Leftover, ""},
             Row{of_server(std::string(120'000, 'x')), EndedWhy::Leftover, ""},
             Row{{"other-run", "model"}, EndedWhy::Leftover, ""},
             Row{of_no_server(), EndedWhy::Leftover, ""},
         }) {
        processes.add(++pid, {.marks = row.marks});
        const EndedLog::What what = family.what_is(processes.identity(pid));
        CHECK(what.why == row.why);
        CHECK(what.server == row.server);
    }
}

TEST_CASE("a chain of processes that fork and exit is not taken for nothing, however many looks it takes") {
    FakeProcesses processes;
    processes.add(110);  // the server
    processes.add(130);
    processes.fork_chain = Pid{130};
    processes.chain_walks = 3 * most_looks_at_all;
    Family family(processes, {}, one_server());
    const std::vector<Descendant> outside = family.outside({model});
    CHECK(std::any_of(outside.begin(), outside.end(),
                      [](const Descendant& one) { return one.identity.pid == Pid{130}; }));
}

TEST_CASE("a daemon that is reparented to us while its server's processes are looked up is not missed") {
    FakeProcesses processes = server_and_test();
    processes.add(130, {.marks = of_server("model")});
    Family family(processes, {}, one_server());
    processes.missed_by_next_walk = {Pid{130}};
    CHECK(pids_of(family.roots_of(model)) == "110 130");
    CHECK(family.seen() == 0);
}
