// The process of a command that asks a server.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "vlmshim/cleanup/processes.hpp"
#include "vlmshim/core/values/server_id.hpp"
#include "vlmshim/loop/loop.hpp"
#include "vlmshim/supervisor/launcher.hpp"
#include "vlmshim/supervisor/ready_checks.hpp"

namespace vlmshim {

class ProbeProcess {
public:
    /// All outlive it.
    ProbeProcess(ServerId server, const Launcher& launcher, Processes& processes, loop::Loop& loop)
        : server_(server), launcher_(launcher), processes_(processes), loop_(loop) {}

    /// Why it could not be started; empty: it was.
    std::string start(const ProbeCommand& command);
    /// SIGKILL to it and to everything below it.
    void kill();
    bool runs() const { return pid_.value != 0; }
    /// Whether the reaped process was it. Then its output is complete; what its children write is not waited for.
    bool recognise(Pid reaped);
    const std::string& output() const { return output_; }

private:
    std::variant<Pid, os::SpawnError> start_curl(const ProbeCommand& command);

    ServerId server_;
    const Launcher& launcher_;
    Processes& processes_;
    loop::Loop& loop_;
    Pid pid_;
    std::string output_;
    std::unique_ptr<loop::PipeReader> pipe_;
};

}  // namespace vlmshim
