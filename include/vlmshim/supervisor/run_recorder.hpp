// Collects what happens for the report of the run, and writes it. Does nothing when none is wanted.
#pragma once

#include <spdlog/logger.h>

#include <string>

#include "vlmshim/cleanup/ended_log.hpp"
#include "vlmshim/core/config/config.hpp"
#include "vlmshim/core/lifecycle/lifecycle.hpp"
#include "vlmshim/core/report/run_report.hpp"
#include "vlmshim/os/signals.hpp"

namespace vlmshim {

class RunRecorder {
public:
    /// `config` outlives it, and gets numbers for its "auto" ports meanwhile.
    RunRecorder(const Config& config, const std::string& run_id, spdlog::logger& log);

    bool wanted() const { return !config_.report.empty(); }
    EndedLog& ended() { return ended_; }

    /// "running": what is found when even the keeper cannot write any more.
    void begin();
    void entered(Phase phase);
    void signal_came(const SignalInfo& info, const std::string& from);
    void server_started(ServerId server, Pid pid, bool reused, const std::string& probe);
    void server_ready(ServerId server);
    void server_ended(ServerId server, ExitStatus status);
    void test_started(Pid pid);
    void test_ended(ExitStatus status);
    void survived(const os::ProcessIdentity& process) { ended_.note(process, EndedHow::Survived); }
    void answered(ServerId server, const AnswerHistory& answers);
    void failed_because(const std::string& reason) { report_.reason = reason; }
    void look_at_ports_before();

    /// Writes it for good. Returns the status to end with: a passing test whose report could not be
    /// written does not pass.
    ExitStatus finish(ExitStatus status, Failure failure);

private:
    Millis since_start() const;
    void take_ports();
    RunReport::Server& at(ServerId server) { return report_.servers[static_cast<std::size_t>(server)]; }

    const Config& config_;
    spdlog::logger& log_;
    Millis started_;
    RunReport report_;
    EndedLog ended_;
};

}  // namespace vlmshim
