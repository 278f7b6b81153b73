#include "vlmshim/core/config/config.hpp"

#include <algorithm>

#include "vlmshim/core/config/config_choices.hpp"
#include "vlmshim/core/values/duration.hpp"
#include "vlmshim/core/values/signal_names.hpp"
#include "vlmshim/core/values/toml_text.hpp"

namespace vlmshim {

namespace {

std::string line(std::string_view key, const std::string& value) {
    return std::string(key) + " = " + value + "\n";
}

std::string line(std::string_view key, Millis value) {
    return line(key, toml_string(format_duration(value)));
}

/// A key that has no value, with an example of one and what its absence means.
std::string unset_line(std::string_view key, const std::string& example, std::string_view meaning) {
    return "# " + std::string(key) + " = " + example + "   (" + std::string(meaning) + ")\n";
}

template <typename Enum>
std::string choice_line(std::string_view key, Enum value) {
    return line(key, toml_string(choice_name(value)));
}

std::string inline_table(const std::map<std::string, std::string>& entries) {
    std::string list;
    for (const auto& [key, value] : entries) {
        list += (list.empty() ? " " : ", ") + toml_key(key) + " = " + toml_string(value);
    }
    return list.empty() ? "{}" : "{" + list + " }";
}

std::string port_value(Port port) {
    return port == auto_port ? toml_string("auto") : std::to_string(port.number);
}

std::string output_value(const Output& output) {
    switch (output.mode) {
        case OutputMode::Capture:
            return "capture";
        case OutputMode::Inherit:
            return "inherit";
        case OutputMode::Discard:
            return "discard";
        case OutputMode::File:
            return "file:" + output.path;
    }
    return {};
}

std::string probe_line(const HttpProbe& probe) {
    return line("http", toml_string(probe.url));
}

std::string probe_line(const TcpProbe& probe) {
    return line("tcp", toml_string(probe.address));
}

std::string probe_line(const ExecProbe& probe) {
    return line("exec", toml_array(probe.command));
}

std::string print_server(const ServerConfig& server, const Config& config) {
    std::string text = config.servers.size() == 1 ? "[server]\n" : "[[server]]\n";
    text += line("name", toml_string(server.name));
    text += line("command", toml_array(server.command));
    text += line("port", port_value(server.port));
    text += line("after", toml_array(server.after));
    text += server.cwd.empty() ? unset_line("cwd", "\".\"", "none: the caller's working directory")
                               : line("cwd", toml_string(server.cwd));
    text += line("env", inline_table(server.env));
    text += line("unset_env", toml_array(server.unset_env));
    text += line("output", toml_string(output_value(server.output)));
    text += line("stop_signal", toml_string(signal_name(server.stop_signal)));
    text += server.grace
                ? line("grace", *server.grace)
                : unset_line("grace", toml_string(format_duration(config.shutdown_grace)), "none: that of [shutdown]");
    text += choice_line("on_exit", server.on_exit);
    text += "[server.ready]\n";
    text += std::visit([](const auto& probe) { return probe_line(probe); }, server.ready.probe);
    return text + line("timeout", server.ready.timeout) + "\n";
}

std::string print_test(const TestConfig& test) {
    std::string text = "[test]\n";
    text += test.command.empty() ? unset_line("command", "[\"python3\", \"my_test.py\"]", "none")
                                 : line("command", toml_array(test.command));
    text += test.timeout ? line("timeout", *test.timeout) : unset_line("timeout", "\"30m\"", "none");
    text += line("grace", test.grace);
    return text + choice_line("leftovers", test.leftovers) + "\n";
}

std::string print_ports(const PortsConfig& ports) {
    std::string guard;
    for (const Port port : ports.guard) {
        guard += (guard.empty() ? "" : ", ") + port_value(port);
    }
    std::string text = "[ports]\n";
    text += guard.empty() ? unset_line("guard", "[8080]", "none: the ports of the servers")
                          : line("guard", "[" + guard + "]");
    text += choice_line("busy", ports.busy);
    text += choice_line("outsiders", ports.outsiders);
    return text + line("spare", toml_array(ports.spare)) + "\n";
}

std::string print_signals(const SignalsConfig& signals) {
    std::map<std::string, std::string> rewrite;
    for (const auto& [from, to] : signals.rewrite) {
        rewrite.emplace(signal_name(from), signal_name(to));
    }
    return "[signals]\n" + choice_line("forward", signals.forward) + line("rewrite", inline_table(rewrite)) + "\n";
}

}  // namespace

bool serves(const Config& config) {
    return config.test.command.empty() && !config.servers.empty();
}

Millis grace_of(const ServerConfig& server, const Config& config) {
    return server.grace.value_or(config.shutdown_grace);
}

std::string port_variable(const std::string& server_name) {
    std::string name = server_name;
    std::transform(name.begin(), name.end(), name.begin(), [](char c) {
        const bool small = c >= 'a' && c <= 'z';
        return c == '-' ? '_' : (small ? static_cast<char>(c - 'a' + 'A') : c);
    });
    return "VLMSHIM_PORT_" + name;
}

std::string print_config(const Config& config) {
    std::string text = config.file.empty() ? "# no configuration file\n" : "# from " + toml_string(config.file) + "\n";
    if (config.servers.empty()) {
        text += "# no [server]: the test brings its own\n\n";
    }
    for (const ServerConfig& server : config.servers) {
        text += print_server(server, config);
    }
    text += print_test(config.test);
    text += print_ports(config.ports);
    text += "[shutdown]\n" + line("grace", config.shutdown_grace) + "\n";
    text += print_signals(config.signals);
    text += "[log]\n" + choice_line("level", config.log.level) + choice_line("format", config.log.format) + "\n";
    text += std::string("[isolation]\npid_namespace = ") +
            (config.isolation == Isolation::PidNamespace ? "true" : "false") + "\n\n";
    return text + "[report]\n" +
           (config.report.empty() ? unset_line("path", "\"vlmshim-report.json\"", "none: no report")
                                  : line("path", toml_string(config.report)));
}

}  // namespace vlmshim
