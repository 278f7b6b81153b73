// Who is asked to end, and how thousands are.
#include <algorithm>

#include "vlmshim/cleanup/tree.hpp"
#include "vlmshim/core/signal_names.hpp"
#include "vlmshim/core/signal_numbers.hpp"
#include "vlmshim/os/kill.hpp"

namespace vlmshim {

namespace {

/// The entry of this very process in what is ordered by identity. Nobody is looked up in /proc whose number has none.
template <typename Container>
auto entry_of(const Container& container, Pid pid) {
    const auto none = container.end();
    if (container.lower_bound({pid, 0}) == container.lower_bound({Pid{pid.value + 1}, 0})) {
        return none;
    }
    const auto identity = os::identify(pid);
    return identity ? container.find(*identity) : none;
}

}  // namespace

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
        if (entry_of(before_test_, descendant.identity.pid) != before_test_.end()) {
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
    if (asked_children_.contains(process.pid.value) || !asked_.insert(process).second) {
        return;
    }
    record(process, EndedHow::Asked);
    const auto error = os::send_and_wake(process, signal);
    log_.debug("{} to pid {}{}", signal_name(signal), process.pid.value, error ? ": " + error.message() : "");
}

// --- in waves --------------------------------------------------------------------------------

std::vector<os::Descendant> Tree::first_outside(const std::vector<Pid>& servers) {
    // A report names everybody. Orphans in a PID namespace, or without a subreaper, do not become our children.
    const bool orphans_come_to_us = scope_.namespace_init.value == 0 && !needs_search();
    if (ended_ == nullptr && orphans_come_to_us && scope_.strangers.empty() && os::own_children_are_listed()) {
        auto found = more_than_a_few(servers);
        // Should some of them be the servers', the test's might come after them, or not at all.
        waves_ = !found.empty() && left_by_test(found).size() == found.size();
        if (waves_) {
            waves_begun_ = os::moment_now();
            note_trees(servers);
            return found;
        }
    }
    return outside(servers);
}

/// The first of what is outside the servers' trees; nothing when that is no more than a few.
std::vector<os::Descendant> Tree::more_than_a_few(const std::vector<Pid>& servers) const {
    constexpr std::size_t few = 8;
    std::vector<os::Descendant> found;
    for (const Pid child : children_but(servers)) {
        if (found.size() <= few && !os::has_ended(child)) {
            found.push_back({{child, 0}, self_, false});
        }
    }
    if (found.size() <= few) {
        found = os::first_descendants_of(self_, servers, few);
    }
    if (found.size() <= few) {
        return {};
    }
    std::erase_if(found, [](const os::Descendant& descendant) { return descendant.dead; });
    return found;
}

void Tree::note_trees(const std::vector<Pid>& roots) {
    for (const Pid root : roots) {
        if (const auto identity = os::identify(root)) {
            seen_.insert(*identity);
        }
        note_seen(os::descendants_of(root));
    }
}

std::vector<Pid> Tree::children_but(const std::vector<Pid>& left_out) {
    auto children = os::own_children();
    std::erase_if(children,
                  [&](Pid child) { return std::find(left_out.begin(), left_out.end(), child) != left_out.end(); });
    return children;
}

void Tree::ask_wave(const std::vector<Pid>& servers) {
    const std::vector<Pid> children = children_but(servers);
    for (const Pid child : children) {
        ask_child(child);
    }
    in_last_wave_ = children.size();
    gone_since_wave_ = 0;
}

void Tree::ask_child(Pid child) {
    if (asked_children_.contains(child.value) || os::has_ended(child) || entry_of(asked_, child) != asked_.end()) {
        return;
    }
    if (child.value > waves_begun_.last_pid.value) {  // only then it may be younger, unless numbers have come round
        const auto identity = os::identify(child);
        if (identity && os::started_after(*identity, waves_begun_)) {
            return;
        }
    }
    asked_children_.insert(child.value);
    if (entry_of(seen_, child) == seen_.end()) {
        ++seen_in_waves_;
    }
    const auto of_server = entry_of(stop_signals_, child);
    const Signal signal = of_server == stop_signals_.end() ? sigterm : of_server->second;
    const auto error = os::send_to_child(child, signal);
    os::send_to_child(child, sigcont);
    log_.debug("{} to pid {}{}", signal_name(signal), child.value, error ? ": " + error.message() : "");
}

void Tree::ask_below_waves(const std::vector<Pid>& servers) {
    auto rest = outside(servers);
    std::erase_if(rest, [&](const os::Descendant& one) { return os::started_after(one.identity, waves_begun_); });
    ask_leftovers(rest);
}

void Tree::forget(const std::vector<os::Reaped>& reaped) {
    for (const os::Reaped& one : reaped) {
        asked_children_.erase(one.pid.value);
    }
    gone_since_wave_ += reaped.size();
}

}  // namespace vlmshim
