#include "vlmshim/os/pid_namespace.hpp"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "vlmshim/core/values/process_names.hpp"
#include "vlmshim/os/descriptors.hpp"
#include "vlmshim/os/file.hpp"
#include "vlmshim/os/found_file.hpp"
#include "vlmshim/os/last_error.hpp"
#include "vlmshim/os/spawn.hpp"
#include "vlmshim/os/wait.hpp"

namespace vlmshim::os {

namespace {

NamespaceError failed(const char* step) {
    return {step, last_error()};
}

bool write_file(const char* path, const std::string& text) {
    const Fd file(::open(path, O_WRONLY | O_CLOEXEC));
    return file && ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

/// One line that maps an id to itself needs no privilege, user_namespaces(7).
bool keep_ids(uid_t uid, gid_t gid) {
    const std::string user = std::to_string(uid) + " " + std::to_string(uid) + " 1\n";
    const std::string group = std::to_string(gid) + " " + std::to_string(gid) + " 1\n";
    return write_file("/proc/self/setgroups", "deny") && write_file("/proc/self/uid_map", user) &&
           write_file("/proc/self/gid_map", group);
}

/// PID 1 of the namespace. All signals are blocked, and an init ignores those without a handler anyway.
[[noreturn]] void run_init(int ready, int release) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    struct sigaction reap_by_kernel {};
    reap_by_kernel.sa_handler = SIG_IGN;
    sigaction(SIGCHLD, &reap_by_kernel, nullptr);
    // Private first: the mount must not propagate to the machine's mount namespace.
    const bool own_proc = ::unshare(CLONE_NEWNS) == 0 &&
                          ::mount(nullptr, "/", nullptr, MS_PRIVATE | MS_REC, nullptr) == 0 &&
                          ::mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) == 0;
    const char answer = own_proc ? 'p' : 'n';
    [[maybe_unused]] const ssize_t written = ::write(ready, &answer, 1);
    // Inherited descriptors are closed: this process lives to the end of the run, and would keep them open.
    constexpr int kept = STDIN_FILENO;
    ::dup2(release, kept);
    close_from(kept + 1);
    // The end of file: the supervisor has closed its end, or has ended.
    char byte = 0;
    while (::read(kept, &byte, 1) < 0 && errno == EINTR) {
    }
    wait_for_all_children();
    ::_exit(0);
}

}  // namespace

std::variant<PidNamespace, NamespaceError> make_pid_namespace(const ArgumentMemory& arguments) {
    const uid_t uid = ::getuid();
    const gid_t gid = ::getgid();
    if (::unshare(CLONE_NEWPID) != 0) {
        if (errno != EPERM || ::unshare(CLONE_NEWUSER) != 0) {
            return failed("PID namespace refused");
        }
        if (!keep_ids(uid, gid)) {
            return failed("user namespace: uid_map refused");
        }
        if (::unshare(CLONE_NEWPID) != 0) {
            return failed("PID namespace refused");
        }
    }
    std::error_code error;
    Pipe ready = open_pipe(error);
    Pipe release = error ? Pipe{} : open_pipe(error);
    if (error) {
        return NamespaceError{"pipe", error};
    }
    const auto forked = fork_process();
    if (const auto* refused = std::get_if<std::error_code>(&forked)) {
        return NamespaceError{"fork", *refused};
    }
    const Pid init = std::get<Pid>(forked);
    if (init.value == 0) {
        release.writer.reset();
        take_name(namespace_init_name);
        arguments.show(namespace_init_name);
        run_init(ready.writer.get(), release.reader.get());
    }
    ready.writer.reset();
    char answer = 0;
    if (::read(ready.reader.get(), &answer, 1) != 1) {
        return NamespaceError{"the namespace's init died", std::make_error_code(std::errc::broken_pipe)};
    }
    PidNamespace made{.init = init, .release = std::move(release.writer), .mounts = {}};
    if (answer == 'p') {
        const std::string path = proc_path(init, "ns/mnt");
        made.mounts = Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    }
    return made;
}

std::string why_no_pid_namespace() {
    std::error_code error;
    Pipe pipe = open_pipe(error);
    const auto forked = error ? std::variant<Pid, std::error_code>(error) : fork_process();
    if (const auto* refused = std::get_if<std::error_code>(&forked)) {
        return refused->message();
    }
    const Pid child = std::get<Pid>(forked);
    if (child.value == 0) {
        auto made = make_pid_namespace({});
        if (auto* space = std::get_if<PidNamespace>(&made)) {
            space->release.reset();
            wait_for_child(space->init);
        } else if (const auto* refused = std::get_if<NamespaceError>(&made)) {
            const std::string text = refused->step + ": " + refused->error.message();
            [[maybe_unused]] const ssize_t written = ::write(pipe.writer.get(), text.data(), text.size());
        }
        std::_Exit(0);
    }
    pipe.writer.reset();
    std::string text;
    for (;;) {
        const ReadSome read = read_some(pipe.reader.get());
        if (read.bytes.empty()) {
            break;
        }
        text += read.bytes;
    }
    wait_for_child(child);
    return text;
}

}  // namespace vlmshim::os
