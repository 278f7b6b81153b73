// THE policy: what happens in which phase of a run. No system call, no clock, no log: events in,
// actions out, so that every row of the table can be tested without a process.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "vlmshim/core/config/config.hpp"
#include "vlmshim/core/lifecycle/lifecycle_events.hpp"
#include "vlmshim/core/values/exit_status.hpp"
#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

enum class Phase {
    Claiming,   // nothing runs yet; the guarded ports have to become free
    Starting,   // servers run, not all of them ready
    Testing,    // the test runs
    Serving,    // in its place when there is none: the servers run until a signal
    Stopping,   // the test was asked to end and has its grace
    Draining,   // the test is over; servers and leftovers were asked and have their grace
    Killing,    // SIGKILL in rounds until no descendant is left
    Verifying,  // no descendant left; the guarded ports have to be free
    Done,
};

/// "testing"
std::string_view phase_name(Phase phase);

class Lifecycle {
public:
    explicit Lifecycle(const Config& config);

    /// The response must be carried out in order, all of it, before the next event.
    [[nodiscard]] std::vector<Action> handle(const Event& event);

    Phase phase() const { return phase_; }
    /// For the signals that come.
    JobState job_state() const;
    /// Whether the server's turn to end has come: none that is after it lives.
    bool is_closing(ServerId server) const { return servers_[index_of(server)].closing; }
    /// Final from Phase::Done on.
    Outcome outcome() const;

private:
    struct Server {
        Millis ready_timeout;
        Millis grace;
        OnExit on_exit;
        bool auto_port = false;
        bool of_daemon = false;  // its processes only talk to who serves
        bool started = false;
        bool alive = false;  // it, or what it has put into the background
        bool ready = false;
        enum class Background { No, Untold, Told };
        Background background = Background::No;
        Reach told = Reach::OnlyUs;  // by whom it was asked, if not by us
        bool closing = false;        // its turn to end has come
        bool changing_port = false;  // ended, to be started anew with another port
        int ports_lost = 0;
    };

    void on(const event::Started&);
    void on(const event::PortsLooked&);
    void on(const event::ServerNotSpawned&);
    void on(const event::ServerReused&);
    void on(const event::ReusedPortLost&);
    void on(const event::ListenerLost&);
    void on(const event::ServerReady&);
    void on(const event::ServerImpersonated&);
    void on(const event::ServerExited&);
    void on(const event::TestNotSpawned&);
    void on(const event::TestExited&);
    void on(const event::LeftoversFound&);
    void on(const event::EndRequested&);
    void on(const event::RequestRepeated&);
    void on(const event::EndDemanded&);
    void on(const event::SignalPassed&);
    void on(const event::KeeperLost&);
    void on(const event::TreeEmpty&);
    void on(const event::KillingGaveUp&);
    void on(const event::TimerFired&);

    void start_servers();
    void start_server(ServerId server);
    void all_are_ready();
    void start_test();
    bool may_change_port(Server& server);
    void start_with_other_port(ServerId server);
    void stop_serving(Signal signal);
    void stop_servers();
    void stop_leftovers();
    void forward(Signal signal, Wake wake, Pid sender);
    void count_as_told(Reach reach);
    void stop_test(Signal signal);
    void drain();
    void kill(KillReason reason);
    void start_test_grace();
    void verify();
    void finish();
    void fail(Failure why, std::optional<ServerId> server = std::nullopt);
    void server_failed(Failure why, ServerId server);
    void server_died(ServerId server, ServerEnd when);
    void ports_looked_before(PortsState state);
    void ports_looked_after(PortsState state);
    void end_holders();
    void hurry_holders();
    bool claiming_or_verifying() const { return phase_ == Phase::Claiming || phase_ == Phase::Verifying; }
    Server& at(ServerId server) { return servers_[index_of(server)]; }
    ServerEnd meaning_of(const event::ServerExited&);
    bool goes_into_background(const event::ServerExited&) const;
    void tell_background(ServerId server);
    ExitStatus status() const;
    bool all_ready() const;
    bool any_server_alive() const;
    bool needed_by_living(std::size_t server) const;
    void act(Action action) { actions_.push_back(std::move(action)); }

    TestConfig test_;
    Millis shutdown_grace_;
    Forward forward_;
    bool serve_;
    std::vector<Server> servers_;
    std::vector<std::vector<std::size_t>> before_;  // whom each server is after

    Phase phase_ = Phase::Claiming;
    Failure failure_ = Failure::None;
    std::optional<ServerId> failed_server_;
    std::optional<ExitStatus> own_status_;  // beats the test's
    std::optional<ExitStatus> test_status_;
    std::optional<Signal> ended_by_;
    ServerEnd server_end_ = ServerEnd::Expected;  // of failed_server_
    std::optional<ServerId> deserted_;            // nobody listened for it under the test
    bool unclean_ = false;                        // makes 0 a 125
    bool holders_told_ = false;
    bool blamed_ = false;  // the test, for what it left
    std::vector<Action> actions_;
};

}  // namespace vlmshim
