#include "vlmshim/supervisor/late_lines.hpp"

#include "vlmshim/core/lifecycle/time_limits.hpp"

namespace vlmshim {

LateLines::LateLines(loop::Loop& loop, Writer& writer)
    : loop_(loop), writer_(writer), look_again_(loop, [this] { wait_for_room(); }) {
    writer_.when_waiting([this] { begin(); });
    if (writer_.is_waiting()) {
        begin();
    }
}

LateLines::~LateLines() {
    writer_.when_waiting({});
}

void LateLines::begin() {
    if (!begun_) {
        begun_ = true;
        wait_for_room();
    }
}

void LateLines::wait_for_room() {
    if (!room_) {
        room_.emplace();
    }
    if (!room_->watch(writer_.descriptor())) {
        go_on();  // nobody tells us: it is tried again and again
    } else if (!has_room_) {
        has_room_ = std::make_unique<loop::ReadableWatcher>(loop_, room_->descriptor(), [this] { go_on(); });
    }
}

void LateLines::go_on() {
    room_->forget();
    const bool was_room = writer_.write_more();
    begun_ = writer_.is_waiting();
    if (!begun_) {
        return;
    }
    if (was_room) {
        wait_for_room();
    } else {
        look_again_.start(room_look_again);  // there was room for less than it needs, or for somebody else
    }
}

}  // namespace vlmshim
