// The end of a process that need not be a child, as the waiting part sees it.
#pragma once

#include <functional>
#include <memory>

#include "vlmshim/core/values/process.hpp"

namespace vlmshim {

/// Calls back once, from the loop; destroyed earlier, never.
class ProcessWatch {
public:
    virtual ~ProcessWatch() = default;
};

/// Null: the process has ended, or pidfd_open(2) is refused. Costs nothing while the process lives.
using WatchProcess =
    std::function<std::unique_ptr<ProcessWatch>(const ProcessIdentity& process, std::function<void()> ended)>;

}  // namespace vlmshim
