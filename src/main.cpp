// vlmshim(1): parse, load, run, end as the test ended.
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <string>

#include "vlmshim/check.hpp"
#include "vlmshim/cleanup/report_file.hpp"
#include "vlmshim/cleanup/signal_wait.hpp"
#include "vlmshim/core/config/command_line.hpp"
#include "vlmshim/core/values/version.hpp"
#include "vlmshim/init.hpp"
#include "vlmshim/keeper/keeper.hpp"
#include "vlmshim/load_config.hpp"
#include "vlmshim/log/log.hpp"
#include "vlmshim/log/writer.hpp"
#include "vlmshim/os/own_process.hpp"
#include "vlmshim/os/run.hpp"
#include "vlmshim/port_modes.hpp"
#include "vlmshim/print.hpp"
#include "vlmshim/supervisor/supervisor.hpp"

namespace {

using namespace vlmshim;

constexpr int no_link = -1;

/// Nothing has been started.
struct NotStarted {
    std::vector<std::string> errors;
    std::string cause = "configuration";
    ExitStatus status = ExitStatus::exited(exit_own_failure);
};

void report_not_started(const NotStarted& why, const Config& config, const os::Inheritance& inheritance,
                        ReportFile& file, Log& log) {
    RunReport report = begin_report(config, "start-up");
    report.status = why.status;
    report.cause = why.cause;
    report.reason = why.errors.front();
    report.errors = why.errors;
    SignalWait reader(inheritance.signals);
    file.finish(report, why.status, log, reader);
}

void tell(const std::vector<std::string>& errors, Log& log) {
    for (const std::string& error : errors) {
        log.error(error);
        log.annotate_failure(error);
    }
}

/// Everything that is wrong at once, also in the report where its place is known.
int refuse(const NotStarted& why, Config config, const CommandLine& line, const os::Inheritance& inheritance) {
    Writer writer(STDERR_FILENO);
    const auto log = make_log({}, writer);
    tell(why.errors, *log);
    config.report = line.report.value_or(config.report);
    if (line.mode == Mode::Run && !config.report.empty()) {
        if (!line.command.empty()) {
            config.test.command = line.command;
        }
        ReportFile file(config.report, inheritance);
        report_not_started(why, config, inheritance, file, *log);
    }
    return exit_own_failure;
}

[[noreturn]] void end_as(ExitStatus status) {
    if (status.kind == ExitStatus::Kind::Signaled) {
        os::die_by(Signal{status.value});  // returns when this process cannot or must not die of it
    }
    std::_Exit(shell_status(status));  // nothing is buffered, and the kernel clears up faster than we do
}

ExitStatus run_test(const Config& config, const os::Inheritance& inheritance) {
    Writer writer(STDERR_FILENO);
    const auto log = make_log(config.log, writer);
    ReportFile report(config.report, inheritance);
    if (!report.problem().empty()) {
        tell({report.problem()}, *log);
        return ExitStatus::exited(exit_own_failure);
    }
    const auto told = [&](const std::exception& error) {
        report_not_started({{error.what()}, "system"}, config, inheritance, report, *log);
    };
    const os::RunMark mark = os::make_run_mark();
    const auto run_supervisor = [&](int link) {
        try {
            return supervise(config, inheritance, mark, report, *log, writer, link);
        } catch (const std::exception& error) {
            told(error);
            throw;
        }
    };
    // Nothing inside a PID namespace can kill its PID 1, so that needs no keeper.
    const bool needs_keeper = os::own_pid().value != 1;
    if (!needs_keeper) {
        return run_supervisor(no_link);
    }
    try {
        return keep(config, inheritance, mark, report, *log, writer, run_supervisor);
    } catch (const std::exception& error) {
        told(error);
        throw;
    }
}

int run(int argc, char** argv) {
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
            return print("vlmshim " + std::string(version()) + "\n");
        case Mode::Init:
            return init(line);
        case Mode::Run:
        case Mode::Check:
        case Mode::Who:
        case Mode::Free:
            break;
    }
    const LoadedConfig loaded = load_config(line, inheritance.signals);
    if (!loaded.warnings.empty()) {
        Writer writer(STDERR_FILENO);
        const auto log = make_log(loaded.config.log, writer);
        for (const std::string& warning : loaded.warnings) {
            log->warn(warning);
        }
    }
    if (loaded.ended_by) {
        const ExitStatus status = ExitStatus::signaled(*loaded.ended_by);
        refuse({loaded.errors, "interrupted", status}, loaded.config, line, inheritance);
        end_as(status);
    }
    if (!loaded.errors.empty()) {
        return refuse({loaded.errors}, loaded.config, line, inheritance);
    }
    switch (line.mode) {
        case Mode::Check:
            return check(loaded, inheritance);
        case Mode::Who:
            return who(loaded.config);
        case Mode::Free:
            os::block_sigpipe();  // who does not want to read on wants the ports free all the same
            return free_ports(loaded.config, line);
        case Mode::Help:
        case Mode::Version:
        case Mode::Init:
        case Mode::Run:
            break;
    }
    if (const std::vector<std::string> missing = missing_programs(loaded.config); !missing.empty()) {
        return refuse({missing, "system"}, loaded.config, line, inheritance);
    }
    end_as(run_test(loaded.config, inheritance));
}

}  // namespace

int main(int argc, char** argv) {
    // What throws happens before the first spawn: nothing is left to clean up.
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        Writer writer(STDERR_FILENO);
        tell({error.what()}, *make_log({}, writer));
        return exit_own_failure;
    }
}
