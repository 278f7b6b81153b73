#include "vlmshim/cleanup/hand_out.hpp"

namespace vlmshim {

void hand_out(RunReport& report, const ReportOutlets& to, Log& log) {
    const bool warned_of_files = to.files.finish(report, log, to.reader);
    const bool warned_of_summary = to.summary.append(report, log);
    if ((warned_of_files || warned_of_summary) && !report.reason.empty()) {
        log.error(report.reason, " (exit status ", shell_status(*report.status), ")");
    }
}

}  // namespace vlmshim
