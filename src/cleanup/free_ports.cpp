#include "vlmshim/cleanup/free_ports.hpp"

#include <algorithm>

#include "vlmshim/cleanup/port_lookup.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"
#include "vlmshim/core/values/duration.hpp"
#include "vlmshim/core/values/signal_numbers.hpp"
#include "vlmshim/os/clock.hpp"
#include "vlmshim/os/poll.hpp"
#include "vlmshim/os/process_tree.hpp"

namespace vlmshim {

namespace {

std::string listens_on(const PortHolder& holder) {
    const std::string who = holder.pid.value != 0 ? describe_process(holder.pid)
                            : holder.user.empty() ? "somebody"
                                                  : "a process of user " + holder.user;
    return who + " listens on " + describe_address(holder.listener);
}

std::string why_it_stays(FreeVerdict verdict, const PortHolder& holder) {
    switch (verdict) {
        case FreeVerdict::End:
            return "it did not end, or was started again";
        case FreeVerdict::NotVisible:
            return "owner not visible because " + holder.not_visible_because;
        case FreeVerdict::OwnAncestor:
            return holder.pid.value == 1 ? "it is PID 1" : "it is an ancestor of this command";
        case FreeVerdict::Spared:
            return "[ports] spare names it";
        case FreeVerdict::OfLiveRun:
            return "it belongs to the vlmshim run of pid " + std::to_string(holder.run.keeper.value) +
                   ", which still works; end that run (kill " + std::to_string(holder.run.keeper.value) +
                   "), or name the port: vlmshim --free " + std::to_string(holder.listener.port.number);
    }
    return {};
}

}  // namespace

FreePorts::FreePorts(const Config& config, PortNamed named, spdlog::logger& log)
    : config_(config.ports), grace_(config.shutdown_grace), named_(named), log_(log), evictions_(log) {
    evictions_.record_into(ended_);
    result_.ports = config_.guard;
}

FreeResult FreePorts::run() {
    const Millis started = os::steady_clock();
    switch (named_) {
        case PortNamed::No:
            add_dead_leftovers();
            break;
        case PortNamed::Yes:
            break;
    }
    look();
    bool hopeless = false;
    for (int round = 0; round < most_free_rounds && !evictions_.empty() && !hopeless; ++round) {
        wait_for_ends();
        hopeless = !evictions_.empty();
        for (const os::ProcessIdentity& survivor : evictions_.left()) {
            ended_.note(survivor, EndedHow::Survived);
        }
        look();
    }
    // A process that ends has closed its descriptors a moment before its sockets are gone.
    const auto hidden = [](const FreeResult::Stays& one) { return one.holder.pid.value == 0; };
    for (int looks = 0; looks < most_settling_looks && std::any_of(result_.stays.begin(), result_.stays.end(), hidden);
         ++looks) {
        os::wait_readable({}, port_poll_pause);
        look();
    }
    result_.ended = ended_.list();
    report(os::steady_clock() - started);
    return result_;
}

/// Everybody who listens now either is to end or stays.
void FreePorts::look() {
    evictions_.forget_gone();
    result_.stays.clear();
    for (const PortHolder& holder : look_up(config_.guard)) {
        const os::ProcessIdentity process{holder.pid, holder.start_ticks};
        const HolderFacts facts = holder.pid.value != 0 ? facts_of(process, config_.spare) : HolderFacts{};
        const FreeVerdict verdict = judge_free(facts, named_);
        if (verdict == FreeVerdict::End) {
            end_one(holder);
        }
        result_.stays.push_back({holder, why_it_stays(verdict, holder)});
    }
}

void FreePorts::end_one(const PortHolder& holder) {
    const os::ProcessIdentity process{holder.pid, holder.start_ticks};
    evictions_.add(process);
    if (const auto run = dead_run_of(holder.pid)) {
        evictions_.add_run(*run);
    }
    if (!announced_.insert(process).second) {
        return;
    }
    const auto port = holder.listener.port.number;
    switch (holder.run.state) {
        case RunOfProcess::State::Dead:
            log_.info("port {}: ending {}, left over from a vlmshim run that died", port, describe_process(holder.pid));
            break;
        case RunOfProcess::State::Alive:
            log_.warn("port {}: ending {}, which belongs to the vlmshim run of pid {}: that run will fail", port,
                      describe_process(holder.pid), holder.run.keeper.value);
            break;
        case RunOfProcess::State::None:
        case RunOfProcess::State::Elsewhere:
            log_.info("port {}: ending {}", port, describe_process(holder.pid));
            break;
    }
}

void FreePorts::add_dead_leftovers() {
    for (const os::ProcessIdentity& process : os::all_processes()) {
        const auto run = dead_run_of(process.pid);
        if (!run || process.pid.value == 1 || os::is_self_or_ancestor(process.pid)) {
            continue;
        }
        evictions_.add(process);
        announced_.insert(process);
        log_.info("ending {}, left over from a vlmshim run that died", describe_process(process.pid));
    }
}

/// Asked once, then SIGKILL until they are gone or that is hopeless.
void FreePorts::wait_for_ends() {
    evictions_.send(sigterm);
    wait_until_gone(grace_);
    if (evictions_.empty()) {
        return;
    }
    for (const os::ProcessIdentity& process : evictions_.left()) {
        log_.warn("pid {} is still there after {}: killed", process.pid.value, describe_duration(grace_));
    }
    evictions_.send(sigkill);
    wait_until_gone(kill_give_up);
}

void FreePorts::wait_until_gone(Millis limit) {
    const Millis deadline = os::steady_clock() + limit;
    for (evictions_.forget_gone(); !evictions_.empty() && os::steady_clock() < deadline; evictions_.forget_gone()) {
        os::wait_readable({}, port_poll_pause);
    }
}

void FreePorts::report(Millis took) const {
    for (const EndedProcess& process : result_.ended) {
        if (process.how == EndedHow::Survived) {
            log_.error("pid {} ({}) cannot be ended", process.pid.value, process.command);
        }
    }
    for (const FreeResult::Stays& one : result_.stays) {
        log_.error("port {} is not free: {}: {}", one.holder.listener.port.number, listens_on(one.holder), one.because);
    }
    std::vector<std::string> words;
    if (const std::size_t ended = ended_.total(); ended != 0) {
        words.push_back(fmt::format("{} ended in {}", ended == 1 ? "1 process" : std::to_string(ended) + " processes",
                                    describe_duration(took)));
    }
    for (const Port port : result_.ports) {
        if (result_.is_free(port)) {
            words.push_back(fmt::format("port {} is free", port.number));
        }
    }
    if (!words.empty()) {
        log_.info("{}", fmt::join(words, ", "));
    }
    for (const Port port : result_.ports) {
        if (result_.is_free(port) && bind_to(port) == os::Bind::Held) {
            log_.info("port {}: nobody listens, but connections still use its number: a bind fails for now",
                      port.number);
        }
    }
}

}  // namespace vlmshim
