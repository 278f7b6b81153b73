// THE policy: what happens in which phase of a run. No system call, no clock, no log: events in, actions out, so that
// every row of the table can be tested without a process. Each phase is in one file: claiming and verifying in
// lifecycle_ports.cpp, starting in lifecycle_starting.cpp, testing, stopping and serving in lifecycle_testing.cpp,
// draining and killing in lifecycle_draining.cpp; what a server's death means is in lifecycle_deaths.cpp. It lists the
// events that it ignores, so that a new one does not compile before each phase has its answer.
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
    Serving,    // there is no test: the servers run until a signal
    Stopping,   // the test has got a signal that ends it, and has its grace
    Draining,   // the test is over; servers and leftovers have got their stop signal, and have their grace
    Killing,    // SIGKILL in rounds until no descendant is left
    Verifying,  // no descendant left; the guarded ports have to be free
    Done,
};

/// "testing"
std::string_view phase_name(Phase phase);

class Lifecycle {
public:
    explicit Lifecycle(const Config& config);

    /// All of the actions must be carried out, in this order, before the next event.
    [[nodiscard]] std::vector<Action> handle(const Event& event);

    Phase phase() const { return phase_; }
    JobState job_state() const;
    /// A server has died, and a request from outside the run that arrives now would count as the cause.
    bool awaits_cause() const;
    /// Whether the server's turn to end has come: no server that is after it is alive.
    bool is_closing(ServerId server) const { return servers_[index_of(server)].closing; }
    /// Final from Phase::Done on.
    Outcome outcome() const;

private:
    struct Server {
        Millis ready_timeout;
        Millis grace;
        OnExit on_exit;
        bool auto_port = false;
        bool runs_elsewhere = false;  // owner = "any": its command may only talk to a daemon, and end
        bool started = false;
        bool alive = false;  // its main process, or what that has put into the background
        bool ready = false;
        enum class Background { No, Unreported, Reported };
        Background background = Background::No;
        Reach reach = Reach::OnlyUs;  // of the signal that ended the run: what of this server has got it
        bool closing = false;         // its turn to end has come
        bool changing_port = false;   // being killed, to be started again on another port
        int ports_lost = 0;
    };

    /// Of a server that had to run.
    struct Death {
        ServerId server;
        ServerEnd when;
        bool may_be_requested = false;  // a request that arrives now has caused it
    };

    // --- of one phase: how it begins, what it does at each event, and the steps of that

    void claiming(const Event& event);
    void claim_ports(PortsState state);

    void begin_starting();
    void starting(const Event& event);
    void start_servers();
    void start_server(ServerId server);
    void server_ready(ServerId server);
    void server_impersonated(ServerId server);
    void server_ended_early(const event::ServerExited& exited);
    void server_failed(Failure why, ServerId server);
    bool note_lost_port(Server& server);
    void start_on_other_port(ServerId server);

    void begin_testing();
    void testing(const Event& event);
    void stop_test();

    void begin_serving();
    void serving(const Event& event);

    void begin_stopping();
    void stopping(const Event& event);
    void request_while_stopping(const event::EndRequested& requested);
    void test_timer_fired(Timer timer);

    void begin_draining();
    void draining(const Event& event);
    void stop_leftovers();
    void stop_servers();
    bool needed_by_living(std::size_t server) const;
    void server_ended_late(const event::ServerExited& exited);
    void drain_timer_fired(const event::TimerFired& fired);

    void begin_killing(KillReason reason);
    void killing(const Event& event);

    void begin_verifying();
    void verifying(const Event& event);
    void verify_ports(PortsState state);

    // --- of several

    void note(const Event& event);
    void note_request(const event::EndRequested& requested);
    void forget_death(Signal request);
    void note_reach(Reach reach);
    void note_end(const event::ServerExited& exited, ServerEnd meaning);
    bool note_death(const event::ServerExited& exited, ServerEnd when);
    bool note_background(const event::ServerExited& exited);
    void report_background(ServerId server);
    void listener_lost(ServerId server);
    void reused_port_lost(const event::ReusedPortLost& lost, ServerEnd when);
    void pass_on(std::optional<Signal> signal, Pid sender);
    void forward(Signal signal, Wake wake, Pid sender);
    void keeper_lost();
    void end_holders();
    void kill_holders();
    void holder_timer_fired(Timer timer, LookTime when);
    void interrupted(Signal signal);
    void serving_ended(Signal signal);
    void fail(Failure why, std::optional<ServerId> server = std::nullopt);
    void finish();
    ExitStatus status() const;
    Server& at(ServerId server) { return servers_[index_of(server)]; }
    void act(Action action) { actions_.push_back(std::move(action)); }

    TestConfig test_;
    Millis shutdown_grace_;
    Forward forward_;
    bool serve_;
    std::vector<Server> servers_;
    std::vector<std::vector<std::size_t>> predecessors_;  // of each server: those that it is after

    Phase phase_ = Phase::Claiming;
    Failure failure_ = Failure::None;
    std::optional<ServerId> failed_server_;
    std::optional<ExitStatus> own_status_;  // beats the test's
    std::optional<ExitStatus> test_status_;
    std::optional<Signal> ended_by_;
    std::optional<Death> death_;             // beats all other failures, which come later
    bool death_requested_ = false;           // there was one, and the request caused it
    std::optional<ServerId> listener_lost_;  // by this server, under the test
    bool unclean_ = false;                   // makes 0 a 125
    bool holders_stopped_ = false;           // the holders of the ports have got their stop signal
    bool test_blamed_ = false;               // for its leftovers
    std::vector<Action> actions_;
};

}  // namespace vlmshim
