#include "vlmshim/cleanup/evictions.hpp"

#include "vlmshim/core/values/signal_names.hpp"
#include "vlmshim/core/values/signal_numbers.hpp"
#include "vlmshim/os/kill.hpp"
#include "vlmshim/os/process_tree.hpp"

namespace vlmshim {

namespace {

bool gone(const os::ProcessIdentity& process) {
    const auto stat = os::read_stat(process.pid);
    return !stat || stat->start_ticks != process.start_ticks || stat->dead();
}

}  // namespace

std::optional<RunId> dead_run_of(Pid pid) {
    const auto cookie = os::environment_variable(pid, run_variable);
    const auto run = cookie ? parse_run_id(*cookie) : std::nullopt;
    // In another PID namespace the supervisor's number means nothing to us.
    const bool dead = run && os::shares_pid_namespace(pid) && !os::run_lives(*run);
    return dead ? run : std::nullopt;
}

void Evictions::send(Signal signal) {
    add_rest_of_dead_runs();
    for (const os::ProcessIdentity& process : ending_) {
        const bool first = asked_.insert(process).second;
        if (!first && signal != sigkill) {
            continue;
        }
        if (ended_ != nullptr && !gone(process)) {
            ended_->note(process, signal == sigkill ? EndedHow::Killed : EndedHow::Asked);
        }
        if (const auto error = os::send_signal(process, signal)) {
            log_.debug("{} to pid {}: {}", signal_name(signal), process.pid.value, error.message());
        }
        if (signal != sigkill) {
            os::send_signal(process, sigcont);  // a stopped process would not even notice
        }
    }
}

void Evictions::forget_gone() {
    std::erase_if(ending_, gone);
}

void Evictions::add_rest_of_dead_runs() {
    if (dead_runs_.empty()) {
        return;
    }
    for (const os::ProcessIdentity& process : os::all_processes()) {
        const auto cookie = os::environment_variable(process.pid, run_variable);
        if (cookie && dead_runs_.contains(*cookie) && process.pid.value != 1 && !os::is_self_or_ancestor(process.pid) &&
            os::shares_pid_namespace(process.pid)) {
            ending_.insert(process);
        }
    }
}

}  // namespace vlmshim
