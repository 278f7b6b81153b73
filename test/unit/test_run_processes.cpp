// Which processes are a run: by the name that they hold, not by what they call themselves.
#include <doctest/doctest.h>

#include <string>

#include "vlmshim/core/lifecycle/run_processes.hpp"

using namespace vlmshim;

namespace {

constexpr unsigned root = 0;
constexpr unsigned lena = 1000;
constexpr unsigned mallory = 1001;
constexpr std::uint64_t held = 77;
constexpr ProgramFile vlmshim_file{1, 50};

RunCandidate process(int pid, int parent, const char* comm, std::uint64_t name = held) {
    RunCandidate made;
    made.stat = {Pid{pid}, comm, ProcessState::Sleeping, Pid{parent}, Pgid{pid}, 1, static_cast<std::uint64_t>(pid)};
    made.uids = ProcUids{lena, lena, lena};
    if (name != 0) {
        made.names = {name};
    }
    made.program = vlmshim_file;
    return made;
}

RunCandidate of(unsigned user, RunCandidate made) {
    made.uids = ProcUids{user, user, user};
    return made;
}

RunCandidate in_state(ProcessState state, RunCandidate made) {
    made.stat.state = state;
    return made;
}

RunCandidate running(ProgramFile program, RunCandidate made) {
    made.program = program;
    return made;
}

/// "keeper/supervisor ..."
std::string found(std::vector<RunCandidate> candidates, unsigned viewer = lena) {
    std::string text;
    for (const RunProcesses& run : find_runs(std::move(candidates), viewer)) {
        text += (text.empty() ? "" : " ") + std::to_string(run.keeper.value) + "/" +
                std::to_string(run.supervisor.value) + (run.stopped ? " stopped" : "");
    }
    return text;
}

const RunCandidate keeper = process(10, 1, "vlmshim");
const RunCandidate supervisor = process(11, 10, "vlm-supervisor");
RunCandidate unnamed(RunCandidate made) {
    made.names.clear();
    return made;
}

}  // namespace

TEST_CASE("keeper and supervisor that hold one name are a run; each of them alone is, too") {
    CHECK(found({}) == "");
    CHECK(found({keeper, supervisor}) == "10/11");
    CHECK(found({supervisor, keeper}) == "10/11");
    CHECK(found({keeper}) == "10/0");  // PID 1, or the supervisor was killed
    CHECK(found({process(11, 1, "vlm-supervisor")}) == "0/11");
    CHECK(find_runs({supervisor}, lena)[0].to_signal() == Pid{11});
    CHECK(find_runs({keeper, supervisor}, lena)[0].to_signal() == Pid{10});
    CHECK(find_runs({keeper, supervisor}, lena)[0].root() == Pid{11});
    CHECK(find_runs({keeper}, lena)[0].root() == Pid{10});
}

TEST_CASE("the age is the supervisor's: its parent may have been another program") {
    CHECK(find_runs({keeper, supervisor}, lena)[0].start_ticks == 11);
    CHECK(find_runs({keeper}, lena)[0].start_ticks == 10);
}

TEST_CASE("the oldest run comes first, nested ones are runs of their own") {
    const auto inner = process(21, 20, "vlm-supervisor", 78);
    CHECK(found({process(20, 11, "vlmshim", 78), inner, keeper, supervisor}) == "10/11 20/21");
}

TEST_CASE("names and titles prove nothing") {
    CHECK(found({unnamed(supervisor)}) == "");  // its parent is no candidate
    CHECK(found({unnamed(keeper)}) == "");      // vlmshim --who
    CHECK(found({unnamed(process(10, 1, "python3")), unnamed(supervisor)}) == "");
    CHECK(found({process(10, 1, "dbus-daemon")}) == "");  // takes the sockets that any user sends
    CHECK(found({process(9, 1, "dbus-daemon"), keeper, supervisor}) == "10/11");
    // of another user, with the same socket
    CHECK(found({of(mallory, process(5, 1, "vlm-supervisor")), keeper, supervisor}, root) == "0/5 10/11");
}

