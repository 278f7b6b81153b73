#include "vlmshim/cleanup/report_facts.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "vlmshim/core/values/version.hpp"
#include "vlmshim/os/clock.hpp"
#include "vlmshim/os/limits.hpp"
#include "vlmshim/os/machine.hpp"
#include "vlmshim/os/own_process.hpp"

namespace vlmshim {

RunReport begin_report(const Config& config, ReportWriter writer) {
    RunReport report;
    report.written_by = writer;
    report.command = config.test.command;
    report.config_file = config.file;
    report.started = os::wall_clock();
    report.ports = config.ports.guard;
    return report;
}

void add_surroundings(RunReport& report, const Config& config) {
    os::Machine machine = os::machine();
    report.config_text = print_config_without_secrets(config);
    report.environment = {.vlmshim = name_and_version(),
                          .kernel = std::move(machine.kernel),
                          .machine = std::move(machine.machine),
                          .processors = machine.processors,
                          .open_files = os::open_files_limit(),
                          .processes = os::processes_limit(),
                          .pid_one = os::own_pid().value == 1,
                          .subreaper = os::is_subreaper()};
}

std::vector<std::string> server_names(const Config& config) {
    std::vector<std::string> names;
    for (const ServerConfig& server : config.servers) {
        names.push_back(server.name);
    }
    return names;
}

void add_ended(RunReport& report, const EndedLog& ended) {
    report.ended = ended.list();
    report.ended_total = ended.total();
}

void add_told(RunReport& report, const Log& log, Millis started) {
    for (const Told& told : log.told()) {
        report.warnings.push_back({std::max(told.at - started, Millis{0}), told.text, told.level});
    }
    if (const std::size_t lost = log.lost_lines(); lost > 0) {
        report.slow_readers.push_back({"standard error", lost});
    }
}

std::optional<RunReport::Listening> listening_among(const os::HolderSearch& holders,
                                                    const std::vector<Listener>& listeners,
                                                    const Processes& processes) {
    constexpr std::size_t most_addresses = 100;
    const auto oldest = std::min_element(holders.holders.begin(), holders.holders.end(),
                                         [](const os::Holder& one, const os::Holder& other) {
                                             return one.process.start_ticks < other.process.start_ticks;
                                         });
    if (oldest == holders.holders.end()) {
        return std::nullopt;
    }
    std::unordered_set<std::uint64_t> held;  // sockets
    for (const os::Holder& holder : holders.holders) {
        held.insert(holder.inode);
    }
    RunReport::Listening found{oldest->process.pid, processes.command_of(oldest->process.pid), {}};
    for (const Listener& listener : listeners) {
        if (found.addresses.size() == most_addresses) {
            break;
        }
        if (!held.contains(listener.inode)) {
            continue;
        }
        std::string address = describe_address(listener);
        const bool is_known =
            std::find(found.addresses.begin(), found.addresses.end(), address) != found.addresses.end();
        if (!is_known) {
            found.addresses.push_back(std::move(address));
        }
    }
    return found;
}

}  // namespace vlmshim
