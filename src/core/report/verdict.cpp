#include "vlmshim/core/report/verdict.hpp"

namespace vlmshim {

Cause cause_of(Failure failure) {
    switch (failure) {
        case Failure::None:
            return Cause::None;
        case Failure::Interrupted:
            return Cause::Interrupted;
        case Failure::PortBusy:
            return Cause::PortBusy;
        case Failure::ServerNotStarted:
            return Cause::ServerNotStarted;
        case Failure::ServerDied:
            return Cause::ServerDied;
        case Failure::ServerNotReady:
            return Cause::ServerNotReady;
        case Failure::ServerNotOurs:
            return Cause::ServerNotOurs;
        case Failure::TestNotStarted:
            return Cause::TestNotStarted;
        case Failure::TestTimedOut:
            return Cause::TestTimedOut;
        case Failure::Leftovers:
            return Cause::Leftovers;
        case Failure::NotCleaned:
            return Cause::NotCleaned;
        case Failure::KeeperLost:
            return Cause::KeeperKilled;
    }
    return Cause::None;
}

std::string_view cause_name(Cause cause) {
    switch (cause) {
        case Cause::None:
            return "none";
        case Cause::Interrupted:
            return "interrupted";
        case Cause::PortBusy:
            return "port-busy";
        case Cause::ServerNotStarted:
            return "server-not-started";
        case Cause::ServerDied:
            return "server-died";
        case Cause::ServerNotReady:
            return "server-not-ready";
        case Cause::ServerNotOurs:
            return "server-not-ours";
        case Cause::TestNotStarted:
            return "test-not-started";
        case Cause::TestTimedOut:
            return "test-timed-out";
        case Cause::Leftovers:
            return "leftovers";
        case Cause::NotCleaned:
            return "not-cleaned";
        case Cause::ReportNotWritten:
            return "report-not-written";
        case Cause::KeeperKilled:
            return "keeper-killed";
        case Cause::Configuration:
            return "configuration";
        case Cause::System:
            return "system";
        case Cause::SupervisorKilled:
            return "supervisor-killed";
        case Cause::SupervisorFailed:
            return "supervisor-failed";
    }
    return {};
}

std::string_view verdict_name(Verdict verdict) {
    switch (verdict) {
        case Verdict::Running:
            return "running";
        case Verdict::Passed:
            return "passed";
        case Verdict::Failed:
            return "failed";
        case Verdict::TimedOut:
            return "timed-out";
        case Verdict::Interrupted:
            return "interrupted";
        case Verdict::NotStarted:
            return "not-started";
        case Verdict::Error:
            return "error";
    }
    return {};
}

std::string_view writer_name(ReportWriter writer) {
    switch (writer) {
        case ReportWriter::Supervisor:
            return "supervisor";
        case ReportWriter::Keeper:
            return "keeper";
        case ReportWriter::StartUp:
            return "start-up";
    }
    return {};
}

}  // namespace vlmshim
