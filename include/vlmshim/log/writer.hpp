// The one place that writes what is said. It never waits for a reader while there is something to do: what a descriptor
// does not take is kept and written later, the oldest lines first.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

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
    /// What is kept is written, as write_rest() does.
    ~Writer();

    /// A whole line, with its end.
    void line(std::string text);
    /// What is no line, in its place among them; it may get lost unnoticed.
    void unmissed(std::string text);
    /// False: not now, and then not at all.
    bool now_or_never(std::string text);

    /// Makes the line that tells how many are missing.
    void describe_lost_by(std::function<std::string(std::size_t lines)> describe);

    /// Something is kept, and there may be room for it later.
    bool is_waiting() const { return full_; }
    /// Called when a line has to wait.
    void when_waiting(std::function<void()> waits) { waits_ = std::move(waits); }
    /// Where poll(2) tells that there may be room.
    int descriptor() const { return outlet_.descriptor(); }
    /// As much as there is room for. Whether there was any.
    bool write_on();

    enum class Hurry { No, Yes };
    /// Waits at most so long for room on the descriptor (-1: only so long). Hurry::Yes: somebody does not want to wait
    /// any more.
    using WaitForRoom = std::function<Hurry(int descriptor, Millis limit)>;
    /// When nothing else is left to do: until all is written, for at most so long without any progress. What is not
    /// written then, is lost; what is said later does not wait again.
    void write_rest(Millis without_progress, const WaitForRoom& wait);
    /// The same with the usual time limits; a signal that would end this process, and is blocked, ends it.
    void write_rest();

    /// What is kept will not be written by this process: after a fork by its child.
    void forget();

private:
    void tell_if_waiting();

    os::Outlet outlet_;
    std::function<std::string(std::size_t)> describe_lost_;
    LineQueue queue_;
    std::function<void()> waits_;
    bool full_ = false;
    bool given_up_ = false;
};

}  // namespace vlmshim
