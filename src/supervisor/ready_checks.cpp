#include "vlmshim/supervisor/ready_checks.hpp"

#include <algorithm>

#include "vlmshim/core/config/ready_check.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"
#include "vlmshim/core/values/curl.hpp"
#include "vlmshim/core/values/duration.hpp"
#include "vlmshim/core/values/shell_words.hpp"
#include "vlmshim/core/values/url.hpp"

namespace vlmshim {

namespace {

using Answer = std::function<void(const ReadyAnswer&)>;

ReadyAnswer http_answer(const ServerConfig& server, int status) {
    const bool is_ready = counts_as_ready(server.ready, status);
    return {is_ready ? ProbeResult::Ready : ProbeResult::NotReady, "HTTP " + std::to_string(status), status};
}

/// What is known at once: why it does not hold, or nothing.
class InstantCheck final : public ReadyCheck {
public:
    InstantCheck(Answer answer, std::string target, std::function<std::string()> problem, std::string when_ready)
        : answer_(std::move(answer)),
          target_(std::move(target)),
          problem_(std::move(problem)),
          when_ready_(std::move(when_ready)) {}
    std::string target() const override { return target_; }
    void ask() override {
        const std::string problem = problem_();
        answer_(problem.empty() ? ReadyAnswer{ProbeResult::Ready, when_ready_}
                                : ReadyAnswer{ProbeResult::NotReady, problem});
    }

private:
    Answer answer_;
    std::string target_;
    std::function<std::string()> problem_;
    std::string when_ready_;
};

/// Over the network: for HTTP a GET, else a connection. Beside a question that is not answered for long another one is
/// asked.
class NetCheck final : public ReadyCheck {
public:
    NetCheck(Answer answer, Clock& clock, const ServerConfig& server, NetTarget where, std::string target,
             const ReadyHooks& hooks)
        : answer_(std::move(answer)),
          server_(server),
          where_(std::move(where)),
          target_(std::move(target)),
          hooks_(hooks),
          beside_(clock.make_alarm([this] { ask(); })) {}
    std::string target() const override { return target_; }

    void ask() override {
        if (probes_.size() >= most_probes_at_once) {
            return;
        }
        const int number = ++asked_;
        beside_->start(probe_silence);
        probes_[number] = hooks_.ask_network(where_, [this, number](const NetAnswer& said) {
            const auto done = probes_.extract(number);  // it goes when this returns
            answer_(said.status != 0 ? http_answer(server_, said.status) : ReadyAnswer{said.result, said.detail});
        });
    }
    void stop() override {
        probes_.clear();
        beside_->stop();
    }

private:
    Answer answer_;
    const ServerConfig& server_;
    NetTarget where_;
    std::string target_;
    const ReadyHooks& hooks_;
    std::map<int, std::unique_ptr<Probe>> probes_;  // that wait for an answer, by their number
    int asked_ = 0;
    std::unique_ptr<Alarm> beside_;
};

/// One command at a time. It may outlive a pause of its check: then it is waited for, not started again.
class CommandCheck final : public ReadyCheck {
public:
    CommandCheck(Answer answer, Clock& clock, const ServerConfig& server, ProbeCommand command, std::string target,
                 const ReadyHooks& hooks)
        : answer_(std::move(answer)),
          server_(server),
          command_(std::move(command)),
          target_(std::move(target)),
          hooks_(hooks),
          limit_alarm_(clock.make_alarm([this] { hangs(); })) {}
    std::string target() const override { return target_; }

