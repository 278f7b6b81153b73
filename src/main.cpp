// vlmshim(1): parse, load, run, end as the test ended.
#include <cstdlib>
#include <exception>
#include <string>

#include "vlmshim/check.hpp"
#include "vlmshim/cleanup/run_setup.hpp"
#include "vlmshim/core/config/command_line.hpp"
#include "vlmshim/core/config/completions.hpp"
#include "vlmshim/core/values/version.hpp"
#include "vlmshim/init.hpp"
#include "vlmshim/keeper/keeper.hpp"
#include "vlmshim/load_config.hpp"
#include "vlmshim/os/own_process.hpp"
#include "vlmshim/os/run.hpp"
#include "vlmshim/os/wait.hpp"
#include "vlmshim/port_modes.hpp"
#include "vlmshim/print.hpp"
#include "vlmshim/refuse.hpp"
#include "vlmshim/runs_mode.hpp"
#include "vlmshim/stderr_log.hpp"
#include "vlmshim/supervisor/supervisor.hpp"

namespace {

using namespace vlmshim;

constexpr int no_link = -1;

[[noreturn]] void end_as(ExitStatus status) {
    if (status.kind == ExitStatus::Kind::Signaled) {
        os::die_by(Signal{status.value});  // returns when this process cannot or must not die of it
    }
    std::_Exit(shell_status(status));  // nothing is buffered, and the kernel frees the memory faster
}

void report_error(const RunSetup& setup, const std::exception& error) {
    report_not_started({{error.what()}, Cause::System}, setup.config, setup.inheritance, setup.reports, setup.summary,
                       setup.log);
}

/// An exception comes from before the first process is started, or from a lack of memory or descriptors during the run.
/// Then the keeper ends what is left, and reports that, unless it is certain that nothing is.
os::ToKeeper supervise_for_keeper(const RunSetup& setup, int link) {
    os::ToKeeper last;
    try {
        last = os::to_keeper::Verdict{supervise(setup, link)};
    } catch (const std::exception& error) {
        const bool nothing_is_left = os::is_subreaper() && !os::has_children();
        if (nothing_is_left) {
            report_error(setup, error);
        }
        setup.log.error(error.what(), " (exit status ", exit_own_failure, ")");
        last = os::to_keeper::GaveUp{ExitStatus::exited(exit_own_failure), nothing_is_left};
    }
    return last;
}

/// Returns in the process that the caller sees, with how it has to end.
ExitStatus run(const LoadedConfig& loaded, const os::Inheritance& inheritance) {
    const Config& config = loaded.config;
    StderrLog log(config.log);
    ReportFiles reports(config.reports, inheritance);
    const StepSummaryFile summary = StepSummaryFile::of_environment();
    const std::vector<std::string> problems = reports.leave_out_refused();
    log_failures(problems, *log);
    if (!config.reports.empty()) {
        log->keep(loaded.warnings);
    }
    if (!problems.empty()) {
        report_not_started({problems, Cause::System}, config, inheritance, reports, summary, *log);
        return ExitStatus::exited(exit_own_failure);
    }
    const RunSetup setup{config, inheritance, os::make_run_mark(), reports, summary, *log, log.writer()};
    // Nothing inside a PID namespace can kill its PID 1, so that needs no keeper.
    const bool needs_keeper = os::own_pid().value != 1;
    try {
        return needs_keeper ? keep(setup, [&](int link) { return supervise_for_keeper(setup, link); })
                            : supervise(setup, no_link);
    } catch (const std::exception& error) {
        report_error(setup, error);
        throw;
    }
}

void log_warnings(const LoadedConfig& loaded) {
    if (!loaded.warnings.empty()) {
        const StderrLog log(loaded.config.log);
        for (const std::string& warning : loaded.warnings) {
            log->warn(warning);
        }
    }
}

int start(int argc, char** argv) {
    // Before anything else, so that no signal is lost and no descriptor of ours becomes the test's
    // standard input.
    os::Inheritance inheritance{.signals = os::block_all_signals(),
                                .closed_stdio = os::fill_closed_stdio(),
                                .descriptors = {},
                                .arguments = {}};
    inheritance.descriptors = os::inherited_descriptors();
    inheritance.arguments = os::ArgumentMemory(argc, argv);

    const CommandLine line = parse_main_arguments(argc, argv);
    if (!line.errors.empty()) {
        return refuse({line.errors}, {}, line, inheritance);
    }
    if (line.mode != Mode::Run) {
        os::restore_signals(inheritance.signals);  // there is nothing to clean up: ^C just ends it
    }
    switch (line.mode) {
        case Mode::Help:
            return print(line.topic == HelpTopic::Config ? explain_config() : help_text());
        case Mode::Version:
            return print(name_and_version() + "\n");
        case Mode::Init:
            return init(line);
        case Mode::Completions:
            return print(std::string(completions(*line.shell)));
        case Mode::Runs:
            return list_runs(line);
        case Mode::Run:
        case Mode::Check:
        case Mode::Who:
        case Mode::Free:
            break;
    }
    const LoadedConfig loaded = load_config(line, inheritance.signals);
    const Config& config = loaded.config;
    log_warnings(loaded);
    if (loaded.ended_by) {
        const ExitStatus status = ExitStatus::signaled(*loaded.ended_by);
        refuse({loaded.errors, Cause::Interrupted, status, loaded.warnings}, config, line, inheritance);
        end_as(status);
    }
    if (!loaded.errors.empty()) {
        return refuse({.errors = loaded.errors, .warnings = loaded.warnings}, config, line, inheritance);
    }
    switch (line.mode) {
        case Mode::Check:
            return check(loaded, inheritance);
        case Mode::Who:
            return who(config);
        case Mode::Free:
            os::block_sigpipe();  // a reader that closes the pipe does not stop the clean-up
            return free_ports(config, line);
        case Mode::Help:
        case Mode::Version:
        case Mode::Init:
        case Mode::Completions:
        case Mode::Runs:
        case Mode::Run:
            break;
    }
    if (const std::vector<std::string> missing = missing_programs(config); !missing.empty()) {
        return refuse({.errors = missing, .cause = Cause::System, .warnings = loaded.warnings}, config, line,
                      inheritance);
    }
    // Up to here, and in run() until the first server or test is started, an error ends vlmshim. From then on an error
    // is logged, and the run goes on to its clean-up.
    end_as(run(loaded, inheritance));
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return start(argc, argv);
    } catch (const std::exception& error) {
        log_failures({error.what()}, *StderrLog());
        return exit_own_failure;
    }
}
