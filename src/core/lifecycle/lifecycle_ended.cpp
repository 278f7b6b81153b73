// What the end of a server, of the test, of the keeper or of a descendant means in each phase.
#include "vlmshim/core/lifecycle/lifecycle.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"
#include "vlmshim/core/values/signal_numbers.hpp"

namespace vlmshim {

void Lifecycle::on(const event::ServerExited& event) {
    Server& server = at(event.server);
    server.alive = false;
    act(action::StopTimer{Timer::HalfGrace, event.server});
    act(action::StopTimer{Timer::ServerGrace, event.server});
    switch (phase_) {
        case Phase::Starting:
            // on_exit = "ignore" is also how a server that daemonises itself is configured.
            if (server.changing_port || (event.port_lost && may_change_port(server))) {
                start_with_other_port(event.server);
            } else if (server.on_exit == OnExit::Fail) {
                server_failed(Failure::ServerDied, event.server);
            }
            break;
        case Phase::Testing:
            if (server.on_exit == OnExit::Fail) {
                own_status_ = ExitStatus::exited(exit_own_failure);
                fail(Failure::ServerDied, event.server);
                stop_test(sigterm);
            }
            break;
        case Phase::Serving:
            if (server.on_exit == OnExit::Fail) {
                server_failed(Failure::ServerDied, event.server);
            }
            break;
        case Phase::Draining:
            // A launcher is gone: what it had below it belongs to nobody now and is asked itself.
            act(action::AskLeftovers{});
            act(action::StartTimer{Timer::LeftoverGrace, shutdown_grace_});
            ask_servers();
            break;
        case Phase::Claiming:
        case Phase::Stopping:
        case Phase::Killing:
        case Phase::Verifying:
        case Phase::Done:
            break;
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

void Lifecycle::on(const event::DescendantReaped&) {
    if (phase_ == Phase::Killing) {
        act(action::StartTimer{Timer::KillGiveUp, kill_give_up});
    }
}

void Lifecycle::on(const event::TreeEmpty&) {
    if (phase_ == Phase::Draining || phase_ == Phase::Killing) {
        verify();
    }
}

void Lifecycle::on(const event::SurvivorsJudged& event) {
    if (phase_ != Phase::Killing) {
        return;
    }
    if (event.survivors == Survivors::Dying && waits_for_dying_ < most_waits_for_dying) {
        ++waits_for_dying_;
        act(action::StartTimer{Timer::KillGiveUp, kill_give_up});
        return;
    }
    unclean_ = true;
    fail(Failure::NotCleaned);
    act(action::ReportSurvivors{});
    verify();
}

}  // namespace vlmshim
