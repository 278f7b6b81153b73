// The end of a process that need not be a child, as who waits for it sees it.
#pragma once

#include <functional>
#include <memory>

#include "vlmshim/core/values/process.hpp"

namespace vlmshim {

/// Calls back once, from the loop; destroyed earlier, it never does.
class ProcessWatch {
public:
    virtual ~ProcessWatch() = default;
};

/// Null: the process is gone, or nobody would tell us (pidfd_open(2) is refused). Costs nothing while it lives.
using WatchProcess =
    std::function<std::unique_ptr<ProcessWatch>(const ProcessIdentity& process, std::function<void()> ended)>;

}  // namespace vlmshim
