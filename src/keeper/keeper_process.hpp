// The outer process: the pid that the caller sees.
#pragma once

#include <spdlog/logger.h>

#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "vlmshim/cleanup/report_file.hpp"
#include "vlmshim/cleanup/tree.hpp"
#include "vlmshim/core/config/config.hpp"
#include "vlmshim/os/link.hpp"
#include "vlmshim/os/terminal.hpp"

namespace vlmshim {

class Keeper {
public:
    /// All but the link outlive the keeper. `strangers`: children from before this process was vlmshim.
    Keeper(const Config& config, spdlog::logger& log, os::Fd link, Pid supervisor, std::vector<Pid> strangers);

    /// Until the supervisor has ended, and nothing of the run is left. Returns how this process has to end.
    ExitStatus run();

private:
    void on_signals();
    void pass_on(const SignalInfo& info);
    void send_waiting();
    void on_link();
    void on_message(const os::ToKeeper& message);
    void on(const os::to_keeper::Shared& shared);
    void on(const os::to_keeper::Stopped& stopped);
    void on(const os::to_keeper::Verdict& verdict);
    void on(const os::to_keeper::GaveUp& gave_up);
    void reap();

    // when the supervisor is gone (keeper_orphans.cpp)
    void wait_for_supervisor();
    Tree own_tree() const;
    ExitStatus end_orphans();
    Tree end_tree(EndedLog& ended);
    ExitStatus report(const std::string& why, const EndedLog& ended);
    void wait_for_orphans(Tree& tree, Millis limit);
    bool tree_is_empty(const Tree& tree) const;
    void take_terminal_back();

    const Config& config_;
    spdlog::logger& log_;
    os::Fd link_;
    os::Fd signals_;
    Pid supervisor_;
    std::deque<os::ToSupervisor> waiting_;  // for room on the link
    std::vector<Pid> strangers_;
    int terminal_ = os::terminal_descriptor();
    std::optional<termios> modes_;
    std::optional<ExitStatus> verdict_;
    std::optional<ExitStatus> gave_up_;
    std::optional<ExitStatus> supervisors_end_;
    std::size_t reaped_ = 0;
    bool no_children_ = false;
    bool over_ = false;
    RunReport report_ = begin_report(config_, "keeper");
    std::chrono::steady_clock::time_point born_ = std::chrono::steady_clock::now();
};

}  // namespace vlmshim
