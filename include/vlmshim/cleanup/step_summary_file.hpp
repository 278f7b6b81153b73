// Appends the summary of a run to the file of the step that it is in, on GitHub Actions.
#pragma once

#include <string>
#include <utility>

#include "vlmshim/core/report/run_report.hpp"
#include "vlmshim/log/log.hpp"

namespace vlmshim {

class StepSummaryFile {
public:
    /// None is wanted.
    StepSummaryFile() = default;
    explicit StepSummaryFile(std::string path) : path_(std::move(path)) {}
    /// GITHUB_STEP_SUMMARY, under GITHUB_ACTIONS=true.
    static StepSummaryFile of_environment();

    bool wanted() const { return !path_.empty(); }
    /// The file is the runner's: one that is not there is not made. true: it failed, which is a warning in the log.
    bool append(const RunReport& report, Log& log) const;

private:
    std::string path_;
};

}  // namespace vlmshim
