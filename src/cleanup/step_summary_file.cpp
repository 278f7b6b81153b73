#include "vlmshim/cleanup/step_summary_file.hpp"

#include <cstdint>

#include "vlmshim/core/report/step_summary.hpp"
#include "vlmshim/os/environment.hpp"
#include "vlmshim/os/file.hpp"

namespace vlmshim {

namespace {

/// Of a larger one the runner shows nothing.
constexpr std::uint64_t most_bytes = 1024 * 1024;

}  // namespace

StepSummaryFile StepSummaryFile::of_environment() {
    return os::is_on_github() ? StepSummaryFile(std::string(os::environment("GITHUB_STEP_SUMMARY")))
                              : StepSummaryFile();
}

bool StepSummaryFile::append(const RunReport& report, Log& log) const {
    const std::string summary = wanted() ? step_summary(report) : "";
    if (summary.empty()) {
        return false;
    }
    // What is there may end within a line, or in a table, which an empty line ends.
    const auto error = os::append_to_file(path_, "\n\n" + summary, most_bytes);
    if (error == std::errc::no_such_file_or_directory) {  // a container has the variables, but not the folder
        log.debug("no step summary: ", path_, " is not there");
        return false;
    }
    if (error) {
        log.warn("the step summary ", path_, " cannot be written: ", error.message());
    }
    return static_cast<bool>(error);
}

}  // namespace vlmshim
