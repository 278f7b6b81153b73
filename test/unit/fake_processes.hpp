// Fake processes behind the seam of the clean-up. Sent signals are recorded as text, and a test says how each process
// reacts to a signal.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "fake_process.hpp"
#include "vlmshim/cleanup/processes.hpp"
#include "vlmshim/core/values/signal_names.hpp"
#include "vlmshim/core/values/signal_numbers.hpp"

namespace vlmshim::test {

class FakeProcesses final : public Processes {
public:
    static constexpr Pid init{1};
    static constexpr Pid shell{50};
    static constexpr Pid us{100};
    enum class Orphans { ToUs, ToInit };

    explicit FakeProcesses(Orphans orphans = Orphans::ToUs) : orphans_(orphans) {
        add(init.value, {.parent = Pid{}, .command = "init", .user = "root", .group = Pgid{1}});
        add(shell.value, {.parent = init, .command = "bash", .group = Pgid{50}});
        add(us.value, {.parent = shell, .command = "vlmshim"});
    }

    mutable int marks_read = 0;
    mutable int flights = 0;       // so many looks at a process of the run are too late: it has forked and exited
    mutable int forks_beside = 0;  // so many times an unrelated process is forked before newest_number() is asked
    mutable Pid newest{1'000};
    enum class Numbers { Known, UnknownAtFirst, Unknown };
    mutable Numbers numbers = Numbers::Known;  // what newest_number() can say
    mutable int carriers_asked = 0;
    Pid highest{4'000'000};                     // the numbers begin anew after it
    mutable std::set<Pid> missed_by_next_walk;  // reparented meanwhile
    Pgid group{us.value};                       // this process is in it

    // --- the processes

    /// A pid that was in use stands for another process from then on.
    FakeProcess& add(int pid, FakeProcess process = {}) {
        if (process.start_ticks == 0) {
            process.start_ticks = static_cast<std::uint64_t>(pid) * 10;
        }
        return processes_[Pid{pid}] = std::move(process);
    }
    FakeProcess& at(int pid) { return processes_.at(Pid{pid}); }
    bool has(int pid) const { return processes_.contains(Pid{pid}); }
    ProcessIdentity identity(int pid) const { return {Pid{pid}, processes_.at(Pid{pid}).start_ticks}; }
    Descendant descendant(int pid) const { return as_descendant(Pid{pid}, processes_.at(Pid{pid})); }

    /// A child of ours is a zombie until it is reaped, any other disappears; its children get another parent.
    void end(int ended) {
        const Pid pid{ended};
        const Pid reaper = orphans_ == Orphans::ToUs && is_self_or_above(us, pid) ? us : init;
        for (auto& [other, process] : processes_) {
            if (process.parent == pid) {
                process.parent = reaper;
            }
        }
        if (processes_.at(pid).parent == us) {
            processes_.at(pid).state = ProcessState::Zombie;
        } else {
            processes_.erase(pid);
        }
    }
    /// All our dead children except traced ones.
    void reap() {
        std::erase_if(processes_, [](const auto& entry) {
            const FakeProcess& process = entry.second;
            return process.parent == us && process.state == ProcessState::Zombie && !process.traced;
        });
    }

    /// What was sent since the last call, in order: "SIGTERM 12", "SIGKILL 13 refused" or "SIGINT group".
    std::string take_sent() { return std::exchange(sent_, {}); }
    std::set<Pid> sent_unchecked;   // by send_to_child(), without a check of identity
    bool group_is_refused = false;  // as for PID 1
    int raised_priority = 0;
    mutable int commands_read = 0;
    Pid fork_chain{};             // forks and exits all the time:
    mutable int chain_walks = 0;  // so many walks see only the one that has exited

    std::deque<std::function<void()>> waits;  // each is called in one wait, in this order
    std::function<void(Millis)> on_wait;      // called in every wait
    int waited = 0;

    // --- the seam

    Pid self() const override { return us; }
    bool proc_is_ours() const override { return true; }
    Pgid own_group() const override { return group; }
    std::vector<Descendant> descendants_of(Pid root) const override {
        std::vector<Descendant> found;
        for (std::deque<Pid> queue{root}; !queue.empty(); queue.pop_front()) {
            for (const auto& [pid, process] : processes_) {
                if (process.parent == queue.front()) {
                    found.push_back(as_descendant(pid, process));
                    queue.push_back(pid);
                }
            }
        }
        std::erase_if(found, [this](const Descendant& one) { return missed_by_next_walk.contains(one.identity.pid); });
        missed_by_next_walk.clear();
        if (chain_walks > 0) {
            std::erase_if(found, [this](const Descendant& one) { return one.identity.pid == fork_chain; });
            found.push_back({{Pid{10'000 + chain_walks--}, 1}, us, Life::Dead});
        }
        return found;
    }
    std::vector<Pid> own_children() const override {
        std::vector<Pid> children;
        for (const Descendant& one : descendants_of(us)) {
            if (one.parent == us) {
                children.push_back(one.identity.pid);
            }
        }
        return children;
    }
    std::vector<ProcessIdentity> all() const override {
        std::vector<ProcessIdentity> found;
        for (const auto& [pid, process] : processes_) {
            found.push_back({pid, process.start_ticks});
        }
        return found;
    }
    std::vector<Pid> all_pids() const override {
        std::vector<Pid> found;
        for (const auto& [pid, process] : processes_) {
            found.push_back(pid);
        }
        if (!has(newest.value)) {
            found.push_back(newest);  // it ends before it is looked at
        }
        return found;
    }
    std::optional<Descendant> carrier(Pid pid, const std::string& run) const override {
        ++carriers_asked;
        const auto at = processes_.find(pid);
        if (at == processes_.end() || at->second.run.id != run || at->second.state == ProcessState::Zombie) {
            return std::nullopt;
        }
        if (flights > 0) {
            --flights;
            auto chain = processes_.extract(at);
            chain.key() = next_number();
            processes_.insert(std::move(chain));
            return std::nullopt;
        }
        return as_descendant(pid, at->second);
    }
    Pid newest_number() const override {
        if (forks_beside > 0) {
            --forks_beside;
            next_number();
        }
        if (numbers == Numbers::UnknownAtFirst) {
            numbers = Numbers::Known;
            return {};
        }
        return numbers == Numbers::Known ? newest : Pid{};
    }
    std::optional<ProcStat> stat(Pid pid) const override {
        if (!has(pid.value)) {
            return std::nullopt;
        }
        const FakeProcess& process = processes_.at(pid);
        const std::string comm = process.command.substr(0, process.command.find(' '));
        return ProcStat{pid, comm, process.state, process.parent, process.group, 1, process.start_ticks};
    }
    bool is_ours(Pid pid) const override { return has(pid.value) && processes_.at(pid).is_ours; }
    RunOfProcess claim_of(Pid pid) const override { return has(pid.value) ? processes_.at(pid).run : RunOfProcess{}; }
    RunMarks marks_of(Pid pid) const override {
        ++marks_read;
        return has(pid.value) ? processes_.at(pid).marks : RunMarks{};
    }
    bool is_own_run(const std::string& id) const override { return id == "own-run"; }
    std::optional<ProcUids> uids_of(Pid pid) const override {
        return has(pid.value) ? std::optional(processes_.at(pid).uids) : std::nullopt;
    }
    std::string command_of(Pid pid) const override {
        ++commands_read;
        return has(pid.value) ? processes_.at(pid).command : "";
    }
    std::string user_of(Pid pid) const override { return has(pid.value) ? processes_.at(pid).user : ""; }

    std::error_code send(const ProcessIdentity& process, Signal signal) override {
        if (process.pid.value <= 1 || process.pid == us) {
            return std::make_error_code(std::errc::invalid_argument);
        }
        return is_there(process) ? deliver(process.pid, signal) : std::make_error_code(std::errc::no_such_process);
    }
    std::error_code send_and_wake(const ProcessIdentity& process, Signal signal) override {
        const auto error = send(process, signal);
        send(process, sigcont);
        return error;
    }
    std::error_code send_to_child(Pid child, Signal signal) override {
        sent_unchecked.insert(child);
        return has(child.value) ? deliver(child, signal) : std::make_error_code(std::errc::no_such_process);
    }
    std::error_code send_to_own_group(Signal signal) override {
        if (group_is_refused) {
            return std::make_error_code(std::errc::operation_not_permitted);
        }
        note_sent(signal_name(signal) + " group");
        return {};
    }
    void raise_own_priority() override { ++raised_priority; }
    void wait_for_an_end(const std::set<ProcessIdentity>&, Millis limit) override {
        ++waited;
        if (!waits.empty()) {
            waits.front()();
            waits.pop_front();
        }
        if (on_wait) {
            on_wait(limit);
        }
    }

private:
    static Descendant as_descendant(Pid pid, const FakeProcess& process) {
        const bool dead = process.state == ProcessState::Zombie;
        return {{pid, process.start_ticks}, process.parent, dead ? Life::Dead : Life::Living};
    }
    bool is_there(const ProcessIdentity& process) const {
        const auto found = identify(process.pid);
        return found && (process.start_ticks == 0 || *found == process);
    }
    bool is_self_or_above(Pid ancestor, Pid pid) const {
        while (processes_.contains(pid) && pid != ancestor) {
            pid = processes_.at(pid).parent;
        }
        return processes_.contains(pid);
    }
    Pid next_number() const {
        do {
            newest = Pid{newest == highest ? init.value : newest.value + 1};
        } while (processes_.contains(newest));
        return newest;
    }
    void note_sent(const std::string& text) { sent_ += (sent_.empty() ? "" : ", ") + text; }

    std::error_code deliver(Pid pid, Signal signal) {
        FakeProcess& process = processes_.at(pid);
        const std::string text = signal_name(signal) + " " + std::to_string(pid.value);
        if (process.on_signal == OnSignal::Refuses) {
            note_sent(text + " refused");
            return std::make_error_code(std::errc::operation_not_permitted);
        }
        note_sent(text);
        const auto then = process.then;  // `process` may be erased by then
        react(pid, process, signal);
        if (then) {
            then(signal);
        }
        return {};
    }
    void react(Pid pid, FakeProcess& process, Signal signal) {
        const bool is_stopped = process.state == ProcessState::Stopped;
        if (process.state == ProcessState::Zombie || process.on_signal == OnSignal::Defies) {
            return;
        }
        if (is_stopped && signal != sigkill && signal != sigcont) {
            return process.pending.push_back(signal);
        }
        if (is_stopped && signal == sigcont) {
            process.state = ProcessState::Sleeping;
            signal = process.pending.empty() ? sigcont : process.pending.front();
            process.pending.clear();
        }
        if (signal == sigkill || (signal != sigcont && process.on_signal == OnSignal::Ends)) {
            end(pid.value);
        }
    }

    Orphans orphans_;
    mutable std::map<Pid, FakeProcess> processes_;  // also a look takes time
    std::string sent_;
};

}  // namespace vlmshim::test
