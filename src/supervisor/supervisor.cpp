#include "vlmshim/supervisor/supervisor.hpp"

#include <algorithm>
#include <array>
#include <system_error>

#include "vlmshim/core/signal_names.hpp"
#include "vlmshim/os/kill.hpp"

namespace vlmshim {

namespace {

constexpr Signal sigchld{17};

bool ends_run(Signal signal) {
    constexpr std::array ending{1, 2, 3, 15};  // HUP, INT, QUIT, TERM
    return std::find(ending.begin(), ending.end(), signal.number) != ending.end();
}

constexpr Signal sigint{2};
constexpr Signal sigquit{3};
constexpr Signal sigpipe{13};
constexpr Signal sigcont{18};
constexpr Signal sigstop{19};
constexpr Signal sigtstp{20};
constexpr Signal sigttin{21};
constexpr Signal sigttou{22};

/// What the terminal sends to its foreground group when a key is pressed.
bool is_typed(Signal signal) {
    return signal == sigint || signal == sigquit || signal == sigtstp;
}

bool wants_terminal(Signal signal) {
    return signal == sigttin || signal == sigttou;
}

}  // namespace

Supervisor::Supervisor(const Config& config, const os::Inheritance& inheritance, spdlog::logger& log, int link)
    : given_(config),
      config_(config),
      inheritance_(inheritance),
      log_(log),
      link_(link),
      run_id_(to_string(os::own_run_id())),
      recorder_(config_, run_id_, log),
      lifecycle_(config),
      guard_(config_.ports, log),
      reused_ports_(loop_, [this](Port port) { reused_port_lost(port); }),
      tree_(log),
      reap_again_(loop_, [this] { reap(); }),
      after_typed_stop_(loop_, [this] { test_not_stopped(); }) {
    if (recorder_.wanted()) {
        tree_.record_into(recorder_.ended());
        guard_.record_into(recorder_.ended());
    }
    std::error_code error;
    signal_descriptor_ = os::open_signal_descriptor(error);
    if (error) {
        throw std::system_error(error, "signalfd");
    }
    prepare_tree();
    for (ServerConfig& server : config_.servers) {
        if (serves(given_) && server.output.mode == OutputMode::Capture) {
            server.output.mode = OutputMode::Inherit;  // who serves wants to see it
        }
        servers_.emplace_back(server);
    }
}

void Supervisor::prepare_tree() {
    TreeScope scope;
    if (const auto refused = os::become_subreaper()) {
        log_.warn("PR_SET_CHILD_SUBREAPER: {}: daemons are found by their environment only", refused.message());
        scope.cookie = run_id_;
    }
    if (!os::proc_is_ours()) {
        log_.warn("there is no /proc of ours: processes are found late, when their parents have ended");
    }
    if (config_.isolation == Isolation::PidNamespace) {
        isolate();
        scope.namespace_init = namespace_.init;
        scope.cookie.clear();  // orphans stay in the namespace
    }
    tree_.set_scope(std::move(scope));
}

void Supervisor::isolate() {
    auto made = os::make_pid_namespace();
    if (const auto* error = std::get_if<os::NamespaceError>(&made)) {
        throw std::system_error(error->error, "pid_namespace = true is not possible here: " + error->step);
    }
    namespace_ = std::move(std::get<os::PidNamespace>(made));
    if (!namespace_.mounts) {
        log_.warn("the namespace could not get a /proc of its own: /proc shows the pids outside");
    }
}

/// The namespace's init is our child to the end. When it is the only one, it has to go, but not
/// before its own children have gone.
void Supervisor::release_namespace() {
    const bool others = test_.value != 0 || std::any_of(servers_.begin(), servers_.end(), [](const Server& server) {
                            return server.pid.value != 0 || server.probe_command.value != 0;
                        });
    if (namespace_.release && !others && lifecycle_.phase() >= Phase::Draining) {
        namespace_.release.reset();
    }
}

ExitStatus Supervisor::run() {
    signals_ = std::make_unique<loop::ReadableWatcher>(loop_, signal_descriptor_.get(), [this] { on_signals(); });
    if (link_ >= 0) {
        keeper_ = std::make_unique<loop::ReadableWatcher>(loop_, link_, [this] { on_link(); });
    }
    recorder_.begin();
    feed(event::Started{});
    if (lifecycle_.phase() != Phase::Done) {
        loop_.run();
    }
    job_.give_back();
    if (namespace_.release) {  // nothing was started in it
        namespace_.release.reset();
        os::wait_for_child(namespace_.init);
    }
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        if (servers_[i].readiness) {  // none: it was never started
            recorder_.answered(ServerId{i}, servers_[i].readiness->history());
        }
    }
    return recorder_.finish(lifecycle_.status(), lifecycle_.failure());
}

