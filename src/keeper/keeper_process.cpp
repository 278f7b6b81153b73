#include "vlmshim/keeper/keeper_process.hpp"

#include "vlmshim/core/lifecycle/signal_intake.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"
#include "vlmshim/core/values/signal_numbers.hpp"

namespace vlmshim {

Keeper::Keeper(const Config& config, Log& log, KeeperWorld& world, Processes& processes, const Sockets& sockets,
               KeepersReport reporting, Pid supervisor, std::vector<Pid> strangers)
    : config_(config),
      log_(log),
      world_(world),
      processes_(processes),
      sockets_(sockets),
      reporting_(reporting),
      supervisor_(supervisor),
      strangers_(std::move(strangers)),
      report_(begin_report(config, "keeper")),
      born_(world.now()) {}

ExitStatus Keeper::run() {
    while (!over_) {
        world_.wait(waiting_.empty() ? std::nullopt : std::optional(link_try_again));
        send_waiting();
        on_signals();
        on_link();
    }
    wait_for_supervisor();
    if (verdict_) {
        return *verdict_;
    }
    const Family family(processes_, {.strangers = strangers_});
    return gave_up_ && family.is_empty(children_) ? *gave_up_ : end_orphans();
}

void Keeper::on_signals() {
    for (const SignalInfo& info : world_.read_signals()) {
        if (info.signal == sigchld) {
            reap();
        } else if (info.signal != sigcont && info.sender != processes_.self() &&
                   !(info.code == SignalCode::Kernel && world_.shares_group())) {
            relay(info);
        }
    }
}

void Keeper::relay(const SignalInfo& info) {
    const bool hurries = ends_run(info.signal);
    waiting_.insert(hurries ? waiting_.begin() : waiting_.end(), os::to_supervisor::Relayed{info});
    send_waiting();
}

/// What does not fit on the link waits here. We do not: a supervisor that is stopped goes on only if we see that it is.
void Keeper::send_waiting() {
    while (!waiting_.empty() && world_.send(waiting_.front()) != os::Sent::Full) {
        waiting_.pop_front();
    }
}

Family::Children Keeper::reap() {
    for (bool more = true; more;) {
        const os::WaitRound round = world_.reap();
        more = round.more && !round.reaped.empty();
        reaped_ += round.reaped.size();
        children_ = round.no_children ? Family::Children::None : Family::Children::Some;
        for (const os::Reaped& reaped : round.reaped) {
            if (reaped.pid == supervisor_) {
                supervisors_end_ = reaped.status;
            }
        }
        for (const os::StoppedChild& stopped : round.stopped) {
            if (stopped.pid == supervisor_) {  // `kill -STOP 0` in the test: nobody would be there to end the run
                world_.wake_supervisor(supervisor_);
            }
        }
    }
    return children_;
}

void Keeper::on_link() {
    os::ToKeeper message;
    while (!over_) {
        switch (world_.receive(message)) {
            case os::Received::Message:
                std::visit([this](const auto& what) { on(what); }, message);
                break;
            case os::Received::Nothing:
                return;
            case os::Received::EndOfFile:
                over_ = true;
                return;
        }
    }
}

void Keeper::on(const os::to_keeper::Shared& shared) {
    world_.send_to_callers_group(shared.signal);
}

void Keeper::on(const os::to_keeper::Stopped& stopped) {
    world_.stop_self(stopped.signal);
    waiting_.push_front(os::to_supervisor::Continued{});
    send_waiting();
}

/// Its last word; only its exit is waited for now.
void Keeper::on(const os::to_keeper::Verdict& verdict) {
    verdict_ = verdict.status;
    over_ = true;
}

void Keeper::on(const os::to_keeper::GaveUp& gave_up) {
    gave_up_ = gave_up.status;
    over_ = true;
}

}  // namespace vlmshim
