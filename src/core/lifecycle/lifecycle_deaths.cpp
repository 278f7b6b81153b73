// The death of a server that had to run, and whether it belongs to a signal that ends the run.
#include "vlmshim/core/lifecycle/lifecycle.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"

namespace vlmshim {

namespace {

/// Died of a signal that ends the run, or exited with 128 + signal, as a shell does, or a handler of such a signal.
/// Any other code is a failure of its own: 1 is a traceback of Python. Not SIGKILL: when the OOM killer has ended a
/// server, systemd ends the rest of its unit at once (OOMPolicy=stop).
bool ended_by_request(ExitStatus end) {
    return ends_run(signal_in(end));
}

}  // namespace

/// In a phase in which servers have to run, unless on_exit = "ignore". true: the run fails.
bool Lifecycle::note_death(const event::ServerExited& exited, ServerEnd when) {
    const bool may_end = at(exited.server).on_exit == OnExit::Ignore;
    note_end(exited, may_end ? ServerEnd::Ignored : when);
    if (!may_end) {
        // Servers that handle the signal exit with 0.
        death_ = Death{exited.server, when, exited.status.success() || ended_by_request(exited.status)};
        if (death_->may_be_requested) {
            act(action::StartTimer{Timer::SameRequest, same_request});
        }
    }
    return !may_end;
}

/// It was never ours to keep alive, but a run that waits for a server or only serves it is over without it.
void Lifecycle::reused_port_lost(const event::ReusedPortLost& lost, ServerEnd when) {
    act(action::ReportReusedPortLost{lost.port, action::GoesOn::No});
    if (lost.server && at(*lost.server).on_exit == OnExit::Fail) {
        death_ = Death{*lost.server, when};
        begin_draining();
    }
}

// --- the request after it

void Lifecycle::note_request(const event::EndRequested& requested) {
    note_reach(requested.reach);
    const bool is_cause = awaits_cause() && requested.from == event::From::Outside;
    if (is_cause || phase_ < Phase::Draining) {
        ended_by_ = requested.signal;
    }
    if (is_cause) {
        forget_death(requested.signal);
    }
}

/// A sender that signals one process after the other has reached the server before us. A test that has ended otherwise
/// than by such a signal failed by itself, because its server was gone.
bool Lifecycle::awaits_cause() const {
    return death_ && death_->may_be_requested && (!test_status_ || ended_by_request(*test_status_));
}

/// The run goes on ending as the death began it, but means what the request alone would have meant.
void Lifecycle::forget_death(Signal request) {
    const ServerEnd when = death_->when;
    death_.reset();
    death_requested_ = true;
    switch (when) {
        case ServerEnd::BeforeReady:
        case ServerEnd::BeforeTest:
            interrupted(request);
            break;
        case ServerEnd::WhileServing:
            serving_ended(request);
            break;
        case ServerEnd::UnderTest:
        case ServerEnd::Expected:
        case ServerEnd::Ignored:
            break;
    }
}

}  // namespace vlmshim
