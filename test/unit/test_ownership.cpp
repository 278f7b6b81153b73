// Which of the run's processes are a server's.
#include <doctest/doctest.h>

#include "fake_processes.hpp"
#include "vlmshim/cleanup/ownership.hpp"

using namespace vlmshim;
using namespace vlmshim::test;

namespace {

const ServerId db{0};
const ServerId web{1};

/// Two servers, 110 and 120, and a test 130.
struct Run {
    FakeProcesses processes;
    std::map<Pid, ServerId> listening;
    std::vector<Pid> asked_about;  // whether they listen
    Ownership ownership{processes,
                        {.servers =
                             [this] {
                                 return std::vector{OwningServer{db, "db", main_of(110), sigint},
                                                    OwningServer{web, "web", main_of(120), sigquit}};
                             },
                         .by_port =
                             [this](const std::vector<Pid>& some) {
                                 asked_about = some;
                                 std::map<Pid, ServerId> found;
                                 for (const Pid pid : some) {
                                     if (listening.contains(pid)) {
                                         found.emplace(pid, listening.at(pid));
                                     }
                                 }
                                 return found;
                             }}};

    Run() {
        processes.add(110);
        processes.add(120);
        processes.add(130, {.marks = of_no_server()});
    }
    Pid main_of(int pid) const { return processes.has(pid) ? Pid{pid} : Pid{}; }
    void end(int pid) {
        processes.end(pid);
        processes.reap();
    }
    /// "110:db 120:web 130:-"
    std::string owners() {
        std::string text;
        for (const auto& [process, server] : ownership.assign(processes.descendants_of(FakeProcesses::us))) {
            text += (text.empty() ? "" : " ") + std::to_string(process.identity.pid.value) + ":" +
                    (!server         ? "-"
                     : *server == db ? "db"
                                     : "web");
        }
        return text;
    }
};

}  // namespace

TEST_CASE("all descendants of a server's main process are the server's, whatever mark they carry") {
    Run run;
    run.processes.add(111, {.parent = Pid{110}, .marks = of_server("web")});
    run.processes.add(112, {.parent = Pid{111}});
    run.processes.add(131, {.parent = Pid{130}, .marks = of_server("web")});
    CHECK(run.owners() == "110:db 120:web 130:- 111:db 131:- 112:db");
}

TEST_CASE("an orphan is assigned by its environment, if that is of this run") {
    struct Row {
        RunMarks marks;
        const char* owner;
    };
    const Row rows[]{
        {of_server("db"), "140:db 141:db"},
        {of_server("web"), "140:web 141:web"},
        {of_server("other"), "140:- 141:-"},
        {of_no_server(), "140:- 141:-"},
        {{"another-run", "db"}, "140:- 141:-"},
        {{std::nullopt, "db"}, "140:- 141:-"},
        {{}, "140:- 141:-"},
    };
    for (const Row& row : rows) {
        CAPTURE(&row - rows);
        Run run;
        run.processes.add(140, {.marks = row.marks});
        run.processes.add(141, {.parent = Pid{140}});
        CHECK(run.owners() == "110:db 120:web 130:- " + std::string(row.owner));
    }
}

TEST_CASE("where the environment was wiped, an orphan is assigned by its former parent or by its port") {
    Run run;
    run.processes.add(111, {.parent = Pid{110}});
    CHECK(run.owners() == "110:db 120:web 130:- 111:db");
    run.end(110);
    CHECK(run.owners() == "111:db 120:web 130:-");
    CHECK(run.asked_about.empty());

    run.processes.add(140);
    run.processes.add(141, {.marks = of_no_server()});
    run.listening = {{Pid{140}, web}, {Pid{141}, web}};
    CHECK(run.owners() == "111:db 120:web 130:- 140:web 141:-");
    CHECK(run.asked_about == std::vector{Pid{140}});
    run.listening.clear();  // it has closed it
    CHECK(run.owners() == "111:db 120:web 130:- 140:web 141:-");
}

TEST_CASE("a reused pid does not make another process the server's") {
    Run run;
    run.processes.add(111, {.parent = Pid{110}});
    run.owners();
    run.end(111);
    run.processes.add(111, {.marks = of_no_server(), .start_ticks = 5'000});
    CHECK(run.owners() == "110:db 111:- 120:web 130:-");
}

TEST_CASE("before there is a test, an orphan of unknown origin is the ended server's") {
    Run run;
    run.processes.add(140);
    run.processes.add(141, {.marks = of_server("web")});
    run.processes.add(142, {.marks = of_no_server()});  // of a probe
    run.ownership.adopt_unknown(db, run.processes.descendants_of(FakeProcesses::us));
    CHECK(run.owners() == "110:db 120:web 130:- 140:db 141:web 142:-");
}

TEST_CASE("each has the stop signal of its server") {
    Run run;
    run.processes.add(111, {.parent = Pid{110}});
    run.processes.add(140, {.marks = of_server("web")});
    run.owners();
    const auto signal = [&](int pid) { return run.ownership.stop_signal_of(run.processes.identity(pid)); };
    CHECK(signal(110) == sigint);
    CHECK(signal(111) == sigint);
    CHECK(signal(140) == sigquit);
    CHECK(signal(130) == sigterm);
    CHECK(Ownership(run.processes, {}).stop_signal_of(run.processes.identity(110)) == sigterm);
}

TEST_CASE("nothing is read where there are no servers, and only of orphans that are new") {
    Run run;
    Ownership without(run.processes, {});
    CHECK(without.assign(run.processes.descendants_of(FakeProcesses::us)).size() == 3);
    CHECK(run.processes.marks_read == 0);
    run.processes.add(111, {.parent = Pid{110}});
    run.processes.add(131, {.parent = Pid{130}});
    run.processes.add(140, {.marks = of_server("db")});
    run.owners();
    CHECK(run.processes.marks_read == 2);  // 130 and 140
    run.owners();
    CHECK(run.processes.marks_read == 2);
}
