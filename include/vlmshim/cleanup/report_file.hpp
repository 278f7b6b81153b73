// The report of a run, vlmshim-report(5), on its way to the file.
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

/// What is known at the start; `writer` goes into written_by.
RunReport begin_report(const Config& config, const std::string& writer);

void add_ended(RunReport& report, const EndedLog& ended);

/// Made before the fork, so that keeper and supervisor write to the same descriptor, or in the same folder, and the
/// keeper knows what a supervisor that was killed has left unfinished.
class ReportFile {
public:
    /// No report is wanted.
    ReportFile() = default;
    /// An empty path: no report is wanted. A path that means a descriptor is duplicated, as the caller has left it.
    ReportFile(const std::string& path, const os::Inheritance& inheritance);

    bool wanted() const { return !path_.empty(); }
    /// What is wrong with the path from the start; empty: nothing. What only the end can tell, it tells.
    const std::string& problem() const { return problem_; }

    /// What is found when nobody can write it any more. Not to a stream, which gets one report; and if it is refused,
    /// that is said at the end.
    void begin(const RunReport& report);

    /// Returns the status to end with: `status`, or 125 when that is 0 and the report cannot be written.
    ExitStatus finish(const RunReport& report, ExitStatus status, Log& log, os::ReaderWait& reader);

    /// The same in place of a supervisor that is gone.
    ExitStatus finish_in_its_place(const RunReport& report, ExitStatus status, Log& log, os::ReaderWait& reader);

private:
    std::string not_written(std::error_code why) const;
    std::error_code write(const std::string& text, const std::string& unfinished, os::ReaderWait& reader);
    ExitStatus finish_as(const std::string& unfinished, const RunReport& report, ExitStatus status, Log& log,
                         os::ReaderWait& reader);

    std::string path_;
    std::string problem_;
    os::Fd stream_;
    std::optional<os::WrittenFile> file_;
    // One for each writing: whoever has seen one knows nothing of the next.
    std::string unfinished_at_start_;
    std::string unfinished_at_end_;
};

}  // namespace vlmshim
