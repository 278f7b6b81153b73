#include "vlmshim/supervisor/supervisor.hpp"

#include <algorithm>
#include <array>
#include <system_error>

#include "vlmshim/os/file.hpp"
#include "vlmshim/os/terminal.hpp"

namespace vlmshim {

namespace {

constexpr Signal sigchld{17};

bool ends_run(Signal signal) {
    constexpr std::array ending{1, 2, 3, 15};  // HUP, INT, QUIT, TERM
    return std::find(ending.begin(), ending.end(), signal.number) != ending.end();
}

/// Not worth a message to anybody: ours, or about our own writing and stopping.
bool is_private(Signal signal) {
    constexpr std::array ours{13, 18};  // PIPE, CONT
    return std::find(ours.begin(), ours.end(), signal.number) != ours.end();
}

}  // namespace

Supervisor::Supervisor(const Config& config, const Inheritance& inheritance, spdlog::logger& log)
    : config_(config),
      inheritance_(inheritance),
      log_(log),
      run_id_(to_string(os::own_run_id())),
      lifecycle_(config),
      guard_(config.ports, log),
      tree_(log) {
    std::error_code error;
    signal_descriptor_ = os::open_signal_descriptor(error);
    if (error) {
        throw std::system_error(error, "signalfd");
    }
    null_ = os::open_null();
    if (const auto refused = os::become_subreaper()) {
        log_.warn("PR_SET_CHILD_SUBREAPER: {}: daemons of the test can escape", refused.message());
    }
    for (std::size_t i = 0; i < config_.servers.size(); ++i) {
        const ServerId id{i};
        Server server(config_.servers[i]);
        server.readiness = std::make_unique<Readiness>(
            loop_, server.config,
            Readiness::Hooks{
                .run_command = [this, id](const auto& command) { return run_probe_command(id, command); },
                .positive = [this, id](const ReadyAnswer& answer) { return accept_answer(id, answer); }});
        servers_.push_back(std::move(server));
    }
}

ExitStatus Supervisor::run() {
    const Pgid callers_group = os::current_group();
    const bool in_foreground = os::foreground_group() == callers_group;
    group_ = os::lead_group();
    if (in_foreground && group_ != callers_group) {
        os::give_foreground(group_);
    }
    signals_ = std::make_unique<loop::ReadableWatcher>(loop_, signal_descriptor_.get(), [this] { on_signals(); });
    feed(event::Started{});
    if (lifecycle_.phase() != Phase::Done) {
        loop_.run();
    }
    if (in_foreground && group_ != callers_group) {
        os::give_foreground(callers_group);
    }
    signals_.reset();
    waiting_.reset();
    return lifecycle_.status();
}

void Supervisor::feed(const Event& event) {
    events_.push_back(event);
    if (handling_) {
        return;  // an action's own outcome waits until all actions before it are done
    }
    handling_ = true;
    while (!events_.empty()) {
        const Event next = events_.front();
        events_.pop_front();
        const Phase before = lifecycle_.phase();
        const std::vector<Action> actions = lifecycle_.handle(next);
        if (before != lifecycle_.phase()) {
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
    if (lifecycle_.phase() == Phase::Draining || lifecycle_.phase() == Phase::Killing) {
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
        } else if (!echo && !is_private(info.signal)) {
            const bool ending = ends_run(info.signal);
            tell_signal(info, ending);
            feed(event::SignalArrived{info.signal, ending, info.from_kernel && info.sender.value == 0});
        }
    }
    if (child_ended) {
        reap();
    }
}

void Supervisor::reap() {
    recognise(os::reap_children());
}

void Supervisor::recognise(const os::WaitRound& round) {
    tree_empty_ = round.no_children;
    const auto find = [&](Pid pid) {
        return std::find_if(round.reaped.begin(), round.reaped.end(),
                            [&](const os::Reaped& reaped) { return pid.value != 0 && reaped.pid == pid; });
    };
    // The test first: what happened to a server in the same instant is no longer its concern.
    if (const auto test = find(test_); test != round.reaped.end()) {
        test_ = Pid{};
        const event::TestExited event{test->status};
        tell(event);
        feed(event);
    }
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        Server& server = servers_[i];
        if (const auto main = find(server.pid); main != round.reaped.end()) {
            server.pid = Pid{};
            const event::ServerExited event{ServerId{i}, main->status};
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
    if (round.no_children) {
        feed(event::TreeEmpty{});
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
    tell_ready(server);
    feed(event::ServerReady{id});
    return true;
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
