#include "vlmshim/cleanup/stopping.hpp"

#include "vlmshim/core/values/signal_names.hpp"
#include "vlmshim/core/values/signal_numbers.hpp"

namespace vlmshim {

void Stopping::log_sent(Signal signal, Pid process, const std::error_code& error) {
    log_.debug(signal_name(signal), " to pid ", process, error ? ": " + error.message() : "");
}

void Stopping::stop(const std::vector<Descendant>& processes, Reach already_reached) {
    for (const Descendant& process : processes) {
        family_.count_as_seen(process.identity);
        const auto stat = already_reached == Reach::Group ? processes_.stat(process.identity.pid) : std::nullopt;
        if (!stat || stat->group != processes_.own_group()) {
            stop_once(process);
        }
    }
}

void Stopping::stop_leftovers(const std::vector<Descendant>& leftovers) {
    if (ended_.wanted()) {
        for (const Descendant& member : family_.look()) {
            record(member.identity, EndedHow::ByItself);
        }
    }
    stop(leftovers, Reach::OnlyUs);
}

void Stopping::record(const ProcessIdentity& process, EndedHow how) {
    ended_.note(process, how, [&] { return family_.what_is(process); });
}

void Stopping::stop_once(const Descendant& process) {
    if (!signalled_.insert(process.identity).second) {
        return;
    }
    record(process.identity, EndedHow::Terminated);
    const Signal signal = family_.stop_signal_of(process.identity);
    const Pid pid = process.identity.pid;
    std::error_code error;
    if (process.parent == processes_.self()) {
        // A child's pid cannot be reused until we reap it, so it is signalled without a check of its identity: for a
        // thousand children that check would be most of the cost.
        error = processes_.send_to_child(pid, signal);
        processes_.send_to_child(pid, sigcont);
    } else {
        error = processes_.send_and_wake(process.identity, signal);
    }
    log_sent(signal, pid, error);
}

void Stopping::wake_tree(Pid process) {
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
        record(*identity, signal == sigkill ? EndedHow::Killed : EndedHow::Terminated);
    }
    log_sent(signal, child, processes_.send_to_child(child, signal));
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
    // A group signal that reaches a PID namespace below ours has its sender rewritten to 0 by the kernel, also for the
    // members that it reaches afterwards: our own echo would look like a second signal from outside.
    const auto from = sender.value > 0 ? processes_.stat(sender) : std::nullopt;
    const bool by_member = from && from->group == processes_.own_group();
    const bool one_by_one = by_member || family_.scope().namespace_init.value != 0;
    // Refused as PID 1, whose group cannot be addressed: kill(-1) means all processes, kill(2). A group outside our PID
    // namespace has no number.
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
