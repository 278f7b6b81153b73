#include "vlmshim/supervisor/test_process.hpp"

#include "vlmshim/core/values/shell_words.hpp"

namespace vlmshim {

void TestProcess::start() {
    const auto outcome = launcher_.start_test();
    if (const auto* error = std::get_if<os::SpawnError>(&outcome)) {
        narrator_.test_not_started(launcher_.why_test_not_started(*error));
        report_(event::TestNotSpawned{ExitStatus::exited(os::exit_code_for(*error))});
        return;
    }
    pid_ = std::get<Pid>(outcome);
    recorder_.test_started(pid_);
    narrator_.test_started(pid_, join_command(config_.command));
}

void TestProcess::ended(ExitStatus status) {
    pid_ = Pid{};
    recorder_.test_ended(status);
    narrator_.test_ended(status);
    report_(event::TestExited{status});
}

}  // namespace vlmshim
