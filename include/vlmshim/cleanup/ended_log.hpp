// Records for the report which processes were there at the end of a run, and how each of them ended.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "vlmshim/cleanup/processes.hpp"
#include "vlmshim/core/report/ended_process.hpp"

namespace vlmshim {

class EndedLog {
public:
    /// Processes beyond these are only counted: a storm must not cost a look at /proc and a line of the report for
    /// each.
    static constexpr std::size_t most_listed = 1'000;

    /// No: there is no report, and nothing is looked up.
    enum class Wanted { No, Yes };
    /// `since_start`: the time since the start of the run; empty: times are not recorded.
    EndedLog(const Processes& processes, Wanted wanted, std::function<Millis()> since_start = {})
        : processes_(processes), wanted_(wanted), since_start_(std::move(since_start)) {}

    bool wanted() const { return wanted_ == Wanted::Yes; }
    /// What a process was.
    struct What {
        EndedWhy why = EndedWhy::Leftover;
        std::string server{};  // EndedWhy::Server
    };
    /// Called only where one is recorded for the first time.
    using WhatItWas = std::function<What()>;

    /// This is the test, whatever note() says of it.
    void test_is(Pid pid);
    /// Reads its command now; a process that is dead by then is not recorded. Of several `how`, the strongest stays.
    void note(const ProcessIdentity& process, EndedHow how, const WhatItWas& what);

    std::vector<EndedProcess> list() const;
    std::size_t total() const { return ended_.size(); }

private:
    const Processes& processes_;
    Wanted wanted_;
    std::function<Millis()> since_start_;
    std::optional<ProcessIdentity> test_;
    std::map<ProcessIdentity, EndedProcess> ended_;
    std::vector<ProcessIdentity> listed_;  // in the order in which they were first noted
};

}  // namespace vlmshim
