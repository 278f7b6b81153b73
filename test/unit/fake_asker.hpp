// A probe without a server: a test sets what is answered, and which process listens.
#pragma once

#include "fake_clock.hpp"
#include "vlmshim/supervisor/readiness.hpp"

namespace vlmshim::test {

/// One question that may still be answered.
struct FakeProbe final : Probe {
    explicit FakeProbe(int& its_count) : open(its_count) { ++open; }
    ~FakeProbe() override { --open; }
    int& open;
};

struct Asker {
    FakeClock clock;
    Ready ready_when;
    std::unique_ptr<Readiness> readiness;

    int asked = 0;  // over the network or by a command
    int open = 0;
    NetTarget target;
    std::function<void(const NetAnswer&)> reply;
    std::string not_started_because{};
    ProbeCommand command;
    std::string socket_path;  // tried last
    int killed = 0;
    std::string unix_problem, log_problem;  // empty: it accepts, it matches

    ListenerOwner owner{ListenerOwner::Kind::Ours, {}};
    struct LookedUp {
        std::optional<Address> address;
        Port port;
    };
    std::vector<LookedUp> looked_up;
    std::optional<Port> port{Port{8080}};
    Whose whose = Whose::Ours;
    int ready = 0;
    int impersonated = 0;
    std::function<void()> when_impersonated = [] {};

    Readiness& probe_of(Ready when) {
        ready_when = std::move(when);
        Readiness::Hooks hooks;
        hooks.checks.ask_network = [this](const NetTarget& where, std::function<void(const NetAnswer&)> answered) {
            ++asked;
            target = where;
            reply = std::move(answered);
            return std::make_unique<FakeProbe>(open);
        };
        hooks.checks.run_command = [this](const ProbeCommand& what) {
            ++asked;
            command = what;
            return not_started_because;
        };
        hooks.checks.kill_command = [this] { ++killed; };
        hooks.checks.owner_of = [this](const std::optional<Address>& address, Port where) {
            looked_up.push_back({address, where});
            return owner;
        };
        hooks.checks.why_no_match = [this] { return log_problem; };
        hooks.checks.try_unix = [this](const std::string& path) {
            socket_path = path;
            return unix_problem;
        };
        hooks.ready = [this] { ++ready; };
        hooks.impersonated = [this] {
            ++impersonated;
            when_impersonated();
        };
        readiness = std::make_unique<Readiness>(clock, ready_when, port, whose, std::move(hooks));
        return *readiness;
    }
    Readiness& http() { return probe_of({.http = "http://127.0.0.1:{port}/health"}); }
    Readiness& exec(std::vector<std::string> words) {
        Ready when;
        when.exec = std::move(words);
        return probe_of(when);
    }
    Readiness& tcp(const std::string& address) {
        Ready when;
        when.tcp = address;
        return probe_of(when);
    }

    void answer(const NetAnswer& said) {
        const auto to = reply;  // the answer may end the probe
        to(said);
    }
    void refuse() { answer({ProbeResult::NotReady, "connection refused"}); }
    void http_status(int status) { answer({ProbeResult::Ready, "HTTP " + std::to_string(status), status}); }
    void accept() { http_status(200); }
};

}  // namespace vlmshim::test
