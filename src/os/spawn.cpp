#include "vlmshim/os/spawn.hpp"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <memory>
#include <optional>
#include <utility>

#include "spawn_child.hpp"
#include "vlmshim/core/values/signal_numbers.hpp"
#include "vlmshim/os/file.hpp"
#include "vlmshim/os/kill.hpp"
#include "vlmshim/os/last_error.hpp"
#include "vlmshim/os/poll.hpp"
#include "vlmshim/os/program.hpp"
#include "vlmshim/os/wait.hpp"

extern char** environ;

namespace vlmshim::os {

namespace {

std::vector<char*> pointers_to(const std::vector<std::string>& strings) {
    std::vector<char*> pointers;
    pointers.reserve(strings.size() + 1);
    for (const std::string& string : strings) {
        pointers.push_back(const_cast<char*>(string.c_str()));  // exec does not write to them
    }
    pointers.push_back(nullptr);
    return pointers;
}

/// Returns when the child has left our memory, that is at the report's end of file: exec and exit give the memory up
/// before they close descriptors. A child that is stopped meanwhile (by a ^Z, for example) is continued, and stopped
/// again after its exec. nullopt: it has exec'd, or was killed. Must not throw: the child runs on a stack of ours.
std::optional<ChildFailure> wait_for_exec(Pid child, int report) noexcept {
    constexpr Millis look_again{10};
    std::optional<ChildFailure> failure;
    std::optional<Signal> stop;
    for (;;) {
        if (!wait_readable(report, {}, look_again)) {
            if (const auto stopped = stopped_by(child)) {
                stop = stopped;
                send_to_child(child, sigcont);
            }
            continue;
        }
        ChildFailure reported{};
        const ssize_t got = ::read(report, &reported, sizeof reported);
        if (got == sizeof reported) {
            failure = reported;
        } else if (got >= 0 || errno != EINTR) {
            break;
        }
    }
    if (stop && !failure) {
        send_to_child(child, *stop);
    }
    return failure;
}

/// qemu-user refuses a child that shares our memory unless we sleep until its exec: there the child gets a copy.
pid_t start_child(ChildLaunch& launch, char* stack_top) {
    const pid_t sharing = ::clone(run_child, stack_top, CLONE_VM | SIGCHLD, &launch);
    return sharing < 0 && errno == EINVAL ? ::clone(run_child, stack_top, SIGCHLD, &launch) : sharing;
}

}  // namespace

std::variant<Pid, SpawnError> spawn(const SpawnRequest& request) {
    std::vector<char*> argv = pointers_to(request.argv);
    std::vector<char*> envp = pointers_to(request.environment);
    std::array<char, PATH_MAX> path;
    const char* const callers_cwd = request.mount_namespace >= 0 ? ::getcwd(path.data(), path.size()) : nullptr;
    const Fd callers_folder(request.mount_namespace >= 0 ? ::open(".", O_PATH | O_DIRECTORY | O_CLOEXEC) : -1);
    std::error_code refused;
    Pipe report = open_pipe(refused);
    if (refused) {
        return SpawnError{SpawnError::Stage::Fork, refused, {}};
    }
    // execvp(3) puts a path on the stack, and for a script without #! the arguments once more.
    const std::size_t stack_size = 64 * 1024 + argv.size() * sizeof(char*);
    const std::unique_ptr<char[]> stack(new char[stack_size]);  // not initialized: only the pages in use are mapped
    ChildLaunch launch{request, ::getpid(), callers_cwd, callers_folder.get(), argv.data(), report.writer.get()};
    char** const ours = std::exchange(environ, envp.data());  // PATH of the child decides, as in env(1)
    // Not CLONE_VFORK: a child that is stopped before its exec would stop us as well.
    const pid_t pid = start_child(launch, stack.get() + stack_size);
    refused = pid < 0 ? last_error() : std::error_code{};
    report.writer.reset();
    const auto failure = refused ? std::nullopt : wait_for_exec(Pid{pid}, report.reader.get());
    environ = ours;
    if (refused) {
        return SpawnError{SpawnError::Stage::Fork, refused, {}};
    }
    if (failure) {
        SpawnError error{.stage = failure->stage, .error = {failure->error, std::system_category()}, .program = {}};
        if (error.stage == SpawnError::Stage::Exec) {
            error.program = look_at_program(request.argv.front(), request.environment, request.cwd);
            error.program.said_not_there = error.error == std::errc::no_such_file_or_directory;
        }
        return error;
    }
    return Pid{pid};
}

std::variant<Pid, std::error_code> fork_process() {
    const pid_t pid = ::fork();
    if (pid < 0) {
        return last_error();
    }
    return Pid{pid};
}

}  // namespace vlmshim::os
