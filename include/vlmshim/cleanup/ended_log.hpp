// Remembers who was met at the end of a run and what it took, for the report.
#pragma once

#include <map>
#include <vector>

#include "vlmshim/cleanup/processes.hpp"
#include "vlmshim/core/report/ended_process.hpp"

namespace vlmshim {

class EndedLog {
public:
    /// A storm must not cost a look at /proc and a line of the report for each of its processes:
    /// beyond these they are only counted.
    static constexpr std::size_t most_listed = 1'000;

    /// Nobody wants to know: nothing is looked up.
    enum class Wanted { No, Yes };
    EndedLog(const Processes& processes, Wanted wanted) : processes_(processes), wanted_(wanted) {}

    bool wanted() const { return wanted_ == Wanted::Yes; }
    /// Its command is read now. Who is dead by then is not noted. The strongest `how` stays, in whatever order they
    /// come.
    void note(const ProcessIdentity& process, EndedHow how);

    std::vector<EndedProcess> list() const;
    std::size_t total() const { return ended_.size(); }

private:
    const Processes& processes_;
    Wanted wanted_;
    std::map<ProcessIdentity, EndedProcess> ended_;
    std::vector<ProcessIdentity> listed_;  // in the order of their first time
};

}  // namespace vlmshim
