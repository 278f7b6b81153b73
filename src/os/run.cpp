#include "vlmshim/os/run.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "vlmshim/core/values/proc_text.hpp"
#include "vlmshim/os/file.hpp"
#include "vlmshim/os/kill.hpp"
#include "vlmshim/os/own_process.hpp"
#include "vlmshim/os/process.hpp"
#include "vlmshim/os/random.hpp"
#include "vlmshim/os/run_name.hpp"

namespace vlmshim::os {

namespace {

std::string boot_id() {
    std::string id = read_file("/proc/sys/kernel/random/boot_id").value_or("");
    id.erase(id.find_last_not_of('\n') + 1);
    return id;
}

std::uint64_t own_pid_namespace() {
    struct stat info {};
    return proc_is_ours() && ::stat("/proc/self/ns/pid", &info) == 0 ? info.st_ino : 0;
}

/// Ticks that our time namespace adds to start times in /proc/PID/stat, time_namespaces(7). A kernel without such
/// namespaces has no such file.
std::optional<std::int64_t> boottime_offset() {
    std::error_code error;
    const auto text = read_file("/proc/self/timens_offsets", error);
    if (!text) {
        return error == std::errc::no_such_file_or_directory ? std::optional<std::int64_t>(0) : std::nullopt;
    }
    const auto offset = parse_boottime_offset(*text);
    const std::int64_t ticks_per_second = ::sysconf(_SC_CLK_TCK);
    if (!offset || ticks_per_second <= 0) {
        return std::nullopt;
    }
    constexpr std::int64_t nanoseconds = 1'000'000'000;
    return offset->seconds * ticks_per_second + offset->nanoseconds / (nanoseconds / ticks_per_second);
}

/// 0: not known.
std::uint64_t ticks_since_boot(const ProcStat& stat) {
    const auto offset = boottime_offset();
    return offset ? stat.start_ticks - static_cast<std::uint64_t>(*offset) : 0;
}

NumberAnswer ask_for_number(Pid pid) {
    switch (presence_of(pid)) {
        case Presence::Ended:
            return {NumberAnswer::Kind::Nobody};
        case Presence::Alive:
            break;
        case Presence::Unclear:
            return {};
    }
    const auto stat = read_stat(pid);
    if (stat && stat->dead()) {
        return {NumberAnswer::Kind::Nobody};
    }
    return {NumberAnswer::Kind::Someone, stat ? ticks_since_boot(*stat) : 0};
}

}  // namespace

RunMark make_run_mark() {
    RunMark mark;
    mark.id.boot = boot_id();
    mark.id.keeper = mark.id.supervisor = own_pid();
    mark.id.pid_namespace = own_pid_namespace();
    mark.id.token = random_hex(token_bytes);
    std::error_code refused;  // then the pids have to do
    mark.name = hold_name(run_name(mark.id.token), refused);
    mark.id.network = mark.name ? network_of(mark.name.get()) : 0;
    return mark;
}

RunId complete(RunId run, Pid supervisor) {
    run.supervisor = supervisor;
    const auto stat = read_stat(run.supervisor);
    run.start_ticks = stat ? ticks_since_boot(*stat) : 0;
    return run;
}

Whereabouts whereabouts() {
    return {boot_id(), own_network(), own_pid_namespace()};
}

RunClues clues_about(const RunId& run, const Whereabouts& here) {
    RunClues clues{.here = here, .name = NameAnswer::Unclear, .keeper = {}, .supervisor = {}};
    if (run.network != 0 && run.network == here.network) {  // otherwise the name means nothing here
        clues.name = ask_for_name(run_name(run.token));
    } else if (run.pid_namespace == here.pid_namespace) {  // otherwise the pids are those of other processes
        clues.keeper = ask_for_number(run.keeper);
        clues.supervisor = ask_for_number(run.supervisor);
    }
    return clues;
}

}  // namespace vlmshim::os
