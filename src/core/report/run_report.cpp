#include "vlmshim/core/report/run_report.hpp"

#include <algorithm>
#include <iterator>

namespace vlmshim {

namespace {

bool has_served(const RunReport& report) {
    return std::any_of(report.phases.begin(), report.phases.end(),
                       [](const RunReport::PhaseTime& one) { return one.phase == Phase::Serving; });
}

/// nullptr: it has not begun.
const RunReport::PhaseTime* begin_of_end(const RunReport& report) {
    const auto end = std::find_if(report.phases.begin(), report.phases.end(),
                                  [](const RunReport::PhaseTime& one) { return one.phase >= Phase::Stopping; });
    return end == report.phases.end() ? nullptr : &*end;
}

}  // namespace

Verdict verdict_of(const RunReport& report) {
    if (!report.status) {
        return Verdict::Running;
    }
    if (report.cause == Cause::KeeperKilled || report.written_by == ReportWriter::Keeper) {
        return Verdict::Error;
    }
    if (report.status->success()) {
        return Verdict::Passed;
    }
    if (report.cause == Cause::TestTimedOut) {
        return Verdict::TimedOut;
    }
    if (report.cause == Cause::Interrupted) {
        return Verdict::Interrupted;
    }
    if (!report.test && report.ended_by && report.status == ExitStatus::signaled(*report.ended_by)) {
        return Verdict::Interrupted;
    }
    const bool is_ours = report.cause != Cause::None && report.status == ExitStatus::exited(exit_own_failure);
    if (report.test && report.test->status == report.status && !is_ours) {
        return report.ended_by ? Verdict::Interrupted : Verdict::Failed;
    }
    return report.test || has_served(report) ? Verdict::Error : Verdict::NotStarted;
}

const RunReport::Server* blamed_server(const RunReport& report) {
    return report.blamed ? &report.servers.at(index_of(*report.blamed)) : nullptr;
}

const RunReport::SignalSeen* ending_signal(const RunReport& report) {
    const auto seen = std::find_if(report.signals.begin(), report.signals.end(),
                                   [&](const RunReport::SignalSeen& one) { return one.signal == report.ended_by; });
    return seen == report.signals.end() ? nullptr : &*seen;
}

bool ended_with_run(const RunReport& report, const RunReport::Server& server) {
    const RunReport::PhaseTime* const end = begin_of_end(report);
    const bool died = report.cause == Cause::ServerDied && &server == blamed_server(report);
    return server.ended_at && end != nullptr && *server.ended_at >= end->at && !died;
}

bool was_ended(const RunReport& report, const RunReport::Test& test) {
    const RunReport::PhaseTime* const end = begin_of_end(report);
    return test.ended_at && end != nullptr && *test.ended_at >= end->at && end->phase != Phase::Draining;
}

std::vector<Port> numbered_ports(const RunReport& report) {
    std::vector<Port> ports;
    std::copy_if(report.ports.begin(), report.ports.end(), std::back_inserter(ports),
                 [](Port port) { return port != auto_port; });
    return ports;
}

}  // namespace vlmshim
