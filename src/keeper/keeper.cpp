#include "vlmshim/keeper/keeper.hpp"

#include <cstdlib>
#include <exception>
#include <system_error>

#include "keeper_process.hpp"
#include "vlmshim/core/lifecycle/signal_intake.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"
#include "vlmshim/core/values/signal_numbers.hpp"
#include "vlmshim/os/kill.hpp"
#include "vlmshim/os/poll.hpp"
#include "vlmshim/os/spawn.hpp"
#include "vlmshim/os/wait.hpp"

namespace vlmshim {

Keeper::Keeper(const Config& config, spdlog::logger& log, os::Fd link, Pid supervisor, std::vector<Pid> strangers)
    : config_(config), log_(log), link_(std::move(link)), supervisor_(supervisor), strangers_(std::move(strangers)) {
    std::error_code error;
    signals_ = os::open_signal_descriptor(error);  // refused: the link alone tells the end
    if (terminal_ >= 0) {
        modes_ = os::save_modes(terminal_);
    }
}

ExitStatus Keeper::run() {
    while (!over_) {
        os::wait_readable({signals_.get(), link_.get()},
                          waiting_.empty() ? std::nullopt : std::optional(link_try_again));
        send_waiting();
        on_signals();
        on_link();
    }
    wait_for_supervisor();
    if (verdict_) {
        return *verdict_;
    }
    return gave_up_ && tree_is_empty(own_tree()) ? *gave_up_ : end_orphans();
}

void Keeper::on_signals() {
    for (const SignalInfo& info : os::read_signals(signals_.get())) {
        if (info.signal == sigchld) {
            reap();
        } else if (info.signal != sigcont && info.sender != os::own_pid()) {
            pass_on(info);
        }
    }
}

void Keeper::pass_on(const SignalInfo& info) {
    const bool hurries = ends_run(info.signal);
    waiting_.insert(hurries ? waiting_.begin() : waiting_.end(), os::to_supervisor::Relayed{info});
    send_waiting();
}

/// What does not fit on the link waits here. We do not: a supervisor that is stopped goes on only if we see that it is.
void Keeper::send_waiting() {
    while (!waiting_.empty() && os::send_message(link_.get(), waiting_.front()) != os::Sent::Full) {
        waiting_.pop_front();
    }
}

void Keeper::reap() {
    for (bool more = true; more;) {
        const os::WaitRound round = os::reap_children();
        more = round.more && !round.reaped.empty();
        reaped_ += round.reaped.size();
        no_children_ = round.no_children;
        for (const os::Reaped& reaped : round.reaped) {
            if (reaped.pid == supervisor_) {
                supervisors_end_ = reaped.status;
            }
        }
        for (const os::StoppedChild& stopped : round.stopped) {
            if (stopped.pid == supervisor_) {  // `kill -STOP 0` in the test: nobody would be there to end the run
                os::send_to_child(supervisor_, sigcont);
            }
        }
    }
}

void Keeper::on_link() {
    os::ToKeeper message;
    while (!over_) {
        switch (os::receive_message(link_.get(), message)) {
            case os::Received::Message:
                on_message(message);
                break;
            case os::Received::Nothing:
                return;
            case os::Received::EndOfFile:
                over_ = true;
                return;
        }
    }
}

void Keeper::on_message(const os::ToKeeper& message) {
    std::visit([this](const auto& what) { on(what); }, message);
}

void Keeper::on(const os::to_keeper::Shared& shared) {
    os::send_to_callers_group(shared.signal);
}

void Keeper::on(const os::to_keeper::Stopped& stopped) {
    os::stop_of(stopped.signal);
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

namespace {

/// What throws does so before the first process is started, or because memory or descriptors ran out in the
/// middle of the run.
void supervise_safely(int link, spdlog::logger& log, const std::function<ExitStatus(int)>& supervise) {
    os::ToKeeper last;
    try {
        last = os::to_keeper::Verdict{supervise(link)};
    } catch (const std::exception& error) {
        log.error("{} (exit status {})", error.what(), exit_own_failure);
        last = os::to_keeper::GaveUp{ExitStatus::exited(exit_own_failure)};
    }
    os::send_message(link, last);
}

}  // namespace

ExitStatus keep(const Config& config, const os::Inheritance& inheritance, spdlog::logger& log,
                const std::function<ExitStatus(int link)>& supervise) {
    std::vector<Pid> strangers;
    if (os::has_children()) {
        for (const os::Descendant& child : os::descendants_of(os::own_pid())) {
            if (child.parent == os::own_pid()) {
                strangers.push_back(child.identity.pid);
            }
        }
    }
    os::become_subreaper();  // refused: the supervisor says so for itself
    std::error_code error;
    os::LinkEnds link = os::open_link(error);
    if (error) {
        throw std::system_error(error, "socketpair");
    }
    const auto forked = os::fork_process();
    if (const auto* refused = std::get_if<std::error_code>(&forked)) {
        throw std::system_error(*refused, "fork");
    }
    const Pid supervisor = std::get<Pid>(forked);
    if (supervisor.value == 0) {
        link.keeper.reset();
        os::continue_when_parent_ends();
        supervise_safely(link.supervisor.get(), log, supervise);
        std::_Exit(EXIT_SUCCESS);
    }
    link.supervisor.reset();
    os::close_all(inheritance.descriptors);  // the test's
    return Keeper(config, log, std::move(link.keeper), supervisor, std::move(strangers)).run();
}

}  // namespace vlmshim
