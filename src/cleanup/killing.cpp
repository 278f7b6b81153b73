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

std::vector<Descendant> Killing::not_killed(std::vector<Descendant> processes) const {
    std::erase_if(processes, [this](const Descendant& process) { return tried_.contains(process.identity); });
    return processes;
}

Killing::State Killing::step(const std::function<Family::Children()>& reap, Millis now) {
    if (!rounds_) {
        rounds_.emplace(now);
        // Among hundreds of forking processes we would get one time slice in hundreds. Not earlier: what ends by itself
        // ends sooner without our competition. Nothing that could inherit the priority is started any more.
        processes_.raise_own_priority();
        for (const Descendant& member : ended_.wanted() ? family_.look_with_servers() : std::vector<Descendant>{}) {
            record(member.identity, EndedHow::Killed);  // once killed, it has no command line
        }
    }
    for (int i = 0; i < most_rounds_at_once; ++i) {
        const Found found = round();
        if (family_.is_empty(reap())) {
            return State::Gone;
        }
        if (found == Found::KnownOnly) {
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

/// New: some process was not known before, so the next round should follow at once.
Killing::Found Killing::round() {
    const std::set<Pid> hit = kill_children();
    Found found = Found::KnownOnly;
    for (const Descendant& member : family_.look()) {
        const bool was_hit = hit.contains(member.identity.pid) && member.parent == processes_.self();
        if (was_hit) {
            family_.count_as_seen(member.identity);  // look() counts the living ones only
        }
        if (was_hit || member.lives()) {
            found = std::max(found, was_hit ? note(member.identity) : kill(member.identity));
        }
    }
    return found;
}

/// A process that forks and exits all the time, so that its child becomes ours, is our child for most of its life. Only
/// a signal sent right after the list was read reaches it. Returns those that were signalled: their pids cannot be
/// reused until they are reaped.
std::set<Pid> Killing::kill_children() {
    std::set<Pid> hit;
    for (const Pid child : family_.own_children()) {
        if (!processes_.send_to_child(child, sigkill)) {
            hit.insert(child);
        }
    }
    return hit;
}

Killing::Found Killing::note(const ProcessIdentity& process) {
    const bool first = tried_.insert(process).second;
    if (first) {
        record(process, EndedHow::Killed);
    }
    return first ? Found::New : Found::KnownOnly;
}

void Killing::record(const ProcessIdentity& process, EndedHow how) {
    ended_.note(process, how, [&] { return family_.what_is(process); });
}

Killing::Found Killing::kill(const ProcessIdentity& process) {
    const Found found = note(process);
    const auto error = processes_.send(process, sigkill);
    if (error) {
        refused_.insert(process);
    }
    if (found == Found::New) {
        log_.debug("SIGKILL to pid ", process.pid, error ? ": " + error.message() : "");
    }
    return found;
}

std::vector<SurvivorFacts> Killing::survivor_facts() const {
    std::vector<SurvivorFacts> facts;
    for (const Descendant& survivor : family_.living()) {
        const auto stat = processes_.stat(survivor.identity.pid);
        const auto kill = refused_.contains(survivor.identity) ? SurvivorFacts::Kill::Refused
                          : tried_.contains(survivor.identity) ? SurvivorFacts::Kill::Taken
                                                               : SurvivorFacts::Kill::NotTried;
        facts.push_back({kill, stat ? stat->state : ProcessState::Other});
    }
    return facts;
}

void Killing::report_survivors() {
    bool any = false;
    for (const Descendant& member : family_.members()) {
        const Pid pid = member.identity.pid;
        if (member.lives()) {
            log_.error(processes_.describe(pid), " cannot be ended");
        } else if (member.parent == processes_.self()) {
            log_.error(processes_.describe(pid), " has ended, but its tracer (ptrace) does not release it");
        } else {
            continue;
        }
        record(member.identity, EndedHow::Survived);
        any = true;
    }
    if (!any && family_.needs_search()) {
        log_.error(
            "it is not proven that nothing of the run is left: processes are forked faster than they are looked "
            "at, and PR_SET_CHILD_SUBREAPER is refused; with --isolate the kernel ends them");
    }
}

}  // namespace vlmshim
