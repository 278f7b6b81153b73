#include "vlmshim/cleanup/port_guard.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "vlmshim/cleanup/passed_socket.hpp"
#include "vlmshim/cleanup/port_lookup.hpp"
#include "vlmshim/cleanup/whose_run.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"

namespace vlmshim {

/// The holders of each socket. What is known of a process is looked up once, however many sockets it has.
struct PortGuard::Holders {
    struct Known {
        RunOfProcess run;
        HolderFacts facts;
        std::string description;
    };
    HoldersBySocket by_socket;
    std::map<ProcessIdentity, Known> known{};
};

PortGuard::PortGuard(const PortsConfig& config, const PortNumbers& numbers, const Sockets& sockets,
                     Processes& processes, EndedLog& ended, Log& log)
    : config_(config),
      numbers_(numbers),
      sockets_(sockets),
      processes_(processes),
      log_(log),
      evictions_(processes, ended, log) {}

PortsState PortGuard::look(LookTime when) {
    switch (when) {
        case LookTime::Before:
            return look_before();
        case LookTime::After:
            break;
    }
    return look_after();
}

HolderVerdict PortGuard::classify(const Listener& listener, const HolderFacts& facts, LookTime when) const {
    switch (when) {
        case LookTime::Before:
            return classify_before(facts, config_.busy);
        case LookTime::After:
            break;
    }
    if (numbers_.chosen().contains(listener.port)) {
        return classify_chosen_after(facts);
    }
    return classify_after(facts, numbers_.is_of_daemon(listener.port) ? Outsiders::Report : config_.outsiders);
}

PortGuard::Found PortGuard::find_obstacles(LookTime when) const {
    auto table = sockets_.listeners_on(numbers_.guarded());
    const auto counts = [&](Port port) { return when == LookTime::Before || !is_reused(port); };
    std::erase_if(table.listeners, [&](const Listener& listener) { return !counts(listener.port); });
    const os::HolderSearch search = sockets_.holders_of(table.listeners);
    Holders holders{.by_socket = HoldersBySocket(search)};
    Found found{
        .obstacles = {}, .not_classified = 0, .source = table.source, .refused = search.refused, .error = table.error};
    const auto& guarded = numbers_.guarded();
    if (const auto port = std::find_if(guarded.begin(), guarded.end(), counts); table.error && port != guarded.end()) {
        Listener any;
        any.port = *port;
        found.obstacles.push_back({any,
                                   std::nullopt,
                                   {},
                                   "a process (listeners cannot be looked up: " + table.error.message() + ")",
                                   HolderVerdict::Refuse});
    }
    std::size_t refusals = 0;
    for (auto listener = table.listeners.begin(); listener != table.listeners.end(); ++listener) {
        if (refusals >= enough_refusals) {
            found.not_classified = static_cast<std::size_t>(table.listeners.end() - listener);
            break;
        }
        for (Obstacle& obstacle : obstacles_of(*listener, holders, when)) {
            refusals += obstacle.verdict == HolderVerdict::Refuse ? 1 : 0;
            found.obstacles.push_back(std::move(obstacle));
        }
    }
    return found;
}

/// Before the run no process is of it: what is below our keeper was started before that became vlmshim.
RunOfProcess PortGuard::run_of_holder(Pid pid, LookTime when) const {
    const RunOfProcess run = run_of(processes_, pid);
    const auto self = processes_.stat(processes_.self());
    const bool is_ours = run.keeper == processes_.self() || (self && run.keeper == self->parent);
    return when == LookTime::Before && run.keeper.value != 0 && is_ours ? RunOfProcess{} : run;
}

std::vector<PortGuard::Obstacle> PortGuard::obstacles_of(const Listener& listener, Holders& holders,
                                                         LookTime when) const {
    const std::vector<ProcessIdentity> holding = holders.by_socket.of(listener);
    std::vector<Pid> pids;
    for (const ProcessIdentity& holder : holding) {
        if (holder.pid == processes_.self() && when == LookTime::Before) {
            return {};  // the caller passes the socket on to the test, through us
        }
        pids.push_back(holder.pid);
    }
    const std::vector<Pid> passed_to = holders_passed_to(processes_, listener, pids);
    std::vector<Obstacle> found;
    for (const ProcessIdentity& holder : holding) {
        const auto [known, is_new] = holders.known.try_emplace(holder);
        auto& [run, facts, description] = known->second;
        if (is_new) {
            run = run_of_holder(holder.pid, when);
            facts = facts_of(processes_, holder.pid, run, config_.spare);
            description = processes_.describe(holder.pid);
        }
        facts.passed_on = std::find(passed_to.begin(), passed_to.end(), holder.pid) != passed_to.end();
        // An exiting process loses the environment by which it was recognised before it loses its sockets.
        const HolderVerdict verdict =
            evictions_.left().contains(holder) ? HolderVerdict::End : classify(listener, facts, when);
        const std::string passed = facts.passed_on && !facts.ancestor_or_init ? ", whose socket is not its own," : "";
        found.push_back({listener, holder, run, description + passed, verdict, facts});
    }
    if (found.empty()) {
        found.push_back({listener, std::nullopt, {}, describe_hidden(listener), classify(listener, {}, when)});
    }
    return found;
}

PortsState PortGuard::conclude(Found found, LookTime when) {
    last_ = std::move(found);
    const auto with = [&](HolderVerdict verdict) {
        return std::any_of(last_.obstacles.begin(), last_.obstacles.end(),
                           [&](const Obstacle& obstacle) { return obstacle.verdict == verdict; });
    };
    evictions_.forget_gone();
    const bool may_settle = std::all_of(last_.obstacles.begin(), last_.obstacles.end(), [&](const Obstacle& obstacle) {
        return obstacle.verdict != HolderVerdict::Refuse || !obstacle.process ||
               numbers_.is_of_daemon(obstacle.listener.port) ||
               (when == LookTime::Before && obstacle.run.state == RunOfProcess::State::Alive);
    });
    if (with(HolderVerdict::Refuse) && may_settle && settling_looks_ < most_settling_looks) {
        settling_looks_ += last_.not_classified < crowd_of_listeners ? 1 : looks_that_a_crowd_takes;
        return PortsState::Settling;
    }
    if (with(HolderVerdict::Refuse)) {
        return PortsState::Held;
    }
    return with(HolderVerdict::End) || !evictions_.empty() ? PortsState::Endable : PortsState::Free;
}

PortsState PortGuard::look_before() {
    const PortsState state = conclude(find_obstacles(LookTime::Before), LookTime::Before);
    switch (state) {
        case PortsState::Held:
            log_other_holders();
            break;
        case PortsState::Endable:
        case PortsState::Settling:
            break;
        case PortsState::Free:
            settling_looks_ = 0;
            mark_reused(last_.obstacles);
            break;
    }
    return state;
}

PortsState PortGuard::look_after() {
    if (evictions_.empty() && binds_work()) {
        last_ = {};
        return PortsState::Free;
    }
    const PortsState state = conclude(find_obstacles(LookTime::After), LookTime::After);
    if (state == PortsState::Free) {
        confirm_by_bind();
    }
    return state;
}

/// A listener makes a bind fail: where it worked, for both families, no holder has to be looked for.
bool PortGuard::binds_work() const {
    const auto& guarded = numbers_.guarded();
    return std::all_of(guarded.begin(), guarded.end(),
                       [&](Port port) { return !is_reused(port) && sockets_.bind_to(port) == os::Bind::Free; });
}

/// The LISTEN table is the proof; a bind can fail without any listener.
void PortGuard::confirm_by_bind() const {
    for (const Port port : numbers_.guarded()) {
        if (!is_reused(port) && sockets_.bind_to(port) == os::Bind::Held) {
            log_.info(bind_fails_message(port));
        }
    }
}

void PortGuard::mark_reused(const std::vector<Obstacle>& obstacles) {
    for (const Obstacle& obstacle : obstacles) {
        if (obstacle.verdict == HolderVerdict::Reuse && reused_.insert(obstacle.listener.port).second) {
            const std::string of_run = obstacle.run.may_live() ? " of " + name_of_living(obstacle.run) : "";
            log_.info("port ", obstacle.listener.port, " is held by ", obstacle.holder, of_run,
                      ": used as it is, and left alone");
        }
    }
}

void PortGuard::end_holders(Signal signal) {
    for (const Obstacle& obstacle : last_.obstacles) {
        if (obstacle.verdict != HolderVerdict::End || !obstacle.process) {
            continue;
        }
        if (announced_.insert(*obstacle.process).second) {
            const bool is_stray = processes_.is_own_run(obstacle.run.id);  // it was started through another program
            const std::string origin = is_stray ? "" : origin_of_ended(obstacle.run);
            log_.warn("port ", obstacle.listener.port, ": ending ", obstacle.holder, ", ",
                      origin.empty() ? "which is not of this run" : origin);
        }
        evictions_.add(*obstacle.process, obstacle.run);
    }
    evictions_.send(signal);
}

}  // namespace vlmshim
