#include "vlmshim/cleanup/killing.hpp"

#include <algorithm>

#include "vlmshim/core/lifecycle/time_limits.hpp"
#include "vlmshim/core/values/signal_numbers.hpp"

namespace vlmshim {

void Killing::kill(const std::vector<Descendant>& processes) {
    for (const Descendant& process : processes) {
        kill(process.identity);
    }
}

Killing::State Killing::step(const std::function<Family::Children()>& reap, Millis now) {
    if (!rounds_) {
        rounds_.emplace(now);
        // Among hundreds that do nothing but fork we would get one share in hundreds. Not before: what ends by itself
        // is gone sooner where we do not get in between. Nothing is started any more that could inherit it.
        processes_.raise_own_priority();
        for (const Descendant& member : ended_.wanted() ? family_.look() : std::vector<Descendant>{}) {
            ended_.note(member.identity, EndedHow::Killed);  // what is hit below cannot be described any more
        }
    }
    for (int i = 0; i < most_rounds_at_once; ++i) {
        const Met met = round();
        if (family_.is_empty(reap())) {
            return State::Gone;
        }
        if (met == Met::Before) {
            break;
        }
    }
    if (!rounds_->is_late(now)) {
        return State::GoesOn;
    }
    switch (rounds_->decide(classify(survivor_facts()), now)) {
        case KillRounds::Verdict::GoOn:
            return State::GoesOn;
        case KillRounds::Verdict::GiveUp:
            break;
    }
    return State::GaveUp;
}

void Killing::progress(Millis now) {
    if (rounds_) {
        rounds_->progress(now);
    }
}

/// SIGKILL to all there are. FirstTime: some had not been met before, so the next round should follow at once.
Killing::Met Killing::round() {
    const std::set<Pid> hit = kill_children();
    Met met = Met::Before;
    for (const Descendant& member : family_.look()) {
        const bool was_hit = hit.contains(member.identity.pid) && member.parent == processes_.self();
        if (was_hit) {
            family_.count_as_seen(member.identity);  // it may be dead by now, but it was there
        }
        if (was_hit || member.lives()) {
            met = std::max(met, was_hit ? note(member.identity) : kill(member.identity));
        }
    }
    return met;
}

/// A process that forks, leaves its parent and exits all the time is our child for most of its life.
/// It is met only by who signals it right after the list was read. Returns those that took it: until
/// they are reaped, their numbers are theirs.
std::set<Pid> Killing::kill_children() {
    std::set<Pid> hit;
    const auto& strangers = family_.scope().strangers;
    for (const Pid child : processes_.own_children()) {
        const bool ours = std::find(strangers.begin(), strangers.end(), child) == strangers.end();
        if (ours && !processes_.send_to_child(child, sigkill)) {
            hit.insert(child);
        }
    }
    return hit;
}

Killing::Met Killing::note(const ProcessIdentity& process) {
    const bool first = killed_.insert(process).second;
    if (first) {
        ended_.note(process, EndedHow::Killed);
    }
    return first ? Met::FirstTime : Met::Before;
}

Killing::Met Killing::kill(const ProcessIdentity& process) {
    const Met met = note(process);
    const auto error = processes_.send(process, sigkill);
    if (error) {
        refused_.insert(process);
    }
    if (met == Met::FirstTime) {
        log_.debug("SIGKILL to pid ", process.pid, error ? ": " + error.message() : "");
    }
    return met;
}

std::vector<SurvivorFacts> Killing::survivor_facts() const {
    std::vector<SurvivorFacts> facts;
    for (const Descendant& survivor : family_.living()) {
        const auto stat = processes_.stat(survivor.identity.pid);
        const auto kill = refused_.contains(survivor.identity)  ? SurvivorFacts::Kill::Refused
                          : killed_.contains(survivor.identity) ? SurvivorFacts::Kill::Taken
                                                                : SurvivorFacts::Kill::NotTried;
        facts.push_back({kill, stat ? stat->state : ProcessState::Other});
    }
    return facts;
}

void Killing::report_survivors() {
    for (const Descendant& member : family_.members()) {
        const Pid pid = member.identity.pid;
        if (member.lives()) {
            log_.error(processes_.describe(pid), " cannot be ended");
        } else if (member.parent == processes_.self()) {
            log_.error(processes_.describe(pid), " has ended, but who traces it (ptrace) does not let go");
        } else {
            continue;
        }
        ended_.note(member.identity, EndedHow::Survived);
    }
}

}  // namespace vlmshim
