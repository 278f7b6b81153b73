#include "vlmshim/supervisor/teardown.hpp"

#include "vlmshim/core/lifecycle/time_limits.hpp"
#include "vlmshim/core/values/words.hpp"

namespace vlmshim {

Teardown::Teardown(Processes& processes, RunScope& scope, EndedLog& ended, Narrator& narrator, Log& log, Clock& clock,
                   Ownership::Hooks servers, Hooks hooks)
    : scope_(scope),
      processes_(processes),
      narrator_(narrator),
      clock_(clock),
      hooks_(std::move(hooks)),
      family_(processes, scope.family, std::move(servers)),
      stopping_(processes, family_, ended, log),
      killing_(processes, family_, ended, log),
      next_round_(clock.make_alarm([this] { kill_step(); })) {}

void Teardown::note_before_test() {
    if (!empty_) {
        family_.note_before_test();
    }
}

void Teardown::stop_leftovers(Blame blame) {
    begun_ = true;
    if (empty_) {
        return;
    }
    const std::vector<Descendant> outside = family_.outside(hooks_.living_servers());
    std::vector<ProcessIdentity> left;
    switch (blame) {
        case Blame::Test:
            left = family_.left_by_test(outside);
            break;
        case Blame::Nobody:
            break;
    }
    narrator_.left_by_test(left);  // first: a process that is stopping may have no command line any more
    stopping_.stop_leftovers(outside);
    if (!left.empty()) {
        hooks_.report(event::LeftoversFound{});
    }
}

void Teardown::stop_server(ServerId server, Reach told) {
    stopping_.stop(family_.roots_of(server), told);
}

void Teardown::stop_server_tree(ServerId server, Reach told) {
    stopping_.stop(family_.of_server(server), told);
}

void Teardown::kill_leftovers() {
    const std::vector<Descendant> leftovers = family_.outside(hooks_.living_servers());
    narrator_.leftovers_killed(killing_.not_killed(leftovers));
    killing_.kill(leftovers);
}

std::string Teardown::leftovers() {
    const auto left = family_.peek_outside(hooks_.living_servers());
    if (left.empty()) {
        return "";
    }
    return left.size() == 1 ? processes_.name_of(left.front().identity.pid) : count_of(left.size(), "process");
}

void Teardown::kill_everything(KillReason reason) {
    begun_ = true;
    switch (reason) {
        case KillReason::GraceOver:
            narrator_.leftovers_killed(killing_.not_killed(family_.living()));
            break;
        case KillReason::Demanded:
        case KillReason::OtherPort:
            break;
    }
    killing_everything_ = true;
    kill_step();
}

void Teardown::kill_step() {
    if (!killing_everything_) {
        return;
    }
    const auto reap = [this] {
        hooks_.reap();
        return empty_ ? Family::Children::None : Family::Children::Some;
    };
    switch (killing_.step(reap, clock_.now())) {
        case Killing::State::Gone:
            killing_everything_ = false;
            break;
        case Killing::State::GoesOn:
            next_round_->start(kill_round_pause);
            break;
        case Killing::State::GaveUp:
            killing_everything_ = false;
            hooks_.report(event::KillingGaveUp{});
            break;
    }
}

void Teardown::reaped(const os::WaitRound& round) {
    children_ = round.no_children ? Family::Children::None : Family::Children::Some;
    empty_ = family_.is_empty(children_);
    if (!round.reaped.empty()) {
        killing_.progress(clock_.now());
    }
}

void Teardown::report_if_empty() {
    release_namespace();
    if (empty_) {
        killing_everything_ = false;
        next_round_->stop();
        hooks_.report(event::TreeEmpty{});
    }
}

/// The namespace's init is our child. It is told to exit when no other child of ours is left; it waits for its own
/// children.
void Teardown::release_namespace() {
    if (begun_ && !hooks_.main_processes_live()) {
        scope_.pid_namespace.release.reset();
    }
}

}  // namespace vlmshim
