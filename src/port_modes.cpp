#include "vlmshim/port_modes.hpp"

#include <unistd.h>

#include <algorithm>
#include <string>

#include "vlmshim/cleanup/free_ports.hpp"
#include "vlmshim/cleanup/port_lookup.hpp"
#include "vlmshim/log/log.hpp"
#include "vlmshim/log/writer.hpp"
#include "vlmshim/os/clock.hpp"
#include "vlmshim/print.hpp"

namespace vlmshim {

namespace {

constexpr int exit_nobody = 1;

std::string as_json_lines(const std::vector<PortHolder>& holders) {
    std::string lines;
    for (const PortHolder& holder : holders) {
        JsonWriter json(JsonWriter::Layout::OneLine);
        write_holder(json.begin_object(), holder);
        lines += json.end_object().text() + "\n";
    }
    return lines;
}

}  // namespace

int who(const Config& config) {
    Writer writer(STDERR_FILENO);
    const auto log = make_log(config.log, writer);
    const std::vector<PortHolder> holders = look_up(SystemSockets(), SystemProcesses(), config.ports.guard);
    std::string text;
    switch (config.log.format) {
        case LogFormat::Text:
            text = holder_table(holders);
            break;
        case LogFormat::Json:
            text = as_json_lines(holders);
            break;
    }
    for (const Port port : config.ports.guard) {
        const auto on_port = [&](const PortHolder& holder) { return holder.listener.port == port; };
        if (std::none_of(holders.begin(), holders.end(), on_port)) {
            log->info("nobody listens on port ", port);
        }
    }
    if (const int failed = print(text); failed != 0) {
        return failed;
    }
    return holders.empty() ? exit_nobody : 0;
}

int free_ports(const Config& config, const CommandLine& line) {
    Writer writer(STDERR_FILENO);
    const auto log = make_log(config.log, writer);
    const PortNamed named = line.ports.empty() ? PortNamed::No : PortNamed::Yes;
    const SystemSockets sockets;
    SystemProcesses processes;
    const FreeResult result = FreePorts(config, named, sockets, processes, *log, os::steady_clock).run();
    int printed = 0;
    switch (config.log.format) {
        case LogFormat::Text:
            break;  // the log has told it
        case LogFormat::Json:
            printed = print(json_lines(result));
            break;
    }
    return result.complete() ? printed : exit_own_failure;
}

}  // namespace vlmshim
