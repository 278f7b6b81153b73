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
    if (!waiting_) {
        waiting_ = true;
        wait_for_room();
    }
}

void LateLines::wait_for_room() {
    if (!room_) {
        room_.emplace();
    }
    if (!room_->watch(writer_.descriptor())) {
        write_kept();  // room is not reported for such a descriptor: it is tried again and again
    } else if (!has_room_) {
        has_room_ = std::make_unique<loop::ReadableWatcher>(loop_, room_->descriptor(), [this] { write_kept(); });
    }
}

void LateLines::write_kept() {
    room_->forget();
    const bool was_room = writer_.write_more();
    waiting_ = writer_.is_waiting();
    if (!waiting_) {
        return;
    }
    if (was_room) {
        wait_for_room();
    } else {
        look_again_.start(room_look_again);  // another writer took the room, or it was too little for this one
    }
}

}  // namespace vlmshim
