#include "vlmshim/supervisor/ready_checks.hpp"

#include "vlmshim/core/values/curl.hpp"
#include "vlmshim/core/values/shell_words.hpp"
#include "vlmshim/core/values/url.hpp"
#include "vlmshim/supervisor/command_check.hpp"
#include "vlmshim/supervisor/listener_check.hpp"
#include "vlmshim/supervisor/net_check.hpp"

namespace vlmshim {

namespace {

/// What is known at once: why it does not hold, or nothing.
class InstantCheck final : public ReadyCheck {
public:
    InstantCheck(TakeAnswer answer, std::string target, std::function<std::string()> problem, std::string when_ready)
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
    TakeAnswer answer_;
    std::string target_;
    std::function<std::string()> problem_;
    std::string when_ready_;
};

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
ReadyChecks::ReadyChecks(Clock& clock, const Ready& ready, std::optional<Port> port, Whose whose,
                         const ReadyHooks& hooks, Answered answered)
    : answered_(std::move(answered)) {
    const Port number = port.value_or(Port{});
    ReadyCheck* listener = nullptr;
    if (whose == Whose::Ours) {
        if (!ready.log.empty()) {
            add<InstantCheck>("log \"" + substitute_port(ready.log, number) + "\"", hooks.why_no_match,
                              "a line of its output matches");
        }
        if (port) {
            listener = &add<ListenerCheck>(ready, *port, hooks);
        }
    } else if (!ready.tcp.empty() || (port && ready.http.empty() && ready.unix_socket.empty() && ready.exec.empty())) {
        const std::string address = ready.tcp.empty() ? "localhost:{port}" : ready.tcp;
        const HostPort where = parse_host_port(substitute_port(address, number)).value();
        add<NetCheck>(clock, ready, NetTarget{where.host, where.port}, substitute_port(address, number), hooks);
    }
    const std::size_t unnoticed = order_.size();  // from here on the server notices that it is asked
    if (!ready.http.empty()) {
        const std::string target = substitute_port(ready.http, number);
        const HttpUrl url = parse_http_url(target).value();
        if (needs_curl(url)) {
            add<CommandCheck>(clock, ready,
                              ProbeCommand{ProbeCommand::Kind::Curl, curl_command(url, target, ready.insecure),
                                           curl_headers(ready.headers)},
                              target, hooks);
        } else {
            add<NetCheck>(clock, ready, NetTarget{url.host, url.port, url.path, ready.headers}, target, hooks);
        }
    }
    if (!ready.unix_socket.empty()) {
        const std::string path = substitute_port(ready.unix_socket, number);
        add<InstantCheck>(
            path, [&hooks, path] { return hooks.try_unix(path); }, path + ": accepts connections");
    }
    if (!ready.exec.empty()) {
        const std::vector<std::string> words = substitute_port(ready.exec, number);
        add<CommandCheck>(clock, ready, ProbeCommand{ProbeCommand::Kind::Exec, words}, join_command(words), hooks);
    }
    if (order_.empty()) {  // ready_problems() refuses such a configuration
        add<InstantCheck>(
            "nothing", [] { return std::string("no check says when it is ready"); }, "");
    }
    const bool reaches_server = order_.size() > unnoticed;
    for (const ReadyCheck* check : order_) {
        if (check != listener || !reaches_server) {
            target_ += (target_.empty() ? "" : ", ") + check->target();
        }
    }
    if (listener != nullptr && reaches_server) {
        order_.push_back(listener);  // what has answered may have been another process
    }
}

}  // namespace vlmshim
