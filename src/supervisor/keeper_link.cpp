#include "vlmshim/supervisor/keeper_link.hpp"

namespace vlmshim {

KeeperLink::KeeperLink(loop::Loop& loop, int link, Hooks hooks) : link_(link), hooks_(std::move(hooks)) {
    if (is_up()) {
        watcher_ = std::make_unique<loop::ReadableWatcher>(loop, link_, [this] { read(); });
    }
}

os::Sent KeeperLink::send(const os::ToKeeper& message) {
    return is_up() ? os::send_message(link_, message) : os::Sent::Gone;
}

std::vector<SignalInfo> KeeperLink::take_relayed() {
    std::vector<SignalInfo> signals;
    os::ToSupervisor message;
    while (is_up()) {
        switch (os::receive_message(link_, message)) {
            case os::Received::Message:
                if (const auto* relayed = std::get_if<os::to_supervisor::Relayed>(&message)) {
                    signals.push_back(relayed->info);
                }
                break;
            case os::Received::Nothing:
                return signals;
            case os::Received::EndOfFile:
                link_ = -1;
                break;
        }
    }
    return signals;
}

void KeeperLink::read() {
    os::ToSupervisor message;
    while (is_up()) {
        switch (os::receive_message(link_, message)) {
            case os::Received::Message:
                take(message);
                break;
            case os::Received::Nothing:
                return;
            case os::Received::EndOfFile:
                watcher_.reset();
                link_ = -1;
                hooks_.lost();
                return;
        }
    }
}

void KeeperLink::take(const os::ToSupervisor& message) {
    if (const auto* relayed = std::get_if<os::to_supervisor::Relayed>(&message)) {
        hooks_.relayed(relayed->info);
    } else {
        hooks_.continued();
    }
}

}  // namespace vlmshim
