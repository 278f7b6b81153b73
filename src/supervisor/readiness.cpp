#include "vlmshim/supervisor/readiness.hpp"

#include "vlmshim/core/lifecycle/probe_schedule.hpp"
#include "vlmshim/core/values/shell_words.hpp"
#include "vlmshim/core/values/url.hpp"

namespace vlmshim {

Readiness::Readiness(loop::Loop& loop, const ServerConfig& server, Hooks hooks)
    : loop_(loop), hooks_(std::move(hooks)), port_(server.port), again_(loop, [this] { ask(); }) {
    // The addresses were validated with the configuration.
    if (const auto* http = std::get_if<HttpProbe>(&server.ready.probe)) {
        target_ = substitute_port(http->url, server.port);
        const HttpUrl url = parse_http_url(target_).value();
        net_target_ = loop::NetTarget{url.host, url.port, url.path};
    } else if (const auto* tcp = std::get_if<TcpProbe>(&server.ready.probe)) {
        target_ = substitute_port(tcp->address, server.port);
        const HostPort where = parse_host_port(target_).value();
        net_target_ = loop::NetTarget{where.host, where.port, std::nullopt};
    } else if (const auto* exec = std::get_if<ExecProbe>(&server.ready.probe)) {
        for (const std::string& word : exec->command) {
            command_.push_back(substitute_port(word, server.port));
        }
        target_ = join_command(command_);
    }
}

void Readiness::start() {
    running_ = true;
    started_ = loop_.now();
    ask();
}

void Readiness::stop() {
    running_ = false;
    probe_.reset();
    again_.stop();
}

void Readiness::pause() {
    if (running_) {
        stop();
        paused_ = loop_.now();
    }
}

void Readiness::resume() {
    if (paused_) {
        started_ += loop_.now() - *paused_;
        paused_.reset();
        running_ = true;
        again_.start(Millis{0});
    }
}

Millis Readiness::waited() const {
    return loop_.now() - started_;
}

void Readiness::ask() {
    if (net_target_) {
        probe_ = std::make_unique<loop::NetProbe>(loop_, *net_target_, [this](const loop::NetAnswer& answer) {
            answered(answer.result, {answer.address, net_target_->port}, answer.detail);
        });
    } else if (!hooks_.run_command(command_)) {
        answered(ProbeResult::NotReady, {}, "the probe command could not be started");
    }
}

void Readiness::command_ended(ExitStatus status) {
    if (running_) {
        answered(status.success() ? ProbeResult::Ready : ProbeResult::NotReady, {std::nullopt, port_},
                 "the probe command " + describe(status));
    }
}

void Readiness::answered(ProbeResult result, const ReadyAnswer& answer, const std::string& detail) {
    last_answer_ = detail;
    history_.add(waited(), detail);
    if (result == ProbeResult::Ready && hooks_.positive(answer)) {
        stop();
    } else if (running_) {
        again_.start(next_probe_delay(waited()));
    }
}

}  // namespace vlmshim
