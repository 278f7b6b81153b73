// What the end of a server, of the test, of the keeper or of a descendant means in each phase.
#include <algorithm>

#include "vlmshim/core/lifecycle/lifecycle.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"
#include "vlmshim/core/values/signal_numbers.hpp"

namespace vlmshim {

/// In the phase that it happens in, before it changes that.
ServerEnd Lifecycle::meaning_of(const event::ServerExited& event) {
    if (event.port == event::ItsPort::Lost || at(event.server).changing_port) {
        return ServerEnd::Expected;
    }
    const bool may_end = at(event.server).on_exit == OnExit::Ignore;
    switch (phase_) {
        case Phase::Claiming:
        case Phase::Starting:
            if (may_end) {
                return ServerEnd::Ignored;
            }
            return at(event.server).ready ? ServerEnd::BeforeTest : ServerEnd::BeforeReady;
        case Phase::Serving:
            return may_end ? ServerEnd::Ignored : ServerEnd::WhileServing;
        case Phase::Testing:
            return may_end ? ServerEnd::Ignored : ServerEnd::UnderTest;
        case Phase::Stopping:
        case Phase::Draining:
        case Phase::Killing:
        case Phase::Verifying:
        case Phase::Done:
            break;
    }
    return ServerEnd::Expected;
}

/// A daemon: its main process is the one that ends well.
bool Lifecycle::goes_into_background(const event::ServerExited& event) const {
    const bool goes_on = event.left == event::StillThere::Processes || servers_[index_of(event.server)].of_daemon;
    return goes_on && event.status.success() && phase_ <= Phase::Serving;
}

/// Once, and when it is ready: on its way there it may change its number another time.
void Lifecycle::tell_background(ServerId server) {
    if (at(server).background == Server::Background::Untold) {
        at(server).background = Server::Background::Told;
        act(action::TellInBackground{server});
    }
}

void Lifecycle::on(const event::ServerExited& event) {
    if (goes_into_background(event)) {
        Server& server = at(event.server);
        server.background = std::max(server.background, Server::Background::Untold);
        server.alive = event.left == event::StillThere::Processes;
        if (server.ready) {
            tell_background(event.server);
        }
        return;
    }
    const ServerEnd end = meaning_of(event);
    act(action::TellServerEnded{event.server, event.status, end});
    Server& server = at(event.server);
    server.alive = event.left == event::StillThere::Processes;
    if (!server.alive) {
        act(action::StopTimer{Timer::HalfGrace, event.server});
        act(action::StopTimer{Timer::ServerGrace, event.server});
    }
    switch (phase_) {
        case Phase::Starting:
            if (server.changing_port && server.alive) {
                break;  // what is left of it is just ending
            }
            if (server.changing_port || (event.port == event::ItsPort::Lost && may_change_port(server))) {
                start_with_other_port(event.server);
            } else if (server.on_exit == OnExit::Fail) {
                server_died(event.server, end);
            }
            break;
        case Phase::Testing:
            if (server.on_exit == OnExit::Fail) {
                own_status_ = ExitStatus::exited(exit_own_failure);
                fail(Failure::ServerDied, event.server);
                server_end_ = end;
                stop_test(sigterm);
            }
            break;
        case Phase::Serving:
            if (server.on_exit == OnExit::Fail) {
                server_died(event.server, end);
            }
            break;
        case Phase::Draining:
            // A launcher is gone: what it had below it is asked itself.
            if (server.alive && server.closing && server.told != Reach::Everybody) {
                act(action::StopServerTree{event.server, server.told});
            }
            stop_leftovers();
            stop_servers();
            break;
        case Phase::Claiming:
        case Phase::Stopping:
        case Phase::Killing:
        case Phase::Verifying:
        case Phase::Done:
            break;
    }
}

void Lifecycle::on(const event::ListenerLost& event) {
    if (phase_ == Phase::Testing || phase_ == Phase::Serving) {
        deserted_ = event.server;
        act(action::TellListenerLost{event.server});
    }
}

void Lifecycle::on(const event::TestExited& event) {
    test_status_ = event.status;
    if (phase_ == Phase::Testing || phase_ == Phase::Stopping) {
        drain();
    }
}

void Lifecycle::on(const event::LeftoversFound&) {
    if (test_.leftovers == Leftovers::Fail) {
        unclean_ = true;
        fail(Failure::Leftovers);
    }
}

void Lifecycle::on(const event::KeeperLost&) {
    switch (phase_) {
        case Phase::Claiming:
            fail(Failure::KeeperLost);
            finish();
            break;
        case Phase::Starting:
        case Phase::Testing:
        case Phase::Serving:
        case Phase::Stopping:
        case Phase::Draining:
            fail(Failure::KeeperLost);
            drain();  // asks the test too, as what is outside the servers' trees
            act(action::StartTimer{Timer::DrainLimit, abandoned_grace});
            break;
        case Phase::Verifying:
            hurry_holders();
            break;
        case Phase::Killing:
        case Phase::Done:
            break;
    }
}

void Lifecycle::on(const event::TreeEmpty&) {
    if (phase_ == Phase::Draining || phase_ == Phase::Killing) {
        verify();
    }
}

void Lifecycle::on(const event::KillingGaveUp&) {
    if (phase_ != Phase::Killing) {
        return;
    }
    unclean_ = true;
    fail(Failure::NotCleaned);
    act(action::ReportSurvivors{});
    verify();
}

}  // namespace vlmshim
