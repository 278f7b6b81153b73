#include "vlmshim/core/lifecycle/lifecycle.hpp"

#include <algorithm>
#include <utility>

#include "vlmshim/core/config/server_order.hpp"

namespace vlmshim {

std::string_view phase_name(Phase phase) {
    switch (phase) {
        case Phase::Claiming:
            return "claiming";
        case Phase::Starting:
            return "starting";
        case Phase::Testing:
            return "testing";
        case Phase::Serving:
            return "serving";
        case Phase::Stopping:
            return "stopping";
        case Phase::Draining:
            return "draining";
        case Phase::Killing:
            return "killing";
        case Phase::Verifying:
            return "verifying";
        case Phase::Done:
            return "done";
    }
    return "?";
}

Lifecycle::Lifecycle(const Config& config)
    : test_(config.test),
      shutdown_grace_(config.shutdown_grace),
      forward_(config.signals.forward),
      serve_(serves(config)),
      before_(predecessors(config.servers)) {
    for (const ServerConfig& server : config.servers) {
        servers_.push_back({.ready_timeout = server.ready.timeout,
                            .grace = grace_of(server, config),
                            .on_exit = server.on_exit,
                            .auto_port = server.port == auto_port,
                            .of_daemon = server.owner == PortOwner::Any});
    }
}

std::vector<Action> Lifecycle::handle(const Event& event) {
    actions_.clear();
    std::visit([this](const auto& what) { on(what); }, event);
    return std::exchange(actions_, {});
}

JobState Lifecycle::job_state() const {
    switch (phase_) {
        case Phase::Claiming:
        case Phase::Starting:
        case Phase::Serving:
            return JobState::Waiting;
        case Phase::Testing:
        case Phase::Stopping:
            return JobState::Testing;
        case Phase::Draining:
        case Phase::Killing:
        case Phase::Verifying:
        case Phase::Done:
            break;
    }
    return JobState::Ending;
}

Outcome Lifecycle::outcome() const {
    return {failure_, failed_server_, status(), test_status_, ended_by_, server_end_, deserted_};
}

ExitStatus Lifecycle::status() const {
    const ExitStatus status = own_status_.value_or(test_status_.value_or(ExitStatus::exited(exit_own_failure)));
    // A failed clean-up never hides behind a passing test.
    return unclean_ && status.success() ? ExitStatus::exited(exit_own_failure) : status;
}

void Lifecycle::fail(Failure why, std::optional<ServerId> server) {
    // The first cause is the one to tell.
    if (failure_ == Failure::None) {
        failure_ = why;
        failed_server_ = server;
    }
}

bool Lifecycle::all_ready() const {
    return std::all_of(servers_.begin(), servers_.end(), [](const Server& server) { return server.ready; });
}

bool Lifecycle::any_server_alive() const {
    return std::any_of(servers_.begin(), servers_.end(), [](const Server& server) { return server.alive; });
}

bool Lifecycle::needed_by_living(std::size_t server) const {
    for (std::size_t later = 0; later < servers_.size(); ++later) {
        const auto& before = before_[later];
        if (servers_[later].alive && std::find(before.begin(), before.end(), server) != before.end()) {
            return true;
        }
    }
    return false;
}

}  // namespace vlmshim
