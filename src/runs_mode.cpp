#include "vlmshim/runs_mode.hpp"

#include <string>

#include "vlmshim/cleanup/living_runs.hpp"
#include "vlmshim/os/own_process.hpp"
#include "vlmshim/os/process.hpp"
#include "vlmshim/print.hpp"
#include "vlmshim/stderr_log.hpp"

namespace vlmshim {

namespace {

constexpr int exit_no_run = 1;

}  // namespace

int list_runs(const CommandLine& line) {
    const LogConfig how = typed_log(line);
    const StderrLog log(how);
    if (!os::proc_is_ours()) {
        log->error("runs cannot be seen: /proc is not mounted, or is that of another PID namespace");
        return exit_own_failure;
    }
    const RunViewer viewer{.is_root = os::is_root(), .sees_all = os::may_look_into_all()};
    const RunSearch search = find_living_runs();
    if (search.runs.empty()) {
        log->info(no_run_text(viewer));
    }
    if (search.not_shown > 0) {
        log->info(not_shown_text(search.not_shown, viewer));
    }
    std::string text;
    switch (how.format) {
        case LogFormat::Text:
            text = run_table(search.runs);
            break;
        case LogFormat::Json:
            text = json_lines(search.runs, write_living_run);
            break;
    }
    if (const int failed = print(text); failed != 0) {
        return failed;
    }
    return search.runs.empty() ? exit_no_run : 0;
}

}  // namespace vlmshim
