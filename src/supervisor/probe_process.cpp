#include "vlmshim/supervisor/probe_process.hpp"

#include <algorithm>

#include "vlmshim/core/values/signal_numbers.hpp"
#include "vlmshim/os/file.hpp"

namespace vlmshim {

std::string ProbeProcess::start(const ProbeCommand& command) {
    pipe_.reset();
    output_.clear();
    const auto outcome =
        command.kind == ProbeCommand::Kind::Curl ? start_curl(command) : launcher_.start_probe(server_, command.words);
    if (const auto* pid = std::get_if<Pid>(&outcome)) {
        pid_ = *pid;
        return {};
    }
    return launcher_.why_probe_not_started(server_, command.words, std::get<os::SpawnError>(outcome));
}

/// Its input fits into a pipe, because headers have a limit, or there is an error: no writing has to wait.
std::variant<Pid, os::SpawnError> ProbeProcess::start_curl(const ProbeCommand& command) {
    std::error_code error;
    const os::Fd input = os::pipe_with(command.input, error);
    os::Pipe output = error ? os::Pipe{} : os::open_pipe(error);
    if (error) {
        return os::SpawnError{os::SpawnError::Stage::Output, error};
    }
    auto outcome = launcher_.start_curl(command.words, input.get(), output.writer.get());
    if (std::holds_alternative<Pid>(outcome)) {
        pipe_ = std::make_unique<loop::PipeReader>(loop_, std::move(output.reader), [this](std::string_view bytes) {
            constexpr std::size_t most = std::size_t{16} * 1024;
            output_ += bytes.substr(0, most - std::min(most, output_.size()));
        });
    }
    return outcome;
}

void ProbeProcess::kill() {
    const std::vector<Descendant> below = processes_.descendants_of(pid_);
    processes_.send_to_child(pid_, sigkill);
    for (const Descendant& process : below) {
        processes_.send(process.identity, sigkill);
    }
}

bool ProbeProcess::recognise(Pid reaped) {
    if (!runs() || reaped != pid_) {
        return false;
    }
    pid_ = Pid{};
    if (pipe_) {
        pipe_->drain_now();
        pipe_.reset();
    }
    return true;
}

}  // namespace vlmshim
