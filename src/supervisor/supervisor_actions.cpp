// The acting half of the supervisor: one short function per Action. Ports and servers have files of their own.
#include "vlmshim/supervisor/supervisor.hpp"

#include <algorithm>

#include "vlmshim/core/values/shell_words.hpp"

namespace vlmshim {

void Supervisor::carry_out(const action::StartTest&) {
    stop_waiting();
    if (!tree_empty_) {
        tree_.note_before_test();
    }
    os::SpawnRequest request;
    request.argv = config_.test.command;
    request.environment = os::make_environment({}, run_variables());
    request.closed = inheritance_.closed_stdio;
    request.mount_namespace = namespace_.mounts.get();
    request.inherited = os::KeepDescriptors::Yes;
    request.signals = inheritance_.signals;
    const auto outcome = os::spawn(request);
    // From now on they are the test's: a socket or pipe that we held would outlive it.
    os::close_all(inheritance_.descriptors);
    if (const auto* error = std::get_if<os::SpawnError>(&outcome)) {
        log_.error("test command '{}' not started: {}", join_command(request.argv), describe(*error, {}));
        feed(event::TestNotSpawned{os::exit_code_for(*error)});
        return;
    }
    test_ = std::get<Pid>(outcome);
    tree_empty_ = false;
    test_started_ = loop_.now();
    recorder_.test_started(test_);
    log_.debug("test started (pid {}): {}", test_.value, join_command(request.argv));
}

void Supervisor::carry_out(const action::Serve&) {
    stop_waiting();
    tell_serving();
}

void Supervisor::carry_out(const action::SignalTest& action) {
    if (test_.value != 0) {
        tree_.pass_on(test_, action.signal, action.wake);
    }
}

void Supervisor::carry_out(const action::SignalGroup& action) {
    tree_.pass_on_to_group(action.signal, action.sender);
}

// --- the rest --------------------------------------------------------------------------------

void Supervisor::carry_out(const action::AskLeftovers&) {
    // Once, before anybody is asked: what a server leaves when it ends is not the test's.
    const bool look_for_tests = lifecycle_.test_status().has_value() && !leftovers_looked_for_;
    leftovers_looked_for_ = leftovers_looked_for_ || look_for_tests;
    if (tree_empty_) {
        return;
    }
    const std::vector<Pid> servers = living_servers();
    const auto outside = tree_.outside(servers);
    const auto left = look_for_tests ? tree_.left_by_test(outside) : std::vector<os::ProcessIdentity>{};
    const auto lines = describe_leftovers(left);  // who has been asked may have no command line any more
    tree_.ask_leftovers(outside);
    if (!left.empty()) {
        tell_leftovers(lines);
        feed(event::LeftoversFound{});
    }
}

void Supervisor::carry_out(const action::KillLeftovers&) {
    tree_.kill_leftovers(living_servers());
}

void Supervisor::carry_out(const action::KillEverything&) {
    // At once again while new ones turn up; then a pause, in which the kernel ends them.
    constexpr int most_rounds = 200;
    for (int round = 0; round < most_rounds && !tree_empty_; ++round) {
        const bool any_new = tree_.kill_round();
        recognise(os::reap_children());
        if (!any_new) {
            break;
        }
    }
}

void Supervisor::carry_out(const action::JudgeSurvivors&) {
    feed(event::SurvivorsJudged{tree_.any_dying() ? Survivors::Dying : Survivors::Unkillable});
}

void Supervisor::carry_out(const action::ReportSurvivors&) {
    for (const os::Descendant& survivor : tree_.survivors()) {
        const Pid pid = survivor.identity.pid;
        recorder_.survived(survivor.identity);
        log_.error("pid {} ({}), user {} cannot be ended", pid.value, os::describe_command(pid), os::user_of(pid));
    }
    for (const os::ProcessIdentity& kept : tree_.dead_but_kept()) {
        recorder_.survived(kept);
        log_.error("pid {} ({}), user {} has ended, but who traces it (ptrace) does not let go", kept.pid.value,
                   os::describe_command(kept.pid), os::user_of(kept.pid));
    }
}

// --- time ------------------------------------------------------------------------------------

void Supervisor::carry_out(const action::StartTimer& action) {
    const auto key = std::pair{action.timer, action.server};
    auto found = timers_.find(key);
    if (found == timers_.end()) {
        const event::TimerFired event{action.timer, action.server};
        found = timers_.emplace(key, loop::Timer(loop_, [this, event] { feed(event); })).first;
    }
    found->second.start(action.after);
}

void Supervisor::carry_out(const action::StopTimer& action) {
    if (const auto found = timers_.find({action.timer, action.server}); found != timers_.end()) {
        found->second.stop();
    }
}

void Supervisor::carry_out(const action::StopAllTimers&) {
    for (auto& [key, timer] : timers_) {
        timer.stop();
    }
}

void Supervisor::carry_out(const action::Finish&) {
    tell_outcome();
    loop_.stop();
}

}  // namespace vlmshim
