#include "vlmshim/cleanup/free_ports.hpp"

#include <algorithm>
#include <utility>

#include "vlmshim/cleanup/port_lookup.hpp"
#include "vlmshim/cleanup/whose_run.hpp"
#include "vlmshim/core/config/auto_ports.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"
#include "vlmshim/core/report/busy_port.hpp"
#include "vlmshim/core/values/duration.hpp"
#include "vlmshim/core/values/signal_numbers.hpp"
#include "vlmshim/core/values/words.hpp"

namespace vlmshim {

namespace {

std::string listens_on(const Processes& processes, const PortHolder& holder) {
    const std::string process = holder.pid.value != 0 ? processes.describe(holder.pid)
                                : holder.user.empty() ? "a process"
                                                      : "a process of user " + holder.user;
    return process + " listens on " + describe_address(holder.listener);
}

std::string why_it_stays(FreeVerdict verdict, const HolderFacts& facts, const PortHolder& holder) {
    switch (verdict) {
        case FreeVerdict::End:
            return "it did not end, or was started again";
        case FreeVerdict::NotVisible:
            return "owner not visible because " + holder.not_visible_because;
        case FreeVerdict::OwnAncestor:
        case FreeVerdict::Spared:
        case FreeVerdict::PassedOn:
            return why_never_ended(facts, holder.pid);
        case FreeVerdict::OfLiveRun:
            return "it belongs to " + describe_living(holder.run) + "; end that run" +
                   (holder.run.keeper.value != 0 ? " (kill " + std::to_string(holder.run.keeper.value) + ")" : "") +
                   ", or name the port: vlmshim --free " + std::to_string(holder.listener.port.number);
    }
    return {};
}

/// What the user can do where this command cannot.
std::string next_step(const Processes& processes, const PortHolder& holder) {
    const Port port = holder.listener.port;
    const auto stat = processes.stat(holder.pid);
    const bool is_hidden_proxy = holder.pid.value == 0 && is_published_by_docker(processes, port);
    const std::string name = is_hidden_proxy ? std::string(docker_proxy_name) : stat ? stat->comm : std::string();
    if (const std::string behind = what_is_behind(name, holder.pid, port); !behind.empty()) {
        return "; " + behind + " shows what is behind it";
    }
    return holder.root_would_see ? "; root may: sudo vlmshim --free " + std::to_string(port.number) : "";
}

}  // namespace

FreePorts::FreePorts(const Config& config, PortNamed named, const Sockets& sockets, Processes& processes, Log& log,
                     std::function<Millis()> now)
    : config_(config.ports),
      grace_(config.shutdown_grace),
      named_(named),
      sockets_(sockets),
      processes_(processes),
      log_(log),
      now_(std::move(now)),
      ended_(processes, EndedLog::Wanted::Yes),
      evictions_(processes, ended_, log) {
    result_.ports = known_ports(config_.guard);
}

FreeResult FreePorts::run() {
    const Millis started = now_();
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
        end_them();
        hopeless = !evictions_.empty();
        for (const ProcessIdentity& survivor : evictions_.left()) {
            ended_.note(survivor, EndedHow::Survived, [&] { return evictions_.what_is(survivor); });
        }
        look();
    }
    const auto hidden = [](const FreeResult::Stays& one) { return one.holder.pid.value == 0; };
    for (int looks = 0; looks < most_settling_looks && std::any_of(result_.stays.begin(), result_.stays.end(), hidden);
         ++looks) {
        processes_.wait_for_an_end({}, port_poll_pause);
        look();
    }
    result_.ended = ended_.list();
    report(now_() - started);
    return result_;
}

/// Each process that listens now is either added to the evictions, or stays.
void FreePorts::look() {
    evictions_.forget_gone();
    result_.stays.clear();
    for (const PortHolder& holder : look_up(sockets_, processes_, result_.ports)) {
        HolderFacts facts =
            holder.pid.value != 0 ? facts_of(processes_, holder.pid, holder.run, config_.spare) : HolderFacts{};
        facts.passed_on = holder.passed_on;
        const FreeVerdict verdict = classify_to_free(facts, named_);
        if (verdict == FreeVerdict::End) {
            add(holder);
        }
        const std::string next = verdict == FreeVerdict::End ? std::string() : next_step(processes_, holder);
        result_.stays.push_back({holder, why_it_stays(verdict, facts, holder) + next});
    }
}

void FreePorts::add(const PortHolder& holder) {
    const ProcessIdentity process{holder.pid, holder.start_ticks};
    evictions_.add(process, holder.run);
    if (!announced_.insert(process).second) {
        return;
    }
    const std::string origin = origin_of_ended(holder.run);
    log_.say(holder.run.may_live() ? LogLevel::Warning : LogLevel::Info, "port ", holder.listener.port, ": ending ",
             processes_.describe(holder.pid), origin.empty() ? "" : ", ", origin);
}

void FreePorts::add_dead_leftovers() {
    for (const DeadRunsProcess& left : left_by_dead_runs(processes_)) {
        evictions_.add(left.process, left.run);
        announced_.insert(left.process);
        log_.info("ending ", processes_.describe(left.process.pid), ", ", origin_of_ended(left.run));
    }
}

/// SIGTERM once, then SIGKILL until all have ended or that is hopeless.
void FreePorts::end_them() {
    evictions_.send(sigterm);
    wait_for_ends(grace_);
    if (evictions_.empty()) {
        return;
    }
    for (const ProcessIdentity& process : evictions_.left()) {
        log_.warn("pid ", process.pid, " is still there after ", describe_duration(grace_), ": killed");
    }
    kill_them();
}

void FreePorts::kill_them() {
    KillRounds rounds(now_());
    while (!evictions_.empty()) {
        const std::size_t before = evictions_.left().size();
        evictions_.send(sigkill);
        wait_for_ends(kill_round_pause);
        const Millis now = now_();
        if (evictions_.left().size() < before) {
            rounds.progress(now);
        } else if (rounds.is_late(now) &&
                   rounds.decide(classify(evictions_.survivor_facts()), now) == KillRounds::Verdict::GiveUp) {
            return;
        }
    }
}

void FreePorts::wait_for_ends(Millis limit) {
    const Millis deadline = now_() + limit;
    for (evictions_.forget_gone(); !evictions_.empty(); evictions_.forget_gone()) {
        const Millis left = deadline - now_();
        if (left <= Millis{0}) {
            return;
        }
        processes_.wait_for_an_end(evictions_.left(), left);
    }
}

void FreePorts::report(Millis took) const {
    for (const EndedProcess& process : result_.ended) {
        if (process.how == EndedHow::Survived) {
            log_.error("pid ", process.pid, " (", process.command, ") cannot be ended");
        }
    }
    for (const FreeResult::Stays& one : result_.stays) {
        log_.error("port ", one.holder.listener.port, " is not free: ", listens_on(processes_, one.holder), ": ",
                   one.because);
    }
    std::string done;
    if (ended_.total() != 0) {
        done = count_of(ended_.total(), "process") + " ended in " + describe_duration(took);
    }
    for (const Port port : result_.ports) {
        if (result_.is_free(port)) {
            done += (done.empty() ? "port " : ", port ") + std::to_string(port.number) + " is free";
        }
    }
    if (!done.empty()) {
        log_.info(done);
    }
    for (const Port port : result_.ports) {
        if (result_.is_free(port) && sockets_.bind_to(port) == os::Bind::Held) {
            log_.info(bind_fails_message(port));
        }
    }
}

}  // namespace vlmshim
