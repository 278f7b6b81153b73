// Lines that could not be written at once are written during the run, when the descriptor takes them.
#pragma once

#include <memory>
#include <optional>

#include "vlmshim/log/writer.hpp"
#include "vlmshim/loop/loop.hpp"
#include "vlmshim/os/room_watch.hpp"

namespace vlmshim {

/// Causes no wake-up before a line has to wait.
class LateLines {
public:
    /// Both outlive it.
    LateLines(loop::Loop& loop, Writer& writer);
    ~LateLines();
    LateLines(const LateLines&) = delete;
    LateLines& operator=(const LateLines&) = delete;

private:
    void begin();
    void wait_for_room();
    void write_kept();

    loop::Loop& loop_;
    Writer& writer_;
    std::optional<os::RoomWatch> room_;
    std::unique_ptr<loop::ReadableWatcher> has_room_;
    loop::Timer look_again_;
    bool waiting_ = false;
};

}  // namespace vlmshim