TEST_CASE("a keeper whose file has another name is the parent that runs the supervisor's program") {
    const auto renamed = process(10, 1, "vlmshim-0.1");
    CHECK(found({renamed, supervisor}) == "10/11");
    CHECK(found({process(9, 1, "vlmshim-0.1"), supervisor}) == "0/11");
    CHECK(found({running({1, 51}, renamed), supervisor}) == "0/11");
    CHECK(found({running({}, renamed), running({}, supervisor)}) == "0/11");
    CHECK(found({renamed}) == "");
}

TEST_CASE("where the system refused the name, the parent counts") {
    CHECK(found({unnamed(keeper), unnamed(supervisor)}) == "10/11");
    CHECK(found({unnamed(keeper), running({1, 51}, unnamed(supervisor))}) == "");
    CHECK(found({running({}, unnamed(keeper)), running({}, unnamed(supervisor))}) == "");  // may not be looked at
    CHECK(found({of(mallory, unnamed(keeper)), unnamed(supervisor)}, root) == "");
    CHECK(found({unnamed(keeper), unnamed(process(11, 9, "vlm-supervisor"))}) == "");  // the parent has vanished
    CHECK(found({keeper, unnamed(supervisor)}) == "10/0");
    CHECK(found({in_state(ProcessState::Stopped, unnamed(keeper)), unnamed(supervisor)}) == "10/11 stopped");
}

TEST_CASE("a user sees the own runs, root all") {
    const auto other = of(mallory, process(5, 1, "vlmshim", 76));
    CHECK(found({keeper, supervisor, other}) == "10/11");
    CHECK(found({keeper, supervisor, other}, mallory) == "5/0");
    CHECK(found({keeper, supervisor, other}, root) == "5/0 10/11");
    RunCandidate mixed = keeper;
    mixed.uids = ProcUids{lena, 0, 0};  // a set-user-ID program
    CHECK(found({mixed}, root) == "");
    mixed.uids.reset();  // it has vanished
    CHECK(found({mixed}, root) == "");
}

TEST_CASE("a process that has ended is no run, one that is stopped is") {
    const auto zombie = [](RunCandidate made) { return in_state(ProcessState::Zombie, std::move(made)); };
    CHECK(found({zombie(keeper), zombie(supervisor)}) == "");
    CHECK(found({keeper, zombie(supervisor)}) == "10/0");
    CHECK(found({keeper, in_state(ProcessState::Stopped, supervisor)}) == "10/11 stopped");
    CHECK(found({in_state(ProcessState::Stopped, keeper), supervisor}) == "10/11 stopped");
}

// Between fork and exec it has name and socket of its parent.
TEST_CASE("a child of the supervisor that has not called exec yet is not the supervisor") {
    CHECK(found({keeper, process(12, 11, "vlm-supervisor"), supervisor}) == "10/11");
}

// Any user can make a socket of another process look like one with the name of a run.
TEST_CASE("what a process holds besides the name of its run does not hide it") {
    const auto holding = [](std::vector<std::uint64_t> names, RunCandidate made) {
        made.names = std::move(names);
        return made;
    };
    CHECK(found({holding({5, held}, keeper), holding({6, held}, supervisor)}) == "10/11");
    CHECK(found({holding({held, 99}, keeper), supervisor}) == "10/11");
    CHECK(found({holding({5, held}, process(10, 1, "vlmshim-0.1")), supervisor}) == "10/11");
    CHECK(find_runs({holding({5, held}, keeper), supervisor}, lena)[0].names ==
          std::vector<std::uint64_t>{5, held, held});
    // One that is shared, as the standard output, with a run inside.
    const auto inner = holding({5, 78}, process(21, 20, "vlm-supervisor"));
    const auto outer = holding({5, held}, supervisor);
    CHECK(found({holding({5, 78}, process(20, 11, "vlmshim")), inner, holding({5, held}, keeper), outer}) ==
          "10/11 20/21");
}

TEST_CASE("many processes that call themselves like keepers and supervisors are sorted out") {
    std::vector<RunCandidate> many;
    constexpr int count = 20'000;
    for (int i = 0; i < count; ++i) {
        many.push_back(process(100 + i, 1, "vlmshim-0.1", static_cast<std::uint64_t>(i) + 1));
        many.push_back(unnamed(process(100 + count + i, 1, "vlm-supervisor")));
        many.push_back(unnamed(process(100 + 2 * count + i, 1, "vlmshim")));
    }
    CHECK(found(many) == "");
}
