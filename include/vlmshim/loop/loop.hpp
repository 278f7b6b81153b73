// The libuv event loop and its handles as owners. Only src/loop includes <uv.h>.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "vlmshim/core/values/types.hpp"
#include "vlmshim/loop/clock.hpp"
#include "vlmshim/loop/process_watch.hpp"
#include "vlmshim/os/fd.hpp"

struct uv_loop_s;

namespace vlmshim::loop {

/// Outlives every handle made with it. One thread.
class Loop final : public Clock {
public:
    /// Throws std::system_error when the kernel refuses what a loop needs.
    Loop();
    ~Loop() override;
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    /// Until stop(), which may have come before.
    void run();
    void stop();
    /// Deals with what has happened, and does not wait for more.
    void catch_up();
    /// Waits, without changing the descriptor (borrowed) as a watcher would: until it can be written to, or there is
    /// something to catch up with, or the time is over. True: it can, or writing to it fails at once.
    bool wait_writable(int descriptor, Millis at_most);
    /// Taken anew at each call.
    Millis now() const override;
    std::unique_ptr<Alarm> make_alarm(std::function<void()> rings) override;
    uv_loop_s* raw() const { return loop_.get(); }

private:
    std::unique_ptr<uv_loop_s> loop_;
};

/// libuv keeps a handle until its close callback has run, so the part that libuv sees is closed
/// here and freed there.
struct CloseHandle {
    template <typename Handle>
    void operator()(Handle* handle) const {
        handle->close();
    }
};

class Timer final : public Alarm {
public:
    Timer(Loop& loop, std::function<void()> fired);
    Timer(Timer&&) noexcept;
    ~Timer() override;
    void start(Millis after) override;
    void stop() override;
    void pause() override;
    void resume() override;
    std::optional<Millis> left() const override;

private:
    struct Handle;
    std::unique_ptr<Handle, CloseHandle> handle_;
};

/// Calls back whenever the descriptor is readable. Does not own it.
class ReadableWatcher {
public:
    ReadableWatcher(Loop& loop, int fd, std::function<void()> readable);
    ~ReadableWatcher();

private:
    struct Handle;
    std::unique_ptr<Handle, CloseHandle> handle_;
};

/// Watches processes with this loop, which outlives them.
WatchProcess watch_processes(Loop& loop);

/// Reads a pipe as fast as it is written and hands the bytes on. Owns the descriptor.
class PipeReader {
public:
    PipeReader(Loop& loop, os::Fd pipe, std::function<void(std::string_view)> received);
    ~PipeReader();
    /// Takes what has been written so far; for a writer that has just ended.
    void drain_now();

private:
    struct Handle;
    std::unique_ptr<Handle, CloseHandle> handle_;
};

}  // namespace vlmshim::loop
