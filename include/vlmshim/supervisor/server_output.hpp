// What one server writes: where it goes, and what is kept and shown of it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "vlmshim/core/config/config.hpp"
#include "vlmshim/core/report/run_report.hpp"
#include "vlmshim/core/values/kept_output.hpp"
#include "vlmshim/core/values/log_match.hpp"
#include "vlmshim/core/values/server_id.hpp"
#include "vlmshim/log/log.hpp"
#include "vlmshim/loop/loop.hpp"
#include "vlmshim/supervisor/launcher.hpp"
#include "vlmshim/supervisor/shown_output.hpp"

namespace vlmshim {

class ServerOutput {
public:
    /// All outlive it.
    ServerOutput(const ServerConfig& server, const Config& config, loop::Loop& loop, Log& log);
    ServerOutput(const ServerOutput&) = delete;
    ServerOutput& operator=(const ServerOutput&) = delete;

    /// Starts the server with its output connected. May be called again when it has ended.
    std::variant<Pid, os::SpawnError> start(Launcher& launcher, ServerId id);

    /// When its main process or the run has ended: takes what is in the pipe now, and shows it without waiting for the
    /// end of a line. Never waits for the end of the pipe, which a process left of the server may hold open.
    void finish();

    /// Why [server.ready] log, which has to be given, matches no line of what it has written so far; empty: it does.
    std::string why_no_match();
    /// What is kept of it so far.
    std::vector<std::string> lines() const;
    /// For the report of a run in which the server was started.
    RunReport::Output report() const;

private:
    std::variant<Pid, os::SpawnError> start_captured(Launcher& launcher, ServerId id);
    std::variant<Pid, os::SpawnError> start_into_file(Launcher& launcher, ServerId id);
    void take(std::string_view bytes);
    void read_file();

    const ServerConfig& server_;
    OutputWay way_;
    loop::Loop& loop_;
    KeptOutput kept_;
    std::optional<ShownOutput> shown_;  // by lines
    std::optional<LogMatch> match_;     // since a start, where a line is waited for
    os::Fd file_;                       // read back for match_
    std::unique_ptr<loop::PipeReader> pipe_;
};

}  // namespace vlmshim
