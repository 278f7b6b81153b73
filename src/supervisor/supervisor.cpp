#include "vlmshim/supervisor/supervisor.hpp"

#include <algorithm>
#include <system_error>

namespace vlmshim {

Supervisor::Supervisor(const Config& config, const os::Inheritance& inheritance, spdlog::logger& log, int link)
    : given_(config),
      config_(config),
      inheritance_(inheritance),
      log_(log),
      link_(link),
      run_id_(to_string(os::own_run_id())),
      recorder_(config_, run_id_, log),
      lifecycle_(config),
      intake_(config.signals, os::own_pid()),
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
