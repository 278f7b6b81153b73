// A machine whose port 8080 is guarded, and each kind of holder of that port.
#pragma once

#include <doctest/doctest.h>

#include <utility>

#include "fake_log.hpp"
#include "fake_processes.hpp"
#include "fake_sockets.hpp"
#include "vlmshim/cleanup/port_guard.hpp"

namespace vlmshim::test {

inline const RunOfProcess dead_run{RunOfProcess::State::Dead, "dead-run"};
inline const RunOfProcess live_run{RunOfProcess::State::Alive, "live-run"};
inline const RunOfProcess own_run{RunOfProcess::State::Alive, "own-run"};
inline const RunOfProcess unknown_run{RunOfProcess::State::Unknown, "unknown-run"};
inline constexpr int port = 8080;

inline Config guarding(Busy busy = Busy::Fail, Outsiders outsiders = Outsiders::End) {
    Config config;
    config.ports.guard = {Port{port}};
    config.ports.busy = busy;
    config.ports.outsiders = outsiders;
    config.ports.spare = {"sshd"};
    return config;
}

/// Its port is "auto", and 8080 was chosen.
inline Config choosing() {
    Config config = guarding();
    config.ports.guard = {auto_port};
    return config;
}

struct GuardedMachine {
    FakeProcesses processes;
    FakeSockets sockets{processes};
    FakeLog log{LogLevel::Info};
    EndedLog ended{processes, EndedLog::Wanted::No};
    Config config;
    PortNumbers numbers;
    PortGuard guard{config.ports, numbers, sockets, processes, ended, log};

    explicit GuardedMachine(Config with = guarding()) : config(std::move(with)), numbers(config) {
        REQUIRE(numbers.choose([] { return Port{port}; }));
        processes.add(30, {.parent = FakeProcesses::init, .command = "server"});
        processes.add(77, {.parent = FakeProcesses::init, .command = "vlmshim"});
        processes.add(78, {.parent = Pid{77}, .command = "vlm-supervisor"});
    }
};

enum class Holder {
    None,
    Foreign,
    OfDeadRun,
    OfLiveRun,
    OfOwnRun,
    OfUnknownRun,
    Spared,
    Ancestor,
    DeadAncestor,
    Init,
    Hidden,
    Us,
    UsAndAnother,
};

/// The holder is the process 30, unless its kind requires another one.
inline void listen(GuardedMachine& machine, Holder holder) {
    FakeProcess& process = machine.processes.at(30);
    const auto by = [&](int pid) { machine.sockets.listen(port, {pid}); };
    switch (holder) {
        case Holder::None:
            return;
        case Holder::Foreign:
            return by(30);
        case Holder::OfDeadRun:
            process.run = dead_run;
            return by(30);
        case Holder::OfLiveRun:
            process.run = live_run;
            process.parent = Pid{78};
            return by(30);
        case Holder::OfOwnRun:
            process.run = own_run;
            return by(30);
        case Holder::OfUnknownRun:
            process.run = unknown_run;
            return by(30);
        case Holder::Spared:
            process.command = "sshd -D";
            return by(30);
        case Holder::Ancestor:
            return by(50);
        case Holder::DeadAncestor:
            machine.processes.at(50).run = dead_run;
            return by(50);
        case Holder::Init:
            return by(1);
        case Holder::Hidden:
            machine.sockets.listen(port, {});
            return;
        case Holder::Us:
            return by(100);
        case Holder::UsAndAnother:
            machine.sockets.listen(port, {30, 100});
            return;
    }
}

}  // namespace vlmshim::test
