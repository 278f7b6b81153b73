#include "vlmshim/log/writer.hpp"

#include <algorithm>
#include <utility>

#include "vlmshim/core/lifecycle/time_limits.hpp"
#include "vlmshim/core/values/words.hpp"
#include "vlmshim/os/clock.hpp"
#include "vlmshim/os/poll.hpp"
#include "vlmshim/os/signals.hpp"

namespace vlmshim {

namespace {

/// More than a run writes, except with -v and thousands of processes.
constexpr std::size_t most_kept = 256 * 1024;

constexpr int no_descriptor = -1;

Writer::Hurry wait_unless_signalled(int descriptor, Millis limit) {
    os::wait_writable(descriptor, {}, limit);
    return os::termination_is_pending() ? Writer::Hurry::Yes : Writer::Hurry::No;
}

}  // namespace

Writer::Writer(int fd) : outlet_(fd), queue_(most_kept, [this](std::size_t lines) { return describe_lost_(lines); }) {
    describe_lost_by([](std::size_t lines) { return count_of(lines, "line") + " missing here\n"; });
}

Writer::~Writer() {
    write_rest();
}

void Writer::describe_lost_by(std::function<std::string(std::size_t)> describe) {
    describe_lost_ = std::move(describe);
}

void Writer::lines(std::string text, std::size_t count) {
    queue_.push(std::move(text), count);
    write_more();
    notify_if_full();
}

void Writer::unmissed(std::string text) {
    queue_.push_unmissed(std::move(text));
    write_more();
    notify_if_full();
}

bool Writer::now_or_never(std::string text) {
    write_more();
    if (!queue_.empty()) {
        return false;
    }
    queue_.push_unmissed(std::move(text));
    const bool begun = write_more();
    if (!begun) {
        forget();
    }
    notify_if_full();
    return begun;
}

void Writer::notify_if_full() {
    if (full_ && waits_) {
        waits_();
    }
}

bool Writer::write_more() {
    full_ = false;
    bool any = false;
    for (std::string_view text = queue_.front(); !text.empty(); text = queue_.front()) {
        const os::Outlet::Written written = outlet_.write(text);
        queue_.wrote(written.bytes);
        any = any || written.bytes > 0;
        switch (written.state) {
            case os::Outlet::State::Ready:
                break;
            case os::Outlet::State::Full:
                full_ = true;
                return any;
            case os::Outlet::State::Failed:
                queue_.give_up();
                return any;
        }
    }
    return any;
}

void Writer::write_rest(Millis without_progress, const WaitForRoom& wait) {
    write_more();
    std::size_t under_way = outlet_.under_way();
    bool reported_room = false;
    for (Millis progress = os::steady_clock(); !given_up_ && (full_ || under_way > 0);) {
        const Millis left = progress + without_progress - os::steady_clock();
        // A descriptor that was reported writable and took nothing would be reported again at once: a busy loop.
        const bool wants_room = full_ && !reported_room;
        const Millis limit = std::min(left, wants_room ? room_look_again : rest_look_again);
        if (left <= Millis{0} || wait(wants_room ? outlet_.descriptor() : no_descriptor, limit) == Hurry::Yes) {
            given_up_ = true;
            break;
        }
        const std::size_t before = std::exchange(under_way, outlet_.under_way());
        const bool any = write_more();
        if (any || under_way < before) {
            progress = os::steady_clock();
        }
        reported_room = wants_room && !any;
        under_way = outlet_.under_way();
    }
    forget();
}

void Writer::write_rest() {
    write_rest(unread_limit, wait_unless_signalled);
}

void Writer::forget() {
    queue_.clear();
    full_ = false;
}

}  // namespace vlmshim
