// Which pids were given out since the last look: what a search for orphans goes through.
#include <doctest/doctest.h>

#include "fake_processes.hpp"
#include "vlmshim/cleanup/given_out.hpp"

using namespace vlmshim;
using namespace vlmshim::test;
using Numbers = FakeProcesses::Numbers;

namespace {

/// "10 11 12"
std::string next_of(GivenOut& given_out) {
    std::string text;
    for (const Pid pid : given_out.next()) {
        text += (text.empty() ? "" : " ") + std::to_string(pid.value);
    }
    return text;
}

/// Of FakeProcesses without any other process, and the newest.
const std::string all = "1 50 100 1000";

}  // namespace

TEST_CASE("every pid at first, then those that were given out since, also of what has ended already") {
    FakeProcesses processes;
    GivenOut given_out(processes);
    CHECK(next_of(given_out) == all);
    CHECK(next_of(given_out) == "");
    processes.newest = Pid{1'003};
    CHECK(next_of(given_out) == "1001 1002 1003");
    CHECK(next_of(given_out) == "");
}

TEST_CASE("all again when the numbers have begun anew") {
    FakeProcesses processes;
    GivenOut given_out(processes);
    next_of(given_out);
    processes.newest = Pid{7};
    CHECK(next_of(given_out) == "1 50 100 7");
    CHECK(next_of(given_out) == "");
    processes.newest = Pid{8};
    CHECK(next_of(given_out) == "8");
}

TEST_CASE("where the newest pid is not known, those that were not listed before") {
    FakeProcesses processes;
    processes.numbers = Numbers::Unknown;
    GivenOut given_out(processes);
    CHECK(next_of(given_out) == all);
    CHECK(next_of(given_out) == "");
    processes.add(60);
    processes.newest = Pid{1'001};  // given to a process that ends before it is looked at
    CHECK(next_of(given_out) == "60 1001");
    CHECK(next_of(given_out) == "");
}

TEST_CASE("a newest pid that is known only later has not been given out since") {
    FakeProcesses processes;
    processes.numbers = Numbers::UnknownAtFirst;
    GivenOut given_out(processes);
    CHECK(next_of(given_out) == all);
    CHECK(next_of(given_out) == "");
    processes.newest = Pid{1'001};
    CHECK(next_of(given_out) == "1001");
}
