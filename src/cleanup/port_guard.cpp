#include "vlmshim/cleanup/port_guard.hpp"

#include <algorithm>

#include "vlmshim/cleanup/passed_socket.hpp"
#include "vlmshim/cleanup/port_lookup.hpp"
#include "vlmshim/cleanup/whose_run.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"

namespace vlmshim {

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

HolderVerdict PortGuard::judge(const Listener& listener, const HolderFacts& facts, LookTime when) const {
    switch (when) {
        case LookTime::Before:
            return judge_before(facts, config_.busy);
        case LookTime::After:
            break;
    }
    return numbers_.chosen().contains(listener.port) ? judge_chosen_after(facts)
                                                     : judge_after(facts, config_.outsiders);
}

std::vector<PortGuard::Obstacle> PortGuard::find_obstacles(LookTime when) const {
    const auto table = sockets_.listeners_on(numbers_.guarded());
    const os::HolderSearch holders = sockets_.holders_of(table.listeners);
    std::vector<Obstacle> obstacles;
    if (table.error) {
        Listener any;
        any.port = numbers_.guarded().front();
        obstacles.push_back({any,
                             std::nullopt,
                             {},
                             "(cannot be looked up: " + table.error.message() + ") somebody",
                             HolderVerdict::Refuse});
    }
    for (const Listener& listener : table.listeners) {
        const auto some = obstacles_of(listener, holders, when);
        obstacles.insert(obstacles.end(), some.begin(), some.end());
    }
    return obstacles;
}

std::vector<PortGuard::Obstacle> PortGuard::obstacles_of(const Listener& listener, const os::HolderSearch& search,
                                                         LookTime when) const {
    const std::vector<ProcessIdentity> holders = holders_in(search, listener);
    std::vector<Pid> pids;
    for (const ProcessIdentity& holder : holders) {
        if (holder.pid == processes_.self() && when == LookTime::Before) {
            return {};  // a socket that the caller hands down through us to the test is not in the test's way
        }
        pids.push_back(holder.pid);
    }
    const std::vector<Pid> passed_to = holders_passed_to(processes_, listener, pids);
    std::vector<Obstacle> found;
    for (const ProcessIdentity& holder : holders) {
        const RunOfProcess run = run_of(processes_, holder.pid);
        HolderFacts facts = facts_of(processes_, holder.pid, run, config_.spare);
        facts.passed_on = std::find(passed_to.begin(), passed_to.end(), holder.pid) != passed_to.end();
        // In its death a process loses the environment by which it was recognised before it loses its sockets.
        const HolderVerdict verdict =
            evictions_.left().contains(holder) ? HolderVerdict::End : judge(listener, facts, when);
        const std::string passed = facts.passed_on && !facts.ancestor_or_init ? ", whose socket is not its own," : "";
        found.push_back({listener, holder, run, processes_.describe(holder.pid) + passed, verdict});
    }
    if (found.empty()) {
        found.push_back({listener, std::nullopt, {}, describe_hidden(listener), judge(listener, {}, when)});
    }
    return found;
}

PortsState PortGuard::take(std::vector<Obstacle> obstacles, LookTime when) {
    obstacles_ = std::move(obstacles);
    const auto with = [&](HolderVerdict verdict) {
        return std::any_of(obstacles_.begin(), obstacles_.end(),
                           [&](const Obstacle& obstacle) { return obstacle.verdict == verdict; });
    };
    evictions_.forget_gone();
    const bool may_settle = std::all_of(obstacles_.begin(), obstacles_.end(), [&](const Obstacle& obstacle) {
        return obstacle.verdict != HolderVerdict::Refuse || !obstacle.process ||
               (when == LookTime::Before && obstacle.run.state == RunOfProcess::State::Alive);
    });
    if (with(HolderVerdict::Refuse) && may_settle && settling_looks_ < most_settling_looks) {
        ++settling_looks_;
        return PortsState::Settling;
    }
    if (with(HolderVerdict::Refuse)) {
        return PortsState::Held;
    }
    return with(HolderVerdict::End) || !evictions_.empty() ? PortsState::Endable : PortsState::Free;
}

PortsState PortGuard::look_before() {
    const PortsState state = take(find_obstacles(LookTime::Before), LookTime::Before);
    switch (state) {
        case PortsState::Held:
            say_busy();
            break;
        case PortsState::Endable:
        case PortsState::Settling:
            break;
        case PortsState::Free:
            settling_looks_ = 0;
            mark_reused(obstacles_);
            break;
    }
    return state;
}

PortsState PortGuard::look_after() {
    if (evictions_.empty() && binds_work()) {
        obstacles_.clear();
        return PortsState::Free;
    }
    auto obstacles = find_obstacles(LookTime::After);
    std::erase_if(obstacles, [&](const Obstacle& obstacle) { return is_reused(obstacle.listener.port); });
    const PortsState state = take(std::move(obstacles), LookTime::After);
    if (state == PortsState::Free) {
        confirm_by_bind();
    }
    return state;
}

/// Whoever listens is in the way of a bind: where that really worked, for both families, nobody has to be looked for.
bool PortGuard::binds_work() const {
    const auto& guarded = numbers_.guarded();
    return std::all_of(guarded.begin(), guarded.end(),
                       [&](Port port) { return !is_reused(port) && sockets_.bind_to(port) == os::Bind::Free; });
}

/// The LISTEN table is the proof; a bind can fail without any listener.
void PortGuard::confirm_by_bind() const {
    for (const Port port : numbers_.guarded()) {
        if (!is_reused(port) && sockets_.bind_to(port) == os::Bind::Held) {
            log_.info(say_bind_fails(port));
        }
    }
}

void PortGuard::mark_reused(const std::vector<Obstacle>& obstacles) {
    for (const Obstacle& obstacle : obstacles) {
        if (obstacle.verdict == HolderVerdict::Reuse && reused_.insert(obstacle.listener.port).second) {
            const std::string whose = obstacle.run.may_live() ? " of " + name_of_living(obstacle.run) : "";
            log_.info("port ", obstacle.listener.port, " is held by ", obstacle.who, whose,
                      ": used as it is, and left alone");
        }
    }
}

std::string PortGuard::why_busy() const {
    for (const Obstacle& obstacle : obstacles_) {
        if (obstacle.verdict == HolderVerdict::Refuse) {
            return "port " + std::to_string(obstacle.listener.port.number) + " is busy: " + obstacle.who +
                   " listens on " + describe_address(obstacle.listener);
        }
    }
    return "a guarded port is busy";
}

void PortGuard::say_busy() const {
    for (const Obstacle& obstacle : obstacles_) {
        if (obstacle.verdict != HolderVerdict::Refuse) {
            continue;
        }
        log_.error("port ", obstacle.listener.port, " is busy: ", obstacle.who, " listens on ",
                   describe_address(obstacle.listener));
        if (obstacle.run.may_live()) {
            log_.error("it belongs to ", describe_living(obstacle.run));
        }
    }
    log_.error("end it, or choose another port (--port), or --busy=kill to end it now, or --busy=reuse to use it");
}

void PortGuard::end_holders(Signal signal) {
    for (const Obstacle& obstacle : obstacles_) {
        if (obstacle.verdict != HolderVerdict::End || !obstacle.process) {
            continue;
        }
        if (announced_.insert(*obstacle.process).second) {
            const bool of_dead_run = obstacle.run.state == RunOfProcess::State::Dead;
            log_.warn("port ", obstacle.listener.port, ": ending ", obstacle.who, ", ",
                      of_dead_run ? "left over from a vlmshim run that died" : "which is not of this run");
        }
        evictions_.add(*obstacle.process, obstacle.run);
    }
    evictions_.send(signal);
}

void PortGuard::report_holders() const {
    for (const Obstacle& obstacle : obstacles_) {
        log_.error("port ", obstacle.listener.port, " is not free: ", obstacle.who, " listens on ",
                   describe_address(obstacle.listener));
    }
}

}  // namespace vlmshim
