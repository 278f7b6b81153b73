#include "vlmshim/cleanup/tree.hpp"

#include <algorithm>

#include "vlmshim/core/values/signal_names.hpp"
#include "vlmshim/core/values/signal_numbers.hpp"
#include "vlmshim/os/kill.hpp"

namespace vlmshim {

Tree::Tree(spdlog::logger& log, TreeScope scope) : log_(log), self_(os::own_pid()), scope_(std::move(scope)) {}

std::vector<os::Descendant> Tree::descendants() const {
    auto found = os::outside_of(scope_.strangers, os::descendants_of(self_));
    std::erase_if(found, [&](const os::Descendant& one) { return one.identity.pid == scope_.namespace_init; });
    if (needs_search()) {
        const auto escaped = os::escaped_processes(found, scope_.cookie);
        found.insert(found.end(), escaped.begin(), escaped.end());
    }
    return found;
}

std::vector<os::Descendant> Tree::look() {
    auto found = descendants();
    for (const os::Descendant& descendant : found) {
        if (!descendant.dead) {
            seen_.insert(descendant.identity);
        }
    }
    return found;
}

std::vector<os::Descendant> Tree::outside(const std::vector<Pid>& roots) {
    auto found = os::outside_of(roots, look());
    std::erase_if(found, [](const os::Descendant& descendant) { return descendant.dead; });
    return found;
}

void Tree::record(const os::ProcessIdentity& process, EndedHow how) {
    const auto stat = ended_ != nullptr ? os::read_stat(process.pid) : std::nullopt;
    if (stat && !stat->dead()) {
        ended_->note(process, how);
    }
}

void Tree::record_all(EndedHow how) {
    for (const os::Descendant& descendant : ended_ != nullptr ? look() : std::vector<os::Descendant>{}) {
        record(descendant.identity, how);
    }
}

void Tree::ask(Pid process, Signal signal) {
    for (const os::Descendant& below : os::descendants_of(process)) {
        stop_signals_.emplace(below.identity, signal);
    }
    if (const auto identity = os::identify(process)) {
        seen_.insert(*identity);
        ask_identity(*identity, signal);
    } else {
        ask_identity({process, 0}, signal);
    }
}

void Tree::ask_below(Pid process, Signal signal) {
    for (const os::Descendant& below : os::descendants_of(process)) {
        if (!below.dead) {
            seen_.insert(below.identity);
            ask_identity(below.identity, signal);
        }
    }
}

void Tree::note_before_test() {
    for (const os::Descendant& descendant : descendants()) {
        before_test_.insert(descendant.identity);
    }
}

std::vector<os::ProcessIdentity> Tree::left_by_test(const std::vector<os::Descendant>& outside) const {
    std::vector<Pid> of_servers;
    for (const os::Descendant& descendant : outside) {
        if (before_test_.contains(descendant.identity)) {
            of_servers.push_back(descendant.identity.pid);
        }
    }
    std::vector<os::ProcessIdentity> left;
    for (const os::Descendant& descendant : os::outside_of(of_servers, outside)) {
        left.push_back(descendant.identity);
    }
    return left;
}

void Tree::ask_leftovers(const std::vector<os::Descendant>& outside) {
    record_all(EndedHow::ByItself);
    for (const os::Descendant& leftover : outside) {
        const auto of_server = stop_signals_.find(leftover.identity);
        ask_identity(leftover.identity, of_server == stop_signals_.end() ? sigterm : of_server->second);
    }
}

void Tree::ask_identity(const os::ProcessIdentity& process, Signal signal) {
    if (!asked_.insert(process).second) {
        return;
    }
    record(process, EndedHow::Asked);
    const auto error = os::send_and_wake(process, signal);
    log_.debug("{} to pid {}{}", signal_name(signal), process.pid.value, error ? ": " + error.message() : "");
}

void Tree::continue_with_below(Pid process) {
    if (const auto identity = os::identify(process)) {
        os::send_signal(*identity, sigcont);
    }
    for (const os::Descendant& below : os::descendants_of(process)) {
        os::send_signal(below.identity, sigcont);
    }
}

void Tree::kill_with_below(Pid process) {
    const auto below = os::descendants_of(process);
    kill_identity(os::identify(process).value_or(os::ProcessIdentity{process, 0}));
    for (const os::Descendant& descendant : below) {
        kill_identity(descendant.identity);
    }
}

void Tree::kill_leftovers(const std::vector<Pid>& servers) {
    for (const os::Descendant& leftover : outside(servers)) {
        kill_identity(leftover.identity);
    }
}

bool Tree::kill_round() {
    if (!killing_) {
        // Among hundreds that do nothing but fork we would get one share in hundreds. Not before: who ends by itself
        // is gone sooner where we do not get in between. Nothing is started any more that could inherit it.
        os::raise_own_priority();
        record_all(EndedHow::Killed);  // who is hit by the next line cannot be described any more
        killing_ = true;
    }
    const std::set<Pid> hit = kill_children();
    bool any_new = false;
    for (const os::Descendant& descendant : look()) {
        if (hit.contains(descendant.identity.pid) && descendant.parent == self_) {
            any_new = note_kill(descendant.identity) || any_new;
        } else if (!descendant.dead) {
            any_new = kill_identity(descendant.identity) || any_new;
        }
    }
    return any_new;
}

/// A process that forks, leaves its parent and exits all the time is our child for most of its life.
/// It is met only by who signals it right after the list was read. Returns those that took it: until
/// they are reaped, their numbers are theirs.
std::set<Pid> Tree::kill_children() {
    std::set<Pid> hit;
    for (const Pid child : os::own_children()) {
        const auto& spared = scope_.strangers;
        if (std::find(spared.begin(), spared.end(), child) == spared.end() && !os::send_to_child(child, sigkill)) {
            hit.insert(child);
        }
    }
    return hit;
}

bool Tree::note_kill(const os::ProcessIdentity& process) {
    const bool first = killed_.insert(process).second;
    if (first) {
        record(process, EndedHow::Killed);
    }
    return first;
}

bool Tree::kill_identity(const os::ProcessIdentity& process) {
    const bool first = note_kill(process);
    const auto error = os::send_signal(process, sigkill);
    if (error) {
        refused_.insert(process);
    }
    if (first) {
        log_.debug("SIGKILL to pid {}{}", process.pid.value, error ? ": " + error.message() : "");
    }
    return first;
}

void Tree::pass_on(Pid child, Signal signal, Wake wake) {
    if (wake == Wake::Yes || signal == sigkill) {
        if (const auto identity = ended_ != nullptr ? os::identify(child) : std::nullopt) {
            record(*identity, signal == sigkill ? EndedHow::Killed : EndedHow::Asked);
        }
    }
    const auto error = os::send_to_child(child, signal);
    log_.debug("{} to pid {}{}", signal_name(signal), child.value, error ? ": " + error.message() : "");
    if (wake == Wake::Yes) {
        const auto stat = os::read_stat(child);
        if (stat && stat->state == ProcessState::Stopped) {
            os::send_to_child(child, sigcont);
        }
    }
}

void Tree::pass_on_to_group(Signal signal, Pid sender) {
    // Into a PID namespace below ours the kernel rewrites the sender to 0, for all who come after in the
    // group: our own echo would look like a second signal from outside.
    const auto by_member = sender.value > 0 ? os::read_stat(sender) : std::nullopt;
    const bool one_by_one = scope_.namespace_init.value != 0 || (by_member && by_member->group.value == self_.value);
    if (!one_by_one && !os::send_to_own_group(signal)) {
        return;
    }
    // As PID 1 the group's number cannot be addressed: kill(-1) means everybody, kill(2).
    for (const os::Descendant& descendant : look()) {
        const auto stat = os::read_stat(descendant.identity.pid);
        if (stat && stat->group.value == self_.value && descendant.identity.pid != sender) {
            os::send_signal(descendant.identity, signal);
        }
    }
}

bool Tree::any_dying() const {
    const auto found = survivors();
    return std::any_of(found.begin(), found.end(), [&](const os::Descendant& survivor) {
        // SIGKILL wakes everybody but who is in uninterruptible sleep, so that it is runnable at once.
        const auto stat = os::read_stat(survivor.identity.pid);
        return killed_.contains(survivor.identity) && !refused_.contains(survivor.identity) && stat &&
               stat->state == ProcessState::Running;
    });
}

std::vector<os::ProcessIdentity> Tree::dead_but_kept() const {
    std::vector<os::ProcessIdentity> kept;
    for (const os::Descendant& descendant : descendants()) {
        if (descendant.dead && descendant.parent == self_) {
            kept.push_back(descendant.identity);
        }
    }
    return kept;
}

std::vector<os::Descendant> Tree::survivors() const {
    auto found = descendants();
    std::erase_if(found, [](const os::Descendant& descendant) { return descendant.dead; });
    return found;
}

}  // namespace vlmshim
