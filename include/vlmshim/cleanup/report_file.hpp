// Writes the reports of a run, vlmshim-report(5).
#pragma once

#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "vlmshim/core/report/report_form.hpp"
#include "vlmshim/log/log.hpp"
#include "vlmshim/os/inheritance.hpp"
#include "vlmshim/os/reader_wait.hpp"
#include "vlmshim/os/written_file.hpp"

namespace vlmshim {

/// Made before the fork, so that keeper and supervisor write to the same descriptor, or in the same folder, and the
/// keeper knows which unfinished files a killed supervisor may have left.
class ReportFile {
public:
    /// A descriptor that the path names is duplicated.
    ReportFile(const std::string& path, const os::Inheritance& inheritance);

    /// What is wrong with the path from the start; empty: nothing. write() returns it, or what fails later.
    const std::string& problem() const { return problem_; }
    /// It is not written if it leads to the same file or stream as `earlier`.
    void refuse_if_same(const ReportFile& earlier);
    /// Whether it is written to, and its reader perhaps waited for; else it is replaced.
    bool is_stream() { return !file_ || file_->is_stream(); }

    /// Writes what is to be found there if keeper and supervisor are both killed; not to a stream, which gets a single
    /// report. An error is left for write().
    void begin(const RunReport& report);
    /// Why it could not be written; empty: it was.
    std::string write(const RunReport& report, Log& log, os::ReaderWait& reader);
    /// The same, once, after a write() that succeeded.
    std::string write_again(const RunReport& report, Log& log, os::ReaderWait& reader);
    /// By the keeper, when the supervisor has died: what it may have left unfinished is removed, and write() writes
    /// anew.
    void take_over();

private:
    std::string not_written(const std::string& why) const;
    WrittenTarget target() const;
    std::error_code write_text(const std::string& text, os::ReaderWait& reader);

    std::string path_;
    std::string problem_;
    os::Fd stream_;
    std::optional<os::WrittenFile> file_;
    // One for each write: seeing the first name does not give away the second.
    std::string unfinished_at_start_;
    std::string unfinished_at_end_;
    std::string unfinished_again_;
};

/// All of a run.
class ReportFiles {
public:
    /// No report is wanted.
    ReportFiles() = default;
    ReportFiles(const std::vector<std::string>& paths, const os::Inheritance& inheritance);

    bool wanted() const { return !files_.empty(); }
    /// The problems of those with one, which are not written from then on.
    std::vector<std::string> leave_out_refused();
    void begin(const RunReport& report);

    /// Each is tried, and logged if it cannot be written. A status of 0 becomes 125 then, with the reason, also in the
    /// files that are written already; not in what a stream has got. true: one was logged as a warning, since the run
    /// had failed already.
    bool finish(RunReport& report, Log& log, os::ReaderWait& reader);

    /// By the keeper before finish(), when the supervisor has died.
    void take_over();

private:
    std::vector<ReportFile> files_;
};

}  // namespace vlmshim
