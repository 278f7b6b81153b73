#include "vlmshim/cleanup/port_guard.hpp"

#include <algorithm>

#include "vlmshim/cleanup/port_lookup.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"
#include "vlmshim/os/process_tree.hpp"

namespace vlmshim {

namespace {

std::string not_visible(const Listener& listener) {
    if (listener.inode == 0) {
        return "somebody (who cannot be seen from here)";
    }
    return "a process of user " + os::user_name(listener.uid) + " that cannot be seen from here";
}

}  // namespace

PortGuard::PortGuard(const PortsConfig& config, spdlog::logger& log) : config_(config), log_(log), evictions_(log) {}

HolderVerdict PortGuard::judge_after_run(const Listener& listener, HolderFacts facts) const {
    return chosen_.contains(listener.port) ? judge_chosen_after(facts) : judge_after(facts, config_.outsiders);
}

std::vector<PortGuard::Obstacle> PortGuard::find_obstacles(bool before) {
    const auto table = os::listeners_on(config_.guard);
    const auto holders = os::find_holders(table.listeners).holders;
    std::vector<Obstacle> obstacles;
    if (table.error) {
        Listener any;
        any.port = config_.guard.front();
        obstacles.push_back({any, std::nullopt, "(cannot be looked up: " + table.error.message() + ") somebody",
                             HolderVerdict::Refuse});
    }
    for (const Listener& listener : table.listeners) {
        bool seen = false;
        bool passed_to_us = false;
        std::vector<Obstacle> of_listener;
        for (const os::Holder& holder : holders) {
            if (holder.inode != listener.inode || listener.inode == 0) {
                continue;
            }
            const HolderFacts facts = facts_of(holder.process, config_.spare);
            seen = true;
            passed_to_us = passed_to_us || facts.self;
            // In its death a process loses the environment by which it was recognised before it loses its sockets.
            const HolderVerdict verdict = evictions_.left().contains(holder.process) ? HolderVerdict::End
                                          : before                                   ? judge_before(facts, config_.busy)
                                                                                     : judge_after_run(listener, facts);
            of_listener.push_back({listener, holder.process, describe_process(holder.process.pid), verdict});
        }
        if (!seen) {
            of_listener.push_back({listener, std::nullopt, not_visible(listener),
                                   before ? judge_before({}, config_.busy) : judge_after_run(listener, {})});
        }
        // A socket that the caller hands down through us to the test is not in the test's way.
        if (!(before && passed_to_us)) {
            obstacles.insert(obstacles.end(), of_listener.begin(), of_listener.end());
        }
    }
    return obstacles;
}

PortsState PortGuard::take(std::vector<Obstacle> obstacles) {
    obstacles_ = std::move(obstacles);
    const auto with = [&](HolderVerdict verdict) {
        return std::any_of(obstacles_.begin(), obstacles_.end(),
                           [&](const Obstacle& obstacle) { return obstacle.verdict == verdict; });
    };
    evictions_.forget_gone();
    // A process that ends has closed its descriptors a moment before its sockets are gone.
    const bool only_unseen = std::all_of(obstacles_.begin(), obstacles_.end(), [](const Obstacle& obstacle) {
        return obstacle.verdict != HolderVerdict::Refuse || !obstacle.process;
    });
    if (with(HolderVerdict::Refuse) && only_unseen && settling_looks_ < most_settling_looks) {
        ++settling_looks_;
        return PortsState::Settling;
    }
    if (with(HolderVerdict::Refuse)) {
        return PortsState::Held;
    }
    return with(HolderVerdict::End) || !evictions_.empty() ? PortsState::Endable : PortsState::Free;
}

PortsState PortGuard::look_before() {
    const PortsState state = take(find_obstacles(true));
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
    auto obstacles = find_obstacles(false);
    std::erase_if(obstacles, [&](const Obstacle& obstacle) { return is_reused(obstacle.listener.port); });
    const PortsState state = take(std::move(obstacles));
    if (state == PortsState::Free) {
        confirm_by_bind();
    }
    return state;
}

/// Whoever listens is in the way of a bind: where that really worked, for both families, nobody has to be looked for.
bool PortGuard::binds_work() const {
    return std::all_of(config_.guard.begin(), config_.guard.end(),
                       [&](Port port) { return !is_reused(port) && bind_to(port) == os::Bind::Free; });
}

/// The LISTEN table is the proof then. A bind can fail without any listener: connections in TIME_WAIT of a
/// server that set only SO_REUSEPORT, or a client that was given the port's number.
void PortGuard::confirm_by_bind() const {
    for (const Port port : config_.guard) {
        if (!is_reused(port) && bind_to(port) == os::Bind::Held) {
            log_.info("port {}: nobody listens, but connections still use its number: a bind fails for now",
                      port.number);
        }
    }
}

void PortGuard::mark_reused(const std::vector<Obstacle>& obstacles) {
    for (const Obstacle& obstacle : obstacles) {
        if (obstacle.verdict == HolderVerdict::Reuse && reused_.insert(obstacle.listener.port).second) {
            const RunOfProcess run = obstacle.process ? run_of(obstacle.process->pid) : RunOfProcess{};
            const std::string whose = run.state == RunOfProcess::State::Alive
                                          ? " of the vlmshim run of pid " + std::to_string(run.keeper.value)
                                          : "";
            log_.info("port {} is held by {}{}: used as it is, and left alone", obstacle.listener.port.number,
                      obstacle.who, whose);
        }
    }
}

std::string PortGuard::why_busy() const {
    for (const Obstacle& obstacle : obstacles_) {
        if (obstacle.verdict == HolderVerdict::Refuse) {
            return "port " + std::to_string(obstacle.listener.port.number) + " is busy, " + obstacle.who +
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
        log_.error("port {} is busy: {} listens on {}", obstacle.listener.port.number, obstacle.who,
                   describe_address(obstacle.listener));
        const RunOfProcess run = obstacle.process ? run_of(obstacle.process->pid) : RunOfProcess{};
        if (run.state == RunOfProcess::State::Alive) {
            log_.error("it belongs to the vlmshim run of pid {}, which still works", run.keeper.value);
        }
    }
    log_.error("end it, or choose another port (--port), or --busy=kill to end it now, or --busy=reuse to use it");
}

void PortGuard::end_holders(Signal signal) {
    for (const Obstacle& obstacle : obstacles_) {
        if (obstacle.verdict != HolderVerdict::End || !obstacle.process) {
            continue;
        }
        const os::ProcessIdentity process = *obstacle.process;
        const auto run = dead_run_of(process.pid);
        if (announced_.insert(process).second) {
            log_.warn("port {}: ending {}, {}", obstacle.listener.port.number, obstacle.who,
                      run ? "left over from a vlmshim run that died" : "which is not of this run");
        }
        if (run) {
            evictions_.add_run(*run);
        }
        evictions_.add(process);
    }
    evictions_.send(signal);
}

void PortGuard::report_holders() const {
    for (const Obstacle& obstacle : obstacles_) {
        log_.error("port {} is not free: {} listens on {}", obstacle.listener.port.number, obstacle.who,
                   describe_address(obstacle.listener));
    }
}

ListenerOwner PortGuard::owner_of(const std::optional<Address>& address, Port port, const std::vector<Pid>& others) {
    std::vector<Listener> candidates = listeners_for(os::listeners_on({port}).listeners, address);
    if (candidates.empty()) {
        return {ListenerOwner::Kind::Unknown, {}};
    }
    // Nearly always it is ours, and our own are few beside all of the machine's.
    std::vector<Pid> own;
    for (const os::Descendant& descendant : os::outside_of(others, os::descendants_of(os::own_pid()))) {
        own.push_back(descendant.identity.pid);
    }
    for (const os::Holder& holder : os::find_holders_among(own, candidates).holders) {
        std::erase_if(candidates, [&](const Listener& listener) { return listener.inode == holder.inode; });
    }
    if (candidates.empty()) {
        return {ListenerOwner::Kind::Ours, {}};
    }
    const std::vector<os::Holder> strangers = os::find_holders(candidates).holders;
    return strangers.empty()
               ? ListenerOwner{ListenerOwner::Kind::Unknown, {}}
               : ListenerOwner{ListenerOwner::Kind::Foreign, describe_process(strangers.front().process.pid)};
}

}  // namespace vlmshim
