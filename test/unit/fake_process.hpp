// One fake process, as a test describes it.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>

#include "vlmshim/cleanup/processes.hpp"

namespace vlmshim::test {

/// The marks in the environment of a process of this run: of a server's, and of any other.
inline RunMarks of_server(const std::string& name) {
    return {"own-run", name};
}
inline RunMarks of_no_server() {
    return {"own-run", std::nullopt};
}

enum class OnSignal {
    Ends,     // at the first signal but SIGCONT; a stopped one when it is continued
    Ignores,  // all but SIGKILL
    Defies,   // survives even SIGKILL: it waits for a processor, or sleeps uninterruptibly
    Refuses,  // another user's: EPERM
};

struct FakeProcess {
    Pid parent{100};  // us
    OnSignal on_signal = OnSignal::Ends;
    std::string command = "sleep 60";
    std::string user = "lena";
    ProcessState state = ProcessState::Sleeping;
    Pgid group{100};     // the run's
    RunOfProcess run{};  // by its environment
    bool is_ours = true;
    RunMarks marks{};
    ProcUids uids{1000, 1000, 1000};
    std::uint64_t start_ticks = 0;               // 0: made from the pid
    bool traced = false;                         // its tracer does not release it when it is dead
    std::function<void(Signal)> then = nullptr;  // called after each signal that it gets
    std::deque<Signal> pending = {};             // of a stopped one
};

}  // namespace vlmshim::test
