// The world around the keeper: a script of what happens when, and a record of what the keeper does.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "fake_processes.hpp"
#include "vlmshim/keeper/keeper_world.hpp"

namespace vlmshim::test {

class FakeKeeperWorld final : public KeeperWorld {
public:
    explicit FakeKeeperWorld(FakeProcesses& processes) : processes_(processes) {}

    // --- what happens

    /// At a time since the start; it wakes the keeper.
    void at(int millis, std::function<void()> what) { later_.emplace(Millis{millis}, std::move(what)); }
    void signal(Signal signal, Pid sender = Pid{7}) { signals_.push_back({signal, sender, SignalCode::Process}); }
    void type(Signal signal) { signals_.push_back({signal, Pid{}, SignalCode::Kernel}); }
    void message(const os::ToKeeper& message) { messages_.push_back(message); }
    void close_link() { link_is_open_ = false; }
    /// Its orphans are the keeper's children from then on.
    void end(int pid, ExitStatus status = ExitStatus::signaled(sigkill)) {
        statuses_[Pid{pid}] = status;
        processes_.end(pid);
        signal(sigchld, Pid{pid});
    }
    void stop(int pid) {
        stopped_.push_back({Pid{pid}, sigstop});
        signal(sigchld, Pid{pid});
    }

    bool group_is_shared = false;
    static constexpr int callers = 90;
    Pgid foreground_group;
    Millis full_until{0};  // until then the link has no room
    /// What the keeper did since the last call, in order.
    std::string take() { return std::exchange(done_, {}); }

    // --- the seam

    Millis now() const override { return now_; }
    void wait(std::optional<Millis> limit) override { pass(limit); }
    void wait_for_signal(Millis limit) override { pass(limit); }
    std::vector<SignalInfo> read_signals() override { return std::exchange(signals_, {}); }
    os::WaitRound reap() override {
        os::WaitRound round;
        for (const Pid child : processes_.own_children()) {
            if (processes_.stat(child)->dead() && !processes_.at(child.value).traced) {
                round.reaped.push_back({child, statuses_[child]});
            }
        }
        processes_.reap();
        round.stopped = std::exchange(stopped_, {});
        round.no_children = processes_.own_children().empty();
        return round;
    }
    os::Sent send(const os::ToSupervisor& message) override {
        if (now_ < full_until) {
            return os::Sent::Full;
        }
        const auto* relayed = std::get_if<os::to_supervisor::Relayed>(&message);
        done_ += relayed != nullptr ? " relay:" + signal_name(relayed->info.signal) : " continued";
        return link_is_open_ ? os::Sent::Yes : os::Sent::Gone;
    }
    os::Received receive(os::ToKeeper& message) override {
        if (messages_.empty()) {
            return link_is_open_ ? os::Received::Nothing : os::Received::EndOfFile;
        }
        message = messages_.front();
        messages_.pop_front();
        return os::Received::Message;
    }
    bool shares_group() const override { return group_is_shared; }
    void wake_supervisor(Pid supervisor) override { done_ += " wake:" + std::to_string(supervisor.value); }
    void send_to_callers_group(Signal signal) override { done_ += " share:" + signal_name(signal); }
    void stop_self(Signal signal) override { done_ += " stop:" + signal_name(signal); }
    void take_terminal_back_from(Pgid group) override { done_ += " terminal-from:" + std::to_string(group.value); }
    Pgid foreground() const override { return foreground_group; }
    Pgid callers_group() const override { return Pgid{callers}; }
    void foreground_callers_group() override {
        done_ += " callers-turn-after:" + std::to_string(foreground_group.value);
        foreground_group = callers_group();
    }

private:
    /// Until the next scripted event, or the limit.
    void pass(std::optional<Millis> limit) {
        const bool is_woken = !signals_.empty() && !limit;
        const auto next = later_.begin();
        if (is_woken) {
            return;
        }
        if (next != later_.end() && (!limit || next->first <= now_ + *limit)) {
            now_ = std::max(now_, next->first);
            const auto what = next->second;
            later_.erase(next);
            what();
        } else if (limit) {
            now_ += *limit;
        } else {
            throw std::logic_error("it waits for ever");
        }
    }

    FakeProcesses& processes_;
    Millis now_{0};
    std::multimap<Millis, std::function<void()>> later_;
    std::vector<SignalInfo> signals_;
    std::vector<os::StoppedChild> stopped_;
    std::deque<os::ToKeeper> messages_;
    std::map<Pid, ExitStatus> statuses_;
    bool link_is_open_ = true;
    std::string done_;
};

}  // namespace vlmshim::test