void Supervisor::feed(const Event& event) {
    events_.push_back(event);
    if (handling_) {
        return;  // an action's own outcome waits until all actions before it are done
    }
    handling_ = true;
    const Phase at_start = lifecycle_.phase();
    while (!events_.empty()) {
        const Event next = events_.front();
        events_.pop_front();
        const Phase before = lifecycle_.phase();
        const std::vector<Action> actions = lifecycle_.handle(next);
        if (before != lifecycle_.phase()) {
            recorder_.entered(lifecycle_.phase());
            log_.debug("phase {} -> {}", phase_name(before), phase_name(lifecycle_.phase()));
        }
        if (lifecycle_.phase() >= Phase::Stopping && before < Phase::Stopping) {
            drain_started_ = loop_.now();
        }
        for (const Action& action : actions) {
            std::visit([this](const auto& what) { carry_out(what); }, action);
        }
    }
    handling_ = false;
    // Whoever ended before we began to wait for the tree has sent its SIGCHLD already.
    const bool waits_for_tree = lifecycle_.phase() == Phase::Draining || lifecycle_.phase() == Phase::Killing;
    if (waits_for_tree && lifecycle_.phase() != at_start) {
        reap();
    }
}

void Supervisor::on_signals() {
    bool child_ended = false;
    for (const os::SignalInfo& info : os::read_signals(signal_descriptor_.get())) {
        // We lead the group, so what we send to it comes back: one SIGUSR1 would go round for ever.
        const bool echo = info.sender == os::own_pid();
        if (info.signal == sigchld) {
            child_ended = true;
        } else if (!echo) {
            on_signal(info, false);
        }
    }
    if (child_ended) {
        reap();
    }
}

void Supervisor::on_signal(const os::SignalInfo& info, bool relayed) {
    // What the kernel sends to our group has reached the test too; the keeper's group is another.
    const bool by_terminal = info.from_kernel && !relayed;
    if (by_terminal && is_typed(info.signal) && job_.has_terminal()) {
        tell_keeper({os::LinkMessage::Kind::Typed, info, {}});
    }
    if (by_terminal && wants_terminal(info.signal)) {
        if (job_.take_if_callers()) {
            os::send_to_own_group(sigcont);
        } else {
            tell_keeper({os::LinkMessage::Kind::Typed, info, {}});
        }
        return;
    }
    if (info.signal == sigtstp && (by_terminal || test_.value == 0)) {
        typed_stop(relayed);
        return;
    }
    // SIGPIPE is about our own writing.
    if (info.signal == sigcont || info.signal == sigpipe) {
        return;
    }
    // What the caller ignores (nohup) may still mean something to the test, but ends no run.
    const bool ignored = sigismember(&inheritance_.signals.ignored, info.signal.number) == 1;
    const bool ending = ends_run(info.signal) && !ignored;
    // To look up who sent it takes longer than to pass it on.
    const bool pass_on_first = test_.value != 0;
    if (!pass_on_first) {
        tell_signal(info, ending);
    }
    feed(event::SignalArrived{info.signal, ending, by_terminal});
    if (pass_on_first) {
        tell_signal(info, ending);
    }
    if (ending) {
        go_on();
    }
}

void Supervisor::on_link() {
    os::LinkMessage message{};
    for (;;) {
        switch (os::receive_message(link_, message)) {
            case os::Received::Message:
                break;
            case os::Received::Nothing:
                return;
            case os::Received::EndOfFile:
                keeper_.reset();
                link_ = -1;
                log_.error("the keeper was killed: ending the run");
                go_on();
                feed(event::KeeperLost{});
                return;
        }
        switch (message.kind) {
            case os::LinkMessage::Kind::Relay:
                on_signal(message.signal, true);
                break;
            case os::LinkMessage::Kind::Continue:
                job_.take_again();
                go_on();
                break;
            case os::LinkMessage::Kind::Typed:
            case os::LinkMessage::Kind::Stopped:
            case os::LinkMessage::Kind::Verdict:
                break;
        }
    }
}

void Supervisor::tell_keeper(const os::LinkMessage& message) {
    if (link_ >= 0) {
        os::send_message(link_, message);
    }
}

