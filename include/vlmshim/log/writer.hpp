// The one place that writes messages. It never waits for a reader while there is other work: lines that the descriptor
// does not take are kept and written later, the oldest first.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <utility>

#include "vlmshim/core/values/line_queue.hpp"
#include "vlmshim/core/values/types.hpp"
#include "vlmshim/os/outlet.hpp"

namespace vlmshim {

class Writer {
public:
    /// `fd` is borrowed.
    explicit Writer(int fd);
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;
    /// As write_rest().
    ~Writer();

    /// A whole line, with its line end.
    void line(std::string text) { lines(std::move(text), 1); }
    /// So many lines that are written or lost together.
    void lines(std::string text, std::size_t count);
    /// Text that is no line, in order with the lines; its loss is not counted.
    void unmissed(std::string text);
    /// The same, if it can be written at once. False: it cannot, and is dropped.
    bool now_or_never(std::string text);

    /// Makes the line that tells how many lines were lost.
    void describe_lost_by(std::function<std::string(std::size_t lines)> describe);

    /// Of all lines: those that were lost because nobody read them in time.
    std::size_t lost_lines() const { return queue_.lost_in_all(); }

    /// Whether lines are kept because the descriptor was full.
    bool is_waiting() const { return full_; }
    /// `waits` is called when a line has to be kept.
    void when_waiting(std::function<void()> waits) { waits_ = std::move(waits); }
    /// poll(2) reports it writable when there may be room.
    int descriptor() const { return outlet_.descriptor(); }
    /// Writes as many kept bytes as there is room for. Whether there was any.
    bool write_more();

    enum class Hurry { No, Yes };
    /// Waits for room on the descriptor (-1: none), for at most `limit`. Hurry::Yes: stop waiting, the user wants us to
    /// end.
    using WaitForRoom = std::function<Hurry(int descriptor, Millis limit)>;
    /// Waits until all is written, for at most so long without progress; for the end, when no other work is left. What
    /// is not written then is lost, and later lines are not waited for again.
    void write_rest(Millis without_progress, const WaitForRoom& wait);
    /// The same with the usual time limit, until a signal that would end this process is pending.
    void write_rest();

    /// Drops what is kept: after a fork the child writes it.
    void forget();

private:
    void notify_if_full();

    os::Outlet outlet_;
    std::function<std::string(std::size_t)> describe_lost_;
    LineQueue queue_;
    std::function<void()> waits_;
    bool full_ = false;
    bool given_up_ = false;
};

}  // namespace vlmshim
