#include "vlmshim/core/report/run_report.hpp"

namespace vlmshim {

namespace {

bool is_the_tests_own(ExitStatus status, const RunReport& report) {
    return report.test && report.test->status == status;
}

}  // namespace

std::string_view failure_name(Failure failure) {
    switch (failure) {
        case Failure::None:
            return "none";
        case Failure::Interrupted:
            return "interrupted";
        case Failure::PortBusy:
            return "port-busy";
        case Failure::ServerNotStarted:
            return "server-not-started";
        case Failure::ServerDied:
            return "server-died";
        case Failure::ServerNotReady:
            return "server-not-ready";
        case Failure::ServerNotOurs:
            return "server-not-ours";
        case Failure::TestNotStarted:
            return "test-not-started";
        case Failure::TestTimedOut:
            return "test-timed-out";
        case Failure::Leftovers:
            return "leftovers";
        case Failure::NotCleaned:
            return "not-cleaned";
        case Failure::KeeperLost:
            return "keeper-killed";
    }
    return {};
}

std::string_view verdict_of(const RunReport& report) {
    if (!report.status) {
        return "running";
    }
    if (report.cause == failure_name(Failure::KeeperLost) || report.written_by == "keeper") {
        return "error";
    }
    if (report.status->success()) {
        return "passed";
    }
    if (report.cause == failure_name(Failure::TestTimedOut)) {
        return "timed-out";
    }
    if (report.cause == failure_name(Failure::Interrupted)) {
        return "interrupted";
    }
    if (is_the_tests_own(*report.status, report)) {
        return "failed";
    }
    return report.test ? "error" : "not-started";
}

}  // namespace vlmshim
