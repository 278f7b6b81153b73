#include "vlmshim/cleanup/stopping.hpp"

#include "vlmshim/core/values/signal_names.hpp"
#include "vlmshim/core/values/signal_numbers.hpp"

namespace vlmshim {

void Stopping::tell(Signal signal, Pid process, const std::error_code& error) {
    log_.debug(signal_name(signal), " to pid ", process, error ? ": " + error.message() : "");
}

void Stopping::stop(const std::vector<Descendant>& processes, Reach told) {
    for (const Descendant& process : processes) {
        family_.count_as_seen(process.identity);
        const auto stat = told == Reach::Group ? processes_.stat(process.identity.pid) : std::nullopt;
        if (!stat || stat->group != processes_.own_group()) {
            stop_once(process, family_.stop_signal_of(process.identity));
        }
    }
}

void Stopping::stop_leftovers(const std::vector<Descendant>& leftovers) {
    if (ended_.wanted()) {
        for (const Descendant& member : family_.look()) {
            ended_.note(member.identity, EndedHow::ByItself);
        }
    }
    for (const Descendant& leftover : leftovers) {
        stop_once(leftover, family_.stop_signal_of(leftover.identity));
    }
}

void Stopping::stop_once(const Descendant& process, Signal signal) {
    if (!told_.insert(process.identity).second) {
        return;
    }
    ended_.note(process.identity, EndedHow::Terminated);
    const Pid pid = process.identity.pid;
    std::error_code error;
    if (process.parent == processes_.self()) {
        // A child's number is its own until we reap it: no look is needed, which is most of what a thousand cost.
        error = processes_.send_to_child(pid, signal);
        processes_.send_to_child(pid, sigcont);
    } else {
        error = processes_.send_and_wake(process.identity, signal);
    }
    tell(signal, pid, error);
}

void Stopping::wake_with_below(Pid process) {
    if (const auto identity = processes_.identify(process)) {
        processes_.send(*identity, sigcont);
    }
    for (const Descendant& below : processes_.descendants_of(process)) {
        processes_.send(below.identity, sigcont);
    }
}

void Stopping::pass_on(Pid child, Signal signal, Wake wake) {
    const bool ends_it = wake == Wake::Yes || signal == sigkill;
    if (const auto identity = ends_it && ended_.wanted() ? processes_.identify(child) : std::nullopt) {
        ended_.note(*identity, signal == sigkill ? EndedHow::Killed : EndedHow::Terminated);
    }
    tell(signal, child, processes_.send_to_child(child, signal));
    switch (wake) {
        case Wake::Yes:
            if (const auto stat = processes_.stat(child); stat && stat->state == ProcessState::Stopped) {
                processes_.send_to_child(child, sigcont);
            }
            break;
        case Wake::No:
            break;
    }
}

void Stopping::pass_on_to_group(Signal signal, Pid sender) {
    // Into a PID namespace below ours the kernel rewrites the sender to 0, for all who come after in the
    // group: our own echo would look like a second signal from outside.
    const auto from = sender.value > 0 ? processes_.stat(sender) : std::nullopt;
    const bool by_member = from && from->group == processes_.own_group();
    const bool one_by_one = by_member || family_.scope().namespace_init.value != 0;
    // As PID 1 the group's number cannot be addressed: kill(-1) means everybody, kill(2). A group outside our PID
    // namespace has none.
    if (one_by_one || processes_.send_to_own_group(signal)) {
        send_to_members_of_group(signal, sender);
    }
}

void Stopping::send_to_members_of_group(Signal signal, Pid sender) {
    for (const Descendant& member : family_.members()) {
        const auto stat = processes_.stat(member.identity.pid);
        if (stat && stat->group == processes_.own_group() && member.identity.pid != sender) {
            processes_.send(member.identity, signal);
        }
    }
}

}  // namespace vlmshim
