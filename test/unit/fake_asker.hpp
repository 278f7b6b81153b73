// A probe with nobody behind it: a test says what is answered, and by whom.
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
    ServerConfig server;
    std::unique_ptr<Readiness> readiness;

    int asked = 0;  // over the network or by a command
    int open = 0;
    NetTarget target;
    std::function<void(const NetAnswer&)> reply;
    Readiness::Started starts = Readiness::Started::Yes;
    std::vector<std::string> command;

    ListenerOwner owner{ListenerOwner::Kind::Ours, {}};
    std::vector<ReadyAnswer> looked_up;
    int ready = 0;
    int impersonated = 0;
    std::function<void()> when_impersonated = [] {};

    Readiness& probe_of(decltype(Ready::probe) probe) {
        server.ready.probe = std::move(probe);
        Readiness::Hooks hooks;
        hooks.ask_network = [this](const NetTarget& where, std::function<void(const NetAnswer&)> answered) {
            ++asked;
            target = where;
            reply = std::move(answered);
            return std::make_unique<FakeProbe>(open);
        };
        hooks.run_command = [this](const std::vector<std::string>& what) {
            ++asked;
            command = what;
            return starts;
        };
        hooks.owner_of = [this](const ReadyAnswer& answer) {
            looked_up.push_back(answer);
            return owner;
        };
        hooks.ready = [this] { ++ready; };
        hooks.impersonated = [this] {
            ++impersonated;
            when_impersonated();
        };
        readiness = std::make_unique<Readiness>(clock, server, Port{8080}, std::move(hooks));
        return *readiness;
    }
    Readiness& http() { return probe_of(HttpProbe{"http://127.0.0.1:{port}/health"}); }

    void answer(ProbeResult result, const std::string& detail) {
        const auto to = reply;  // the answer may end the probe
        to({result, Address::loopback(IpVersion::V4), detail});
    }
    void refuse() { answer(ProbeResult::NotReady, "connection refused"); }
    void accept() { answer(ProbeResult::Ready, "HTTP 200"); }
};

}  // namespace vlmshim::test
