// What the servers of a run share.
#pragma once

#include <vector>

#include "vlmshim/cleanup/family.hpp"
#include "vlmshim/core/values/server_id.hpp"
#include "vlmshim/loop/loop.hpp"
#include "vlmshim/supervisor/events.hpp"
#include "vlmshim/supervisor/job_control.hpp"
#include "vlmshim/supervisor/launcher.hpp"
#include "vlmshim/supervisor/narrator.hpp"
#include "vlmshim/supervisor/run_ports.hpp"
#include "vlmshim/supervisor/run_recorder.hpp"

namespace vlmshim {

/// All outlive the servers.
struct ServerSurroundings {
    const Config& config;
    loop::Loop& loop;
    Launcher& launcher;
    RunPorts& ports;
    Family& family;
    const Sockets& sockets;
    Processes& processes;
    Narrator& narrator;
    RunRecorder& recorder;
    const JobControl& job;
    Log& log;
    PushEvent report;

    /// All that live of a server, its main process included.
    std::vector<Pid> processes_of(ServerId server) const {
        std::vector<Pid> all;
        for (const Descendant& process : family.of_server(server)) {
            all.push_back(process.identity.pid);
        }
        return all;
    }
};

}  // namespace vlmshim
