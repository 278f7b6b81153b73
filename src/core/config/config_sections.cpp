#include "vlmshim/core/config/config_sections.hpp"

#include <csignal>

#include "vlmshim/core/values/signal_names.hpp"

namespace vlmshim {

namespace {

void read_test(TableReader table, TestConfig& test) {
    assign(table.command("command"), test.command);
    assign(table.duration("timeout", TableReader::Zero::Refused), test.timeout);
    assign(table.duration("grace", TableReader::Zero::Allowed), test.grace);
    assign(table.choice<Leftovers>("leftovers"), test.leftovers);
    table.report_unknown_keys();
}

void read_ports(TableReader table, PortsConfig& ports) {
    if (std::optional<std::vector<Port>> guard = table.ports("guard")) {
        if (guard->empty()) {
            table.refuse("guard", "must name a port; leave it out to guard the ports of the servers");
        }
        ports.guard = *std::move(guard);
    }
    assign(table.choice<Busy>("busy"), ports.busy);
    assign(table.choice<Outsiders>("outsiders"), ports.outsiders);
    assign(table.texts("spare"), ports.spare);
    table.report_unknown_keys();
}

/// Nobody can catch SIGKILL and SIGSTOP, and SIGCHLD is how vlmshim learns that something ended.
bool can_be_rewritten(Signal signal) {
    return signal.number != SIGKILL && signal.number != SIGSTOP && signal.number != SIGCHLD;
}

void read_rewrite(TableReader table, ConfigErrors& errors, std::map<Signal, Signal>& rewrite) {
    for (const TomlEntry& entry : table.entries()) {
        const std::optional<Signal> from = parse_signal(entry.key);
        const std::optional<Signal> to = table.signal_of(entry);
        if (!from) {
            errors.add(entry.at,
                       table.describe(entry.key) + " is no signal" + did_you_mean(entry.key, signal_names(), '\''));
        } else if (!can_be_rewritten(*from)) {
            errors.add(entry.at, table.describe(entry.key) +
                                     " cannot be rewritten: SIGKILL, SIGSTOP and SIGCHLD are never passed on");
        } else if (rewrite.contains(*from)) {
            errors.add(entry.at, table.describe(entry.key) + " rewrites " + signal_name(*from) + " a second time");
        } else if (to) {
            rewrite.emplace(*from, *to);
        }
    }
}

void read_signals(TableReader table, ConfigErrors& errors, SignalsConfig& signals) {
    assign(table.choice<Forward>("forward"), signals.forward);
    if (std::optional<TableReader> rewrite = table.table("rewrite")) {
        read_rewrite(*rewrite, errors, signals.rewrite);
    }
    table.report_unknown_keys();
}

void read_shutdown(TableReader table, Millis& grace) {
    assign(table.duration("grace", TableReader::Zero::Allowed), grace);
    table.report_unknown_keys();
}

void read_log(TableReader table, LogConfig& log) {
    assign(table.choice<LogLevel>("level"), log.level);
    assign(table.choice<LogFormat>("format"), log.format);
    table.report_unknown_keys();
}

void read_isolation(TableReader table, Isolation& isolation) {
    if (const std::optional<bool> on = table.flag("pid_namespace")) {
        isolation = *on ? Isolation::PidNamespace : Isolation::None;
    }
    table.report_unknown_keys();
}

void read_report(TableReader table, const std::string& file, std::string& report) {
    if (const std::optional<std::string> path = table.text("path")) {
        if (path->empty()) {
            table.refuse("path", "must not be empty; leave it out for no report");
        }
        report = beside(file, *path);
    }
    table.report_unknown_keys();
}

}  // namespace

Config read_sections(const TomlTable& root, const std::string& file, ConfigErrors& errors) {
    Config config;
    config.file = file;
    TableReader top(root, "", errors);
    config.servers = read_servers(top, file, errors);
    if (std::optional<TableReader> test = top.table("test")) {
        read_test(*test, config.test);
    }
    if (std::optional<TableReader> ports = top.table("ports")) {
        read_ports(*ports, config.ports);
    }
    if (std::optional<TableReader> shutdown = top.table("shutdown")) {
        read_shutdown(*shutdown, config.shutdown_grace);
    }
    if (std::optional<TableReader> signals = top.table("signals")) {
        read_signals(*signals, errors, config.signals);
    }
    if (std::optional<TableReader> log = top.table("log")) {
        read_log(*log, config.log);
    }
    if (std::optional<TableReader> isolation = top.table("isolation")) {
        read_isolation(*isolation, config.isolation);
    }
    if (std::optional<TableReader> report = top.table("report")) {
        read_report(*report, file, config.report);
    }
    top.report_unknown_keys();
    return config;
}

}  // namespace vlmshim
