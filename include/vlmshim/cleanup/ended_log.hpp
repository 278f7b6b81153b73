// Records for the report which processes were there at the end of a run, and how each of them ended.
#pragma once

#include <map>
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
    EndedLog(const Processes& processes, Wanted wanted) : processes_(processes), wanted_(wanted) {}

    bool wanted() const { return wanted_ == Wanted::Yes; }
    /// Reads its command now; a process that is dead by then is not recorded. Of several `how`, the strongest stays.
    void note(const ProcessIdentity& process, EndedHow how);

    std::vector<EndedProcess> list() const;
    std::size_t total() const { return ended_.size(); }

private:
    const Processes& processes_;
    Wanted wanted_;
    std::map<ProcessIdentity, EndedProcess> ended_;
    std::vector<ProcessIdentity> listed_;  // in the order in which they were first noted
};

}  // namespace vlmshim
