// Who has ended, and what that means.
#include "vlmshim/supervisor/supervisor.hpp"

#include <algorithm>

namespace vlmshim {

void Supervisor::reap() {
    recognise(os::reap_children());
}

void Supervisor::recognise(const os::WaitRound& round) {
    tree_empty_ = round.no_children && !(tree_.needs_search() && !tree_.search_finds_nothing());
    if (round.more) {
        reap_again_.start(round.reaped.empty() ? Millis{5} : Millis{0});
    }
    for (const os::StoppedChild& stopped : round.stopped) {
        if (stopped.pid == test_) {
            test_stopped(stopped.signal);
        }
    }
    const auto find = [&](Pid pid) {
        return std::find_if(round.reaped.begin(), round.reaped.end(),
                            [&](const os::Reaped& reaped) { return pid.value != 0 && reaped.pid == pid; });
    };
    // The test first: what happened to a server in the same instant is no longer its concern.
    if (const auto test = find(test_); test != round.reaped.end()) {
        test_ = Pid{};
        if (test->status.kind == ExitStatus::Kind::Signaled) {
            job_.restore_modes();
        }
        recorder_.test_ended(test->status);
        const event::TestExited event{test->status};
        tell(event);
        feed(event);
    }
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        Server& server = servers_[i];
        if (const auto main = find(server.pid); main != round.reaped.end()) {
            server.pid = Pid{};
            recorder_.server_ended(ServerId{i}, main->status);
            const event::ServerExited event{ServerId{i}, main->status, port_is_lost(ServerId{i})};
            tell(event);
            feed(event);
        }
        if (const auto probe = find(server.probe_command); probe != round.reaped.end()) {
            server.probe_command = Pid{};
            server.readiness->command_ended(probe->status);
        }
    }
    if (!round.reaped.empty()) {
        feed(event::DescendantReaped{});
    }
    release_namespace();
    if (tree_empty_) {
        feed(event::TreeEmpty{});
    } else if (round.no_children && lifecycle_.phase() >= Phase::Draining) {
        constexpr Millis search_again{20};  // nobody tells us when somebody else's child ends
        reap_again_.start(search_again);
    }
}

}  // namespace vlmshim
