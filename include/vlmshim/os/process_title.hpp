// The command line and name by which ps(1) and pkill(1) find a process.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace vlmshim::os {

/// The memory that /proc/PID/cmdline shows, proc(5): from the first argument to the end of the last one. Pointers into
/// argv see what is written there. After fork(2) each process has its own.
class ArgumentMemory {
public:
    /// No memory: nothing is shown.
    ArgumentMemory() = default;
    ArgumentMemory(int argc, char** argv);

    /// In place of the command line, cut to room(). No system call.
    void show(std::string_view title) const;
    std::size_t room() const { return memory_.empty() ? 0 : memory_.size() - 1; }
    /// As it was before.
    const std::string& command_line() const { return command_line_; }

private:
    std::span<char> memory_;
    std::string command_line_;
};

/// The short name, cut to 15 bytes, prctl(2) on PR_SET_NAME.
void take_name(std::string_view name);

}  // namespace vlmshim::os
