#include "vlmshim/loop/loop.hpp"

#include <sys/ioctl.h>
#include <unistd.h>
#include <uv.h>

#include <algorithm>
#include <array>
#include <system_error>

#include "uv_handle.hpp"
#include "vlmshim/os/kill.hpp"
#include "vlmshim/os/poll.hpp"

namespace vlmshim::loop {

namespace {

void check(int result, const char* what) {
    if (result != 0) {
        throw std::system_error(-result, std::system_category(), what);
    }
}

}  // namespace

Loop::Loop() : loop_(std::make_unique<uv_loop_t>()) {
    check(uv_loop_init(loop_.get()), "event loop");
}

Loop::~Loop() {
    // Their owners have closed all handles; this runs the close callbacks.
    while (uv_run(loop_.get(), UV_RUN_DEFAULT) != 0) {
        // a pending uv_stop ends the first run early
    }
    uv_loop_close(loop_.get());
}

void Loop::run() {
    uv_run(loop_.get(), UV_RUN_DEFAULT);
}

void Loop::stop() {
    uv_stop(loop_.get());
}

void Loop::catch_up() {
    uv_run(loop_.get(), UV_RUN_NOWAIT);
}

bool Loop::wait_writable(int descriptor, Millis at_most) {
    uv_update_time(loop_.get());
    const Millis next_timer{uv_backend_timeout(loop_.get())};  // negative: there is none
    const Millis limit = next_timer < Millis{0} ? at_most : std::min(next_timer, at_most);
    return os::wait_writable(descriptor, {uv_backend_fd(loop_.get())}, limit);
}

Millis Loop::now() const {
    uv_update_time(loop_.get());
    return Millis{static_cast<Millis::rep>(uv_now(loop_.get()))};
}

std::unique_ptr<Alarm> Loop::make_alarm(std::function<void()> rings) {
    return std::make_unique<Timer>(*this, std::move(rings));
}

struct Timer::Handle : UvHandle<Timer::Handle, uv_timer_t> {
    std::optional<Millis> left;  // while paused
    std::function<void()> fired;
};

Timer::Timer(Loop& loop, std::function<void()> fired) : handle_(new Handle) {
    uv_timer_init(loop.raw(), &handle_->uv);
    handle_->fired = std::move(fired);
}

Timer::~Timer() = default;

void Timer::start(Millis after) {
    handle_->left.reset();
    uv_update_time(handle_->uv.loop);  // the cached time is that of the last wake-up
    uv_timer_start(
        &handle_->uv, [](uv_timer_t* timer) { Handle::of(timer).fired(); }, static_cast<std::uint64_t>(after.count()),
        0);
}

void Timer::stop() {
    handle_->left.reset();
    uv_timer_stop(&handle_->uv);
}

void Timer::pause() {
    if (const auto time = left()) {
        stop();
        handle_->left = time;
    }
}

void Timer::resume() {
    if (handle_->left) {
        start(*handle_->left);
    }
}

std::optional<Millis> Timer::left() const {
    if (uv_is_active(reinterpret_cast<const uv_handle_t*>(&handle_->uv)) == 0) {
        return handle_->left;
    }
    uv_update_time(handle_->uv.loop);
    return Millis{static_cast<Millis::rep>(uv_timer_get_due_in(&handle_->uv))};
}

struct ReadableWatcher::Handle : UvHandle<ReadableWatcher::Handle, uv_poll_t> {
    std::function<void()> readable;
};

ReadableWatcher::ReadableWatcher(Loop& loop, int fd, std::function<void()> readable) : handle_(new Handle) {
    check(uv_poll_init(loop.raw(), &handle_->uv, fd), "watch a descriptor");
    handle_->readable = std::move(readable);
    uv_poll_start(&handle_->uv, UV_READABLE, [](uv_poll_t* poll, int, int) { Handle::of(poll).readable(); });
}

ReadableWatcher::~ReadableWatcher() = default;

namespace {

class PidfdWatch final : public ProcessWatch {
public:
    PidfdWatch(Loop& loop, os::Fd pidfd, std::function<void()> ended)
        : pidfd_(std::move(pidfd)), ended_(std::move(ended)) {
        watcher_.emplace(loop, pidfd_.get(), [this] { process_ended(); });
    }

private:
    void process_ended() {
        watcher_.reset();                      // a pidfd stays readable
        const auto ended = std::move(ended_);  // it may destroy this
        ended();
    }

    os::Fd pidfd_;
    std::function<void()> ended_;
    std::optional<ReadableWatcher> watcher_;  // destroyed before the descriptor that it watches
};

}  // namespace

WatchProcess watch_processes(Loop& loop) {
    return [&loop](const ProcessIdentity& process, std::function<void()> ended) -> std::unique_ptr<ProcessWatch> {
        os::Fd pidfd = os::watch_end(process);
        return pidfd ? std::make_unique<PidfdWatch>(loop, std::move(pidfd), std::move(ended)) : nullptr;
    };
}

struct PipeReader::Handle : UvHandle<PipeReader::Handle, uv_pipe_t> {
    std::function<void(std::string_view)> received;
    // More than a pipe holds, pipe(7): libuv reads again at once after a full buffer, and a writer that floods the pipe
    // would keep the loop from all other work.
    std::array<char, 64 * 1024 + 1> buffer;

    static void give_buffer(uv_handle_t* pipe, std::size_t, uv_buf_t* buffer) {
        Handle& self = of(reinterpret_cast<uv_pipe_t*>(pipe));
        *buffer = uv_buf_init(self.buffer.data(), static_cast<unsigned>(self.buffer.size()));
    }
    static void take(uv_stream_t* stream, ssize_t size, const uv_buf_t* buffer) {
        if (size > 0) {
            of(reinterpret_cast<uv_pipe_t*>(stream)).received({buffer->base, static_cast<std::size_t>(size)});
        } else if (size < 0) {
            uv_read_stop(stream);
        }
    }
};

PipeReader::PipeReader(Loop& loop, os::Fd pipe, std::function<void(std::string_view)> received) : handle_(new Handle) {
    uv_pipe_init(loop.raw(), &handle_->uv, 0);
    handle_->received = std::move(received);
    check(uv_pipe_open(&handle_->uv, pipe.get()), "read a pipe");
    pipe.release();
    uv_read_start(reinterpret_cast<uv_stream_t*>(&handle_->uv), Handle::give_buffer, Handle::take);
}

PipeReader::~PipeReader() = default;

void PipeReader::drain_now() {
    uv_os_fd_t fd = -1;
    if (uv_fileno(reinterpret_cast<const uv_handle_t*>(&handle_->uv), &fd) != 0) {
        return;
    }
    // Not until the pipe is empty: the writer's children may write faster than we read.
    int left = 0;
    if (::ioctl(fd, FIONREAD, &left) != 0) {
        return;
    }
    while (left > 0) {
        // uv_pipe_open has made it non-blocking.
        const auto room = std::min(handle_->buffer.size(), static_cast<std::size_t>(left));
        const ssize_t got = ::read(fd, handle_->buffer.data(), room);
        if (got <= 0) {
            return;
        }
        left -= static_cast<int>(got);
        handle_->received({handle_->buffer.data(), static_cast<std::size_t>(got)});
    }
}

}  // namespace vlmshim::loop
