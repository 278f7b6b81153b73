#include "vlmshim/os/process.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "vlmshim/os/file.hpp"
#include "vlmshim/os/own_process.hpp"

namespace vlmshim::os {

namespace {

/// One file of a process; nullopt where /proc is not ours.
std::optional<std::string> read_of(Pid pid, const char* file) {
    return proc_is_ours() ? read_file(proc_path(pid, file).c_str()) : std::nullopt;
}

}  // namespace

bool proc_is_ours() {
    static pid_t asked_by = 0;  // the answer changes with a fork into a namespace
    static bool ours = false;
    if (asked_by != ::getpid()) {
        asked_by = ::getpid();
        std::array<char, 16> target{};
        const ssize_t length = ::readlink("/proc/self", target.data(), target.size() - 1);
        ours = length > 0 && std::to_string(asked_by) == target.data();
    }
    return ours;
}

std::optional<ProcStat> read_stat(Pid pid) {
    const auto text = read_of(pid, "stat");
    return text ? parse_stat(*text) : std::nullopt;
}

std::optional<ProcessIdentity> identify(Pid pid) {
    const auto stat = read_stat(pid);
    if (!stat) {
        return std::nullopt;
    }
    return ProcessIdentity{pid, stat->start_ticks};
}

std::string describe_command(Pid pid) {
    const auto cmdline = read_of(pid, "cmdline");
    if (std::string line = describe_cmdline(cmdline.value_or("")); !line.empty()) {
        return line;
    }
    const std::string name = short_name(pid);
    return name.empty() ? "?" : "[" + name + "]";
}

std::string title_of(Pid pid) {
    const std::string text = read_of(pid, "cmdline").value_or("");
    return text.substr(0, text.find('\0'));
}

ProgramFile program_of(Pid pid) {
    struct stat file {};
    const bool is_known = proc_is_ours() && ::stat(proc_path(pid, "exe").c_str(), &file) == 0;
    return is_known ? ProgramFile{file.st_dev, file.st_ino} : ProgramFile{};
}

std::string short_name(Pid pid) {
    const auto stat = read_stat(pid);
    return stat ? stat->comm : std::string{};
}

std::string user_of(Pid pid) {
    struct stat owner {};
    if (!proc_is_ours() || ::stat(proc_path(pid, "").c_str(), &owner) != 0) {
        return "?";
    }
    return user_name(owner.st_uid);
}

std::string user_name(unsigned uid) {
    // getpwuid(3) would load NSS modules, which a static binary cannot do and a failing LDAP stalls.
    const std::string number = std::to_string(uid);
    std::string text = read_file("/etc/passwd").value_or("");
    std::string_view rest = text;
    while (!rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        const std::size_t name_end = line.find(':');
        const std::size_t uid_begin = name_end == std::string_view::npos ? name_end : line.find(':', name_end + 1);
        if (uid_begin != std::string_view::npos &&
            line.substr(uid_begin + 1, line.find(':', uid_begin + 1) - uid_begin - 1) == number) {
            return std::string(line.substr(0, name_end));
        }
    }
    return number;
}

std::string environment_of(Pid pid) {
    auto environ = read_of(pid, "environ");
    if (!environ || environ->empty()) {
        // A thread group leader that has ended has none any more, but the other threads still have it.
        for (const Pid thread : numbers_in(proc_path(pid, "task"))) {
            const std::string file = "task/" + std::to_string(thread.value) + "/environ";
            if (auto text = thread == pid ? std::nullopt : read_of(pid, file.c_str()); text && !text->empty()) {
                environ = std::move(text);
                break;
            }
        }
    }
    return environ.value_or("");
}

std::optional<std::string> environment_variable(Pid pid, std::string_view name) {
    return find_variable(environment_of(pid), name);
}

std::optional<ProcUids> uids_of(Pid pid) {
    ProcUids own;
    if (pid == own_pid() && ::getresuid(&own.real, &own.effective, &own.saved) == 0) {
        return own;  // needs no /proc
    }
    const auto status = read_of(pid, "status");
    return status ? parse_uids(*status) : std::nullopt;
}

bool is_ours(Pid pid) {
    const auto uids = uids_of(pid);
    return uids && uids->are_all(::geteuid());
}

std::optional<Pid> thread_group_of(Pid thread) {
    const auto status = read_of(thread, "status");
    return status ? parse_thread_group(*status) : std::nullopt;
}

bool proc_hides_others() {
    const std::string mounts = read_file("/proc/self/mountinfo").value_or("");
    // ID PARENT MAJ:MIN ROOT /proc OPTIONS ... - proc SOURCE SUPER_OPTIONS
    const std::size_t proc = mounts.rfind(" /proc ");  // the last mount is on top
    const std::string line = proc == std::string::npos ? "" : mounts.substr(proc, mounts.find('\n', proc) - proc);
    return !may_look_into_all() &&
           (line.find("hidepid=2") != std::string::npos || line.find("hidepid=invisible") != std::string::npos ||
            line.find("hidepid=4") != std::string::npos || line.find("hidepid=ptraceable") != std::string::npos);
}

}  // namespace vlmshim::os
