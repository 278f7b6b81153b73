// A keeper with its supervisor in a fake world.
#pragma once

#include "fake_keeper_world.hpp"
#include "fake_log.hpp"
#include "fake_sockets.hpp"
#include "vlmshim/keeper/keeper_process.hpp"

namespace vlmshim::test {

inline constexpr int supervisor = 101;
inline constexpr ExitStatus three = ExitStatus::exited(3);
inline constexpr ExitStatus own_failure = ExitStatus::exited(exit_own_failure);

/// The keeper is the process 100, and below it is the supervisor.
struct KeptRun {
    Config config;
    FakeLog log{LogLevel::Info};
    FakeProcesses processes;
    FakeSockets sockets{processes};
    FakeKeeperWorld world{processes};
    FamilyScope scope;

    KeptRun() {
        config.ports.guard = {Port{8080}};
        processes.add(supervisor, {.command = "vlm-supervisor", .group = Pgid{supervisor}});
    }

    ExitStatus run() {
        ReportFiles no_report;
        const StepSummaryFile no_summary;
        os::NoReaderWait reader;
        return Keeper(config, log, world, processes, sockets, {no_report, no_summary, reader}, Pid{supervisor}, scope)
            .run();
    }

    /// The run ends regularly.
    void verdict_at(int millis, ExitStatus status = three) {
        world.at(millis, [=, this] {
            world.message(os::to_keeper::Verdict{status});
            world.end(supervisor, ExitStatus::exited(0));
        });
    }
    /// `kill -9`
    void killed_at(int millis) {
        world.at(millis, [this] {
            world.close_link();
            world.end(supervisor);
        });
    }
    /// Adds a process below the supervisor.
    void add_below(int pid, OnSignal on_signal = OnSignal::Ends) {
        processes.add(pid, {.parent = Pid{supervisor}, .on_signal = on_signal});
    }
};

}  // namespace vlmshim::test
