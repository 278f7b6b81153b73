#include "vlmshim/supervisor/readiness.hpp"

#include "vlmshim/core/lifecycle/time_limits.hpp"
#include "vlmshim/core/values/shell_words.hpp"
#include "vlmshim/core/values/url.hpp"

namespace vlmshim {

Readiness::Readiness(Clock& clock, const ServerConfig& server, Port port, Hooks hooks)
    : clock_(clock),
      hooks_(std::move(hooks)),
      port_(port),
      again_(clock.make_alarm([this] { ask(); })),
      beside_(clock.make_alarm([this] { ask(); })) {
    // The addresses were validated with the configuration.
    if (const auto* http = std::get_if<HttpProbe>(&server.ready.probe)) {
        target_ = substitute_port(http->url, port);
        const HttpUrl url = parse_http_url(target_).value();
        net_target_ = NetTarget{url.host, url.port, url.path};
    } else if (const auto* tcp = std::get_if<TcpProbe>(&server.ready.probe)) {
        target_ = substitute_port(tcp->address, port);
        const HostPort where = parse_host_port(target_).value();
        net_target_ = NetTarget{where.host, where.port, std::nullopt};
    } else if (const auto* exec = std::get_if<ExecProbe>(&server.ready.probe)) {
        command_ = substitute_port(exec->command, port);
        target_ = join_command(command_);
    }
}

void Readiness::start() {
    running_ = true;
    started_ = clock_.now();
    ask();
}

void Readiness::stop() {
    running_ = false;
    paused_.reset();
    probes_.clear();
    again_->stop();
    beside_->stop();
}

void Readiness::pause() {
    if (running_) {
        stop();
        paused_ = clock_.now();
    }
}

void Readiness::resume() {
    if (paused_) {
        started_ += clock_.now() - *paused_;
        paused_.reset();
        running_ = true;
        again_->start(Millis{0});
    }
}

Millis Readiness::waited() const {
    return clock_.now() - started_;
}

void Readiness::ask() {
    if (net_target_) {
        ask_network();
        return;
    }
    switch (hooks_.run_command(command_)) {
        case Started::Yes:
            break;
        case Started::No:
            answered(ProbeResult::NotReady, {}, "the probe command could not be started");
            break;
    }
}

void Readiness::ask_network() {
    if (probes_.size() >= most_probes_at_once) {
        return;
    }
    const int number = ++asked_;
    beside_->start(probe_silence);
    probes_[number] = hooks_.ask_network(*net_target_, [this, number](const NetAnswer& answer) {
        const auto done = probes_.extract(number);  // it goes when this returns
        logs_ = answer.is_http ? Logs::Yes : logs_;
        answered(answer.result, {answer.address, net_target_->port}, answer.detail);
    });
}

void Readiness::command_ended(ExitStatus status) {
    if (running_) {
        const auto result = status.success() ? ProbeResult::Ready : ProbeResult::NotReady;
        answered(result, {std::nullopt, port_}, "the probe command " + describe(status));
    }
}

void Readiness::answered(ProbeResult result, const ReadyAnswer& answer, const std::string& detail) {
    last_answer_ = detail;
    history_.add(waited(), detail);
    if (result == ProbeResult::Ready && is_accepted(answer)) {
        stop();
        hooks_.ready();
    } else if (running_) {
        again_->start(next_probe_delay(waited(), logs_));
    }
}

/// A server that cannot be seen is believed; a stranger that answers in its place or beside it is not, and is told of
/// when it has answered often enough.
bool Readiness::is_accepted(const ReadyAnswer& answer) {
    const ListenerOwner owner = hooks_.owner_of(answer);
    switch (owner.kind) {
        case ListenerOwner::Kind::Ours:
        case ListenerOwner::Kind::Unknown:
            return true;
        case ListenerOwner::Kind::Nobody:
            return !net_target_;  // whoever answered has closed meanwhile; a command may know of another port
        case ListenerOwner::Kind::Foreign:
            break;
    }
    impostor_ = owner.who;
    is_beside_ours_ = owner.is_beside_ours;
    if (++foreign_answers_ >= convincing_foreign_answers) {
        hooks_.impersonated();
    }
    return false;
}

}  // namespace vlmshim
