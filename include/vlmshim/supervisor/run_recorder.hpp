// Collects the report of the run, and writes it, to each of its files, and its summary.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "vlmshim/cleanup/ended_log.hpp"
#include "vlmshim/cleanup/report_file.hpp"
#include "vlmshim/cleanup/sockets.hpp"
#include "vlmshim/cleanup/step_summary_file.hpp"
#include "vlmshim/core/config/auto_ports.hpp"
#include "vlmshim/core/config/config.hpp"
#include "vlmshim/core/lifecycle/lifecycle.hpp"
#include "vlmshim/core/report/run_report.hpp"
#include "vlmshim/core/values/signal_info.hpp"
#include "vlmshim/log/log.hpp"

namespace vlmshim {

class RunRecorder {
public:
    /// All outlive it.
    RunRecorder(const Config& config, const std::string& run, const Sockets& sockets, const Processes& processes,
                ReportFiles& files, const StepSummaryFile& summary, Log& log);

    /// A report, so that more than the summary needs has to be collected.
    bool wanted() const { return ended_.wanted(); }
    EndedLog& ended() { return ended_; }

    /// Writes a report that says "running": it stays if not even the keeper can write one.
    void begin();
    void entered(Phase phase);
    /// `at`: of the steady clock.
    void signal_arrived(const SignalInfo& info, const std::string& from, Millis at);
    void server_started(ServerId server, Pid pid, const std::string& probe);
    /// `listening`: called only if a report is wanted.
    void server_ready(ServerId server, const std::function<std::optional<RunReport::Listening>()>& listening);
    /// Another process listens where this server should.
    void stranger_seen(ServerId server, const std::string& description);
    void listener_lost(ServerId server);
    void server_ended(ServerId server, ExitStatus status);
    void test_started(Pid pid);
    void test_ended(ExitStatus status);
    void answered(ServerId server, const AnswerHistory& answers);
    void wrote(ServerId server, const RunReport::Output& output) { at(server).output = output; }
    void cleaned_up(const std::string& text) { report_.clean_up = text; }
    void failed_because(const std::string& reason) { report_.reason = reason; }
    void look_at_ports_before();

    /// Writes the final report, and the summary. Returns the status to end with: 0 becomes 125 when the report cannot
    /// be written.
    ExitStatus finish(const Outcome& outcome, const PortNumbers& ports, os::ReaderWait& reader);

private:
    Millis since_start() const;
    void take_ports(const PortNumbers& ports);
    RunReport::Server& at(ServerId server) { return report_.servers[index_of(server)]; }

    const Config& config_;
    const Sockets& sockets_;
    const Processes& processes_;
    ReportFiles& files_;
    const StepSummaryFile& summary_;
    Log& log_;
    Millis started_;
    RunReport report_;
    EndedLog ended_;
};

}  // namespace vlmshim
