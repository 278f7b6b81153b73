// The libuv event loop, and owners of its handles. Only src/loop includes <uv.h>.
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
    /// Throws std::system_error when the kernel refuses what the loop needs.
    Loop();
    ~Loop() override;
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    /// Until stop(), which may be called before.
    void run();
    void stop();
    /// Handles the events that are due, and does not wait for more.
    void catch_up();
    /// Waits until the descriptor (borrowed) can be written to, an event is due, or `at_most` is over. Unlike a watcher
    /// it leaves the descriptor's flags as they are. True: a write does not wait.
    bool wait_writable(int descriptor, Millis at_most);
    /// Read anew at each call.
    Millis now() const override;
    std::unique_ptr<Alarm> make_alarm(std::function<void()> rings) override;
    uv_loop_s* raw() const { return loop_.get(); }

private:
    std::unique_ptr<uv_loop_s> loop_;
};

/// libuv uses a handle until its close callback has run: the handle is closed here and freed there.
struct CloseHandle {
    template <typename Handle>
    void operator()(Handle* handle) const {
        handle->close();
    }
};

class Timer final : public Alarm {
public:
    Timer(Loop& loop, std::function<void()> fired);
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

/// Calls back whenever the descriptor (borrowed) is readable.
class ReadableWatcher {
public:
    ReadableWatcher(Loop& loop, int fd, std::function<void()> readable);
    ~ReadableWatcher();

private:
    struct Handle;
    std::unique_ptr<Handle, CloseHandle> handle_;
};

/// The loop outlives the watches.
WatchProcess watch_processes(Loop& loop);

/// Reads a pipe as fast as it is written and passes the bytes on. Owns the descriptor.
class PipeReader {
public:
    PipeReader(Loop& loop, os::Fd pipe, std::function<void(std::string_view)> received);
    ~PipeReader();
    /// Reads what the pipe holds now; for a writer that has just ended.
    void drain_now();

private:
    struct Handle;
    std::unique_ptr<Handle, CloseHandle> handle_;
};

}  // namespace vlmshim::loop