/// The test was stopped: so is the shell's job, and no clock of ours runs on.
void Supervisor::test_stopped(Signal signal) {
    log_.debug("the test was stopped by {}", signal_name(signal));
    // Without a terminal nobody could continue it; then a SIGSTOP is not mirrored and the test's
    // timeout goes on.
    const bool by_job_control = signal != sigstop;
    if (by_job_control || job_.has_controlling_terminal()) {
        pause(signal);
    }
}

/// ^Z. With a test it shows as the test's own stop. What the terminal stopped besides has to go on if
/// the job does: a test may ignore ^Z, and a teardown is not worth a pause.
void Supervisor::typed_stop(bool relayed) {
    constexpr Millis time_to_stop{200};
    const Phase phase = lifecycle_.phase();
    if (test_.value != 0) {
        after_typed_stop_.start(time_to_stop);
    } else if ((phase == Phase::Starting || phase == Phase::Serving) && pause(sigtstp)) {
        if (relayed) {
            os::send_to_own_group(sigtstp);
        }
    } else {
        continue_servers();
    }
}

/// A ^Z did not stop the test. It ignores it; or it is a dash whose child was stopped between vfork(2)
/// and exec, which blocks the parent and makes a bare run deaf to ^Z, ^C and all else. That one is
/// what the user wanted stopped.
void Supervisor::test_not_stopped() {
    const auto stat = test_.value == 0 ? std::nullopt : os::read_stat(test_);
    const auto children = stat && stat->state == 'D' ? os::descendants_of(test_) : std::vector<os::Descendant>{};
    const bool stuck = std::any_of(children.begin(), children.end(), [](const os::Descendant& child) {
        const auto state = os::read_stat(child.identity.pid);
        return state && state->state == 'T';
    });
    if (!stuck || !pause(sigtstp)) {
        continue_servers();
    }
}

void Supervisor::continue_servers() {
    for (const Server& server : servers_) {
        if (!paused_ && server.pid.value != 0) {
            tree_.continue_with_below(server.pid);
        }
    }
}

bool Supervisor::pause(Signal signal) {
    if (link_ < 0 || paused_) {
        return false;
    }
    paused_ = true;
    for (auto& [key, timer] : timers_) {
        timer.pause();
    }
    for (Server& server : servers_) {
        if (server.readiness) {
            server.readiness->pause();
        }
    }
    stop_waiting();
    os::SignalInfo stop;
    stop.signal = signal;
    tell_keeper({os::LinkMessage::Kind::Stopped, stop, {}});
    return true;
}

void Supervisor::go_on() {
    if (!paused_) {
        return;
    }
    paused_ = false;
    for (auto& [key, timer] : timers_) {
        timer.resume();
    }
    os::send_to_own_group(sigcont);
    for (Server& server : servers_) {
        if (server.readiness) {
            server.readiness->resume();
        }
    }
    if (lifecycle_.phase() == Phase::Starting) {
        wait_visibly();
    }
}

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

bool Supervisor::accept_answer(ServerId id, const ReadyAnswer& answer) {
    Server& server = at(id);
    if (!guard_.is_reused(server.config.port)) {
        const ListenerOwner owner = PortGuard::owner_of(answer.address, answer.port, living_servers(&server));
        switch (owner.kind) {
            case ListenerOwner::Kind::Ours:
                break;
            case ListenerOwner::Kind::Unknown:
                log_.debug("{}: cannot see who listens on port {}", server.config.name, answer.port.number);
                break;
            case ListenerOwner::Kind::Foreign: {
                // A parent that ends while its chain is read looks foreign for a moment.
                constexpr int convincing = 3;
                server.impostor = owner.who;
                if (++server.foreign_answers >= convincing) {
                    feed(event::ServerImpersonated{id});
                }
                return false;
            }
        }
    }
    server.was_ready = true;
    tell_ready(server);
    recorder_.server_ready(id);
    feed(event::ServerReady{id});
    return true;
}

void Supervisor::reused_port_lost(Port port) {
    tell_reused_port_lost(port);
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        if (servers_[i].config.port == port) {
            feed(event::ReusedServerLost{ServerId{i}});
        }
    }
}

std::vector<Pid> Supervisor::living_servers(const Server* except) const {
    std::vector<Pid> pids;
    for (const Server& server : servers_) {
        if (server.pid.value != 0 && &server != except) {
            pids.push_back(server.pid);
        }
    }
    return pids;
}

}  // namespace vlmshim
