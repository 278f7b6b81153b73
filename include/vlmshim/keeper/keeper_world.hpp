// What the keeper reads and does outside itself: the seam between its decisions and the kernel.
#pragma once

#include <termios.h>

#include <optional>
#include <vector>

#include "vlmshim/core/values/signal_info.hpp"
#include "vlmshim/core/values/types.hpp"
#include "vlmshim/os/fd.hpp"
#include "vlmshim/os/link.hpp"
#include "vlmshim/os/wait.hpp"

namespace vlmshim {

class KeeperWorld {
public:
    virtual ~KeeperWorld() = default;

    /// Of a clock that never jumps.
    virtual Millis now() const = 0;
    /// Until a signal or a message on the link has arrived, or `limit` has passed; nullopt: without limit.
    virtual void wait(std::optional<Millis> limit) = 0;
    /// The same without the link.
    virtual void wait_for_signal(Millis limit) = 0;
    virtual std::vector<SignalInfo> read_signals() = 0;
    virtual os::WaitRound reap() = 0;

    virtual os::Sent send(const os::ToSupervisor& message) = 0;
    virtual os::Received receive(os::ToKeeper& message) = 0;

    /// To our direct child.
    virtual void wake_supervisor(Pid supervisor) = 0;
    /// os::send_to_callers_group
    virtual void send_to_callers_group(Signal signal) = 0;
    /// Whether our group lies outside our PID namespace, and is the supervisor's too: the terminal's signals reach the
    /// supervisor without us.
    virtual bool shares_group() const = 0;
    /// os::stop_by
    virtual void stop_self(Signal signal) = 0;
    /// With its modes as they were at the start; only if this group is in the foreground.
    virtual void take_terminal_back_from(Pgid group) = 0;
    /// The terminal's foreground group; 0: there is no terminal, or the group lies outside our PID namespace.
    virtual Pgid foreground() const = 0;
    virtual Pgid callers_group() const = 0;
    /// Brings it to the foreground and continues it.
    virtual void foreground_callers_group() = 0;
};

class SystemKeeperWorld final : public KeeperWorld {
public:
    explicit SystemKeeperWorld(os::Fd link);

    Millis now() const override;
    void wait(std::optional<Millis> limit) override;
    void wait_for_signal(Millis limit) override;
    std::vector<SignalInfo> read_signals() override;
    os::WaitRound reap() override;
    os::Sent send(const os::ToSupervisor& message) override;
    os::Received receive(os::ToKeeper& message) override;
    void wake_supervisor(Pid supervisor) override;
    void send_to_callers_group(Signal signal) override;
    bool shares_group() const override;
    void stop_self(Signal signal) override;
    void take_terminal_back_from(Pgid group) override;
    Pgid foreground() const override;
    Pgid callers_group() const override;
    void foreground_callers_group() override;

private:
    os::Fd link_;
    os::Fd signals_;
    os::Fd terminal_;
    std::optional<termios> modes_;
};

}  // namespace vlmshim
