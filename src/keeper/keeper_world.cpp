#include "vlmshim/keeper/keeper_world.hpp"

#include "vlmshim/core/values/signal_numbers.hpp"
#include "vlmshim/os/clock.hpp"
#include "vlmshim/os/kill.hpp"
#include "vlmshim/os/own_process.hpp"
#include "vlmshim/os/poll.hpp"
#include "vlmshim/os/signals.hpp"
#include "vlmshim/os/terminal.hpp"

namespace vlmshim {

SystemKeeperWorld::SystemKeeperWorld(os::Fd link) : link_(std::move(link)), terminal_(os::open_terminal()) {
    std::error_code refused;  // then only the link reports the end
    signals_ = os::open_signal_descriptor(refused);
    if (terminal_) {
        modes_ = os::save_modes(terminal_.get());
    }
}

Millis SystemKeeperWorld::now() const {
    return os::steady_clock();
}

void SystemKeeperWorld::wait(std::optional<Millis> limit) {
    os::wait_readable(signals_.get(), {link_.get()}, limit);
}

void SystemKeeperWorld::wait_for_signal(Millis limit) {
    os::wait_readable(signals_.get(), {}, limit);
}

std::vector<SignalInfo> SystemKeeperWorld::read_signals() {
    return os::read_signals(signals_.get());
}

os::WaitRound SystemKeeperWorld::reap() {
    return os::reap_children();
}

os::Sent SystemKeeperWorld::send(const os::ToSupervisor& message) {
    return os::send_message(link_.get(), message);
}

os::Received SystemKeeperWorld::receive(os::ToKeeper& message) {
    return os::receive_message(link_.get(), message);
}

void SystemKeeperWorld::wake_supervisor(Pid supervisor) {
    os::send_to_child(supervisor, sigcont);
}

void SystemKeeperWorld::send_to_callers_group(Signal signal) {
    os::send_to_callers_group(signal);
}

bool SystemKeeperWorld::shares_group() const {
    return os::current_group().value == 0;
}

void SystemKeeperWorld::stop_self(Signal signal) {
    os::stop_by(signal);
}

void SystemKeeperWorld::take_terminal_back_from(Pgid group) {
    if (foreground() != group) {
        return;
    }
    os::give_foreground(terminal_.get(), callers_group());
    if (modes_) {
        os::restore_modes(terminal_.get(), *modes_);
    }
}

Pgid SystemKeeperWorld::foreground() const {
    return terminal_ ? os::foreground_group(terminal_.get()) : Pgid{};
}

Pgid SystemKeeperWorld::callers_group() const {
    return os::current_group();
}

void SystemKeeperWorld::foreground_callers_group() {
    os::give_foreground(terminal_.get(), callers_group());
    os::send_to_callers_group(sigcont);
}

}  // namespace vlmshim
