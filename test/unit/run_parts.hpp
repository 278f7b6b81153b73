// What the parts of a run share, with nothing real behind it.
#pragma once

#include "fake_clock.hpp"
#include "fake_log.hpp"
#include "fake_processes.hpp"
#include "fake_sockets.hpp"
#include "vlmshim/supervisor/narrator.hpp"
#include "vlmshim/supervisor/run_recorder.hpp"

namespace vlmshim::test {

struct RunParts {
    explicit RunParts(LogLevel level = LogLevel::Debug) : log(level) {}

    Config config;  // no report is wanted
    std::string run = "own-run";
    FakeProcesses processes;
    FakeSockets sockets{processes};
    FakeClock clock;
    FakeLog log;
    ReportFiles reports;
    StepSummaryFile summary;
    RunRecorder recorder{config, run, sockets, processes, reports, summary, log};
    Narrator narrator{config, processes, clock, log, recorder};
};

}  // namespace vlmshim::test
