// Remembers who was met at the end of a run and what it took.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "vlmshim/core/report/ended_process.hpp"
#include "vlmshim/os/process.hpp"

namespace vlmshim {

class EndedLog {
public:
    /// A storm must not cost a look at /proc and a line of the report for each of its processes:
    /// beyond these they are only counted.
    static constexpr std::size_t most_listed = 1'000;

    /// To be called while it lives: its command is read now. The strongest one stays, in whatever order they come.
    void note(const os::ProcessIdentity& process, EndedHow how);

    std::vector<EndedProcess> list() const;
    std::size_t total() const { return processes_.size(); }

private:
    std::map<os::ProcessIdentity, EndedProcess> processes_;
    std::vector<os::ProcessIdentity> listed_;  // in the order of their first time
};

}  // namespace vlmshim
