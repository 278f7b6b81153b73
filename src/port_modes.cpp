#include "vlmshim/port_modes.hpp"

#include <algorithm>
#include <string>

#include "vlmshim/cleanup/free_ports.hpp"
#include "vlmshim/cleanup/port_lookup.hpp"
#include "vlmshim/core/config/auto_ports.hpp"
#include "vlmshim/os/clock.hpp"
#include "vlmshim/print.hpp"
#include "vlmshim/stderr_log.hpp"

namespace vlmshim {

namespace {

constexpr int exit_no_listener = 1;

void log_auto_ports(const Config& config, Log& log) {
    const std::vector<Port>& guard = config.ports.guard;
    if (std::find(guard.begin(), guard.end(), auto_port) != guard.end()) {
        log.info("port = \"auto\" has no number before a run: it is left out");
    }
}

}  // namespace

int who(const Config& config) {
    const StderrLog log(config.log);
    log_auto_ports(config, *log);
    const std::vector<Port> ports = known_ports(config.ports.guard);
    const std::vector<PortHolder> holders = look_up(SystemSockets(), SystemProcesses(), ports);
    std::string text;
    switch (config.log.format) {
        case LogFormat::Text:
            text = holder_table(holders);
            break;
        case LogFormat::Json:
            text = json_lines(holders, write_holder);
            break;
    }
    for (const Port port : ports) {
        const auto on_port = [&](const PortHolder& holder) { return holder.listener.port == port; };
        if (std::none_of(holders.begin(), holders.end(), on_port)) {
            log->info("no process listens on port ", port);
        }
    }
    if (const int failed = print(text); failed != 0) {
        return failed;
    }
    return holders.empty() ? exit_no_listener : 0;
}

int free_ports(const Config& config, const CommandLine& line) {
    const StderrLog log(config.log);
    log_auto_ports(config, *log);
    const PortNamed named = line.ports.empty() ? PortNamed::No : PortNamed::Yes;
    const SystemSockets sockets;
    SystemProcesses processes;
    const FreeResult result = FreePorts(config, named, sockets, processes, *log, os::steady_clock).run();
    int printed = 0;
    switch (config.log.format) {
        case LogFormat::Text:
            break;  // the log has said it
        case LogFormat::Json:
            printed = print(json_lines(result));
            break;
    }
    return result.complete() ? printed : exit_own_failure;
}

}  // namespace vlmshim