    void ask() override {
        is_asked_ = true;
        if (const std::string why = runs_ ? std::string() : hooks_.run_command(command_); !why.empty()) {
            is_asked_ = false;
            answer_({ProbeResult::NotReady, "the probe command could not be started: " + why});
            return;
        }
        runs_ = true;
        limit_alarm_->start(limit_);
    }
    void stop() override {
        is_asked_ = false;
        limit_alarm_->stop();
    }
    void command_ended(ExitStatus status, const std::string& output) override {
        const bool hung = std::exchange(hung_, false);
        const bool was_asked = std::exchange(is_asked_, false);
        runs_ = false;
        limit_alarm_->stop();
        if (was_asked && hung) {
            answer_({ProbeResult::NotReady,
                     "the probe command did not end within " + describe_duration(limit_ / 2) + ": killed"});
        } else if (was_asked) {
            answer_(answer_of(status, output));
        }
    }

private:
    void hangs() {
        hung_ = true;
        limit_ *= 2;
        hooks_.kill_command();
    }

    ReadyAnswer answer_of(ExitStatus status, const std::string& output) const {
        switch (command_.kind) {
            case ProbeCommand::Kind::Curl: {
                const CurlAnswer said = read_curl_output(output);
                return said.status != 0 ? http_answer(server_, said.status)
                                        : ReadyAnswer{ProbeResult::NotReady, said.error};
            }
            case ProbeCommand::Kind::Exec:
                break;
        }
        return {status.success() ? ProbeResult::Ready : ProbeResult::NotReady, "the probe command " + describe(status)};
    }

    Answer answer_;
    const ServerConfig& server_;
    ProbeCommand command_;
    std::string target_;
    const ReadyHooks& hooks_;
    bool is_asked_ = false;
    bool runs_ = false;
    bool hung_ = false;
    Millis limit_ = probe_command_limit;
    std::unique_ptr<Alarm> limit_alarm_;
};

/// That the server listens where it should, and nobody else there. Nobody is connected to, unless the kernel's list
/// cannot be read.
class ListenerCheck final : public ReadyCheck {
public:
    struct Place {
        Port port;
        std::optional<Host> host{};  // nullopt: at any address
    };

    ListenerCheck(Answer answer, std::vector<Place> places, std::string target, const ReadyHooks& hooks)
        : answer_(std::move(answer)), places_(std::move(places)), target_(std::move(target)), hooks_(hooks) {}
    std::string target() const override { return target_; }
    void ask() override { look_from(0); }
    void stop() override { connection_.reset(); }

private:
    void look_from(std::size_t first) {
        for (std::size_t i = first; i < places_.size(); ++i) {
            const ListenerOwner owner = owner_of(places_[i]);
            switch (owner.kind) {
                case ListenerOwner::Kind::Ours:
                case ListenerOwner::Kind::Unknown:
                    break;
                case ListenerOwner::Kind::NoTable:
                    connect(i);
                    return;
                case ListenerOwner::Kind::None:
                    answer_({ProbeResult::NotReady, "nobody listens on " +
                                                        (places_[i].host ? places_[i].host->text + ":" : "port ") +
                                                        std::to_string(places_[i].port.number)});
                    return;
                case ListenerOwner::Kind::Foreign:
                    answer_({ProbeResult::NotReady, "somebody else listens", 0, owner});
                    return;
            }
        }
        answer_({ProbeResult::Ready, "listens"});
    }

    ListenerOwner owner_of(const Place& place) const {
        if (!place.host) {
            return hooks_.owner_of(std::nullopt, place.port);
        }
        ListenerOwner owner{ListenerOwner::Kind::None};
        for (const Address& address : place.host->addresses) {
            owner = hooks_.owner_of(address, place.port);
            if (owner.kind != ListenerOwner::Kind::None) {
                break;
            }
        }
        return owner;
    }

    void connect(std::size_t i) {
        const Host localhost{"localhost", {Address::loopback(IpVersion::V4), Address::loopback(IpVersion::V6)}};
        const NetTarget target{places_[i].host.value_or(localhost), places_[i].port};
        connection_ = hooks_.ask_network(target, [this, i](const NetAnswer& said) {
            const auto done = std::move(connection_);
            if (said.result == ProbeResult::Ready) {
                look_from(i + 1);
            } else {
                answer_({said.result, said.detail});
            }
        });
    }

