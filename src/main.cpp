// vlmshim(1): parse, load, run, end as the test ended.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include "vlmshim/core/command_line.hpp"
#include "vlmshim/log/log.hpp"
#include "vlmshim/keeper/keeper.hpp"
#include "vlmshim/load_config.hpp"
#include "vlmshim/supervisor/supervisor.hpp"

namespace {

using namespace vlmshim;

constexpr int no_link = -1;

int print(const std::string& text) {
    const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
    return written ? EXIT_SUCCESS : exit_own_failure;
}

/// Everything that is wrong at once; nothing has been started.
int refuse(const std::vector<std::string>& errors) {
    const auto log = log::make_logger({});
    for (const std::string& error : errors) {
        log->error(error);
    }
    return exit_own_failure;
}

/// Returns only when this process cannot or must not die of the test's signal.
int end_as(ExitStatus status) {
    if (status.kind == ExitStatus::Kind::Signaled) {
        os::die_of(Signal{status.value});
    }
    return shell_status(status);
}

int run(int argc, char** argv) {
    // Before anything else, so that no signal is lost and no descriptor of ours becomes the test's
    // standard input.
    os::Inheritance inheritance{.signals = os::block_all_signals(), .closed_stdio = os::fill_closed_stdio(), .descriptors = {}};
    inheritance.descriptors = os::inherited_descriptors();

    const CommandLine line = parse_command_line({argv + 1, argv + argc});
    if (!line.errors.empty()) {
        return refuse(line.errors);
    }
    switch (line.mode) {
        case Mode::Help:
            return print(help_text());
        case Mode::Version:
            return print("vlmshim " VLMSHIM_VERSION "\n");
        case Mode::Run:
        case Mode::Check:
            break;
    }
    const LoadedConfig loaded = load_config(line);
    if (!loaded.errors.empty()) {
        return refuse(loaded.errors);
    }
    if (line.mode == Mode::Check) {
        return print(print_config(loaded.config));
    }
    const auto log = log::make_logger(loaded.config.log);
    const auto supervise = [&](int link) { return Supervisor(loaded.config, inheritance, *log, link).run(); };
    // Nothing inside a PID namespace can kill its PID 1, so that needs no keeper.
    const bool needs_keeper = os::own_pid().value != 1;
    return end_as(needs_keeper ? keep(loaded.config, inheritance, *log, supervise) : supervise(no_link));
}

}  // namespace

int main(int argc, char** argv) {
    // What throws happens before the first spawn: nothing is left to clean up.
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        return refuse({error.what()});
    }
}
