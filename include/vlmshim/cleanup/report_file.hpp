// Writes the report of a run, vlmshim-report(5).
#pragma once

#include <optional>
#include <string>

#include "vlmshim/cleanup/ended_log.hpp"
#include "vlmshim/core/config/config.hpp"
#include "vlmshim/core/report/run_report.hpp"
#include "vlmshim/log/log.hpp"
#include "vlmshim/os/inheritance.hpp"
#include "vlmshim/os/reader_wait.hpp"
#include "vlmshim/os/written_file.hpp"

namespace vlmshim {

/// With what is known at the start; `writer` goes into written_by.
RunReport begin_report(const Config& config, const std::string& writer);

void add_ended(RunReport& report, const EndedLog& ended);

/// Made before the fork, so that keeper and supervisor write to the same descriptor, or in the same folder, and the
/// keeper knows which unfinished files a killed supervisor may have left.
class ReportFile {
public:
    /// No report is wanted.
    ReportFile() = default;
    /// An empty path: no report is wanted. A descriptor that the path names is duplicated.
    ReportFile(const std::string& path, const os::Inheritance& inheritance);

    bool wanted() const { return !path_.empty(); }
    /// What is wrong with the path from the start; empty: nothing. finish() reports what fails later.
    const std::string& problem() const { return problem_; }

    /// Writes what is to be found there if keeper and supervisor are both killed. Not to a stream, which gets a single
    /// report. An error is left for finish().
    void begin(const RunReport& report);

    /// Returns the exit status: `status`, or 125 when that is 0 and the report cannot be written.
    ExitStatus finish(const RunReport& report, ExitStatus status, Log& log, os::ReaderWait& reader);

    /// The same by the keeper, when the supervisor has died.
    ExitStatus finish_for_supervisor(const RunReport& report, ExitStatus status, Log& log, os::ReaderWait& reader);

private:
    std::string not_written(std::error_code why) const;
    std::error_code write(const std::string& text, const std::string& unfinished, os::ReaderWait& reader);
    ExitStatus finish_as(const std::string& unfinished, const RunReport& report, ExitStatus status, Log& log,
                         os::ReaderWait& reader);

    std::string path_;
    std::string problem_;
    os::Fd stream_;
    std::optional<os::WrittenFile> file_;
    // One for each write: seeing the first name does not give away the second.
    std::string unfinished_at_start_;
    std::string unfinished_at_end_;
};

}  // namespace vlmshim