    Answer answer_;
    std::vector<Place> places_;
    std::string target_;
    const ReadyHooks& hooks_;
    std::unique_ptr<Probe> connection_;
};

/// The ports on which the server, and nobody else, has to listen.
std::vector<ListenerCheck::Place> places_of(const Ready& ready, std::optional<Port> port) {
    std::vector<ListenerCheck::Place> places;
    if (!port) {
        return places;
    }
    const auto tcp = parse_host_port(substitute_port(ready.tcp, *port));
    if (tcp) {
        places.push_back({tcp->port, tcp->host});
    }
    std::vector<Port> others = other_ports(ready, port);
    others.insert(others.begin(), *port);
    for (const Port other : others) {
        if (!tcp || tcp->port != other) {
            places.push_back({other});
        }
    }
    return places;
}

std::string listener_target(const Ready& ready, std::optional<Port> port) {
    if (ready.tcp.empty()) {
        return "port " + std::to_string(port.value_or(Port{}).number);
    }
    return substitute_port(ready.tcp, port.value_or(Port{}));
}

}  // namespace

template <typename Check, typename... Arguments>
ReadyCheck& ReadyChecks::add(Arguments&&... arguments) {
    const std::size_t place = checks_.size();
    checks_.push_back(
        std::make_unique<Check>([this, place](const ReadyAnswer& answer) { answered_(*checks_[place], answer); },
                                std::forward<Arguments>(arguments)...));
    order_.push_back(checks_.back().get());
    return *checks_.back();
}

// The addresses were validated with the configuration.
ReadyChecks::ReadyChecks(Clock& clock, const ServerConfig& server, std::optional<Port> port, Whose whose,
                         const ReadyHooks& hooks, Answered answered)
    : answered_(std::move(answered)) {
    const Ready& ready = server.ready;
    const Port number = port.value_or(Port{});
    ReadyCheck* listener = nullptr;
    if (whose == Whose::Ours) {
        if (!ready.log.empty()) {
            add<InstantCheck>("log \"" + ready.log + "\"", hooks.why_no_match, "a line of its output matches");
        }
        if (port) {
            listener = &add<ListenerCheck>(places_of(ready, port), listener_target(ready, port), hooks);
        }
    } else if (!ready.tcp.empty() || (port && ready.http.empty() && ready.unix_socket.empty() && ready.exec.empty())) {
        const std::string address = ready.tcp.empty() ? "localhost:{port}" : ready.tcp;
        const HostPort where = parse_host_port(substitute_port(address, number)).value();
        add<NetCheck>(clock, server, NetTarget{where.host, where.port}, substitute_port(address, number), hooks);
    }
    const std::size_t silent = order_.size();
    if (!ready.http.empty()) {
        const std::string target = substitute_port(ready.http, number);
        const HttpUrl url = parse_http_url(target).value();
        if (needs_curl(url)) {
            add<CommandCheck>(clock, server,
                              ProbeCommand{ProbeCommand::Kind::Curl, curl_command(url, target, ready.insecure),
                                           curl_headers(ready.headers)},
                              target, hooks);
        } else {
            add<NetCheck>(clock, server, NetTarget{url.host, url.port, url.path, ready.headers}, target, hooks);
        }
    }
    if (!ready.unix_socket.empty()) {
        const std::string& path = ready.unix_socket;
        add<InstantCheck>(
            path, [&hooks, &path] { return hooks.try_unix(path); }, path + ": accepts connections");
    }
    if (!ready.exec.empty()) {
        const std::vector<std::string> words = substitute_port(ready.exec, number);
        add<CommandCheck>(clock, server, ProbeCommand{ProbeCommand::Kind::Exec, words}, join_command(words), hooks);
    }
    const bool is_asked = order_.size() > silent;
    for (const ReadyCheck* check : order_) {
        if (check != listener || !is_asked) {
            target_ += (target_.empty() ? "" : ", ") + check->target();
        }
    }
    if (listener != nullptr && is_asked) {
        order_.push_back(listener);  // who has answered may have been somebody else
    }
}

}  // namespace vlmshim
