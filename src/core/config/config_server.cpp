#include <algorithm>
#include <csignal>

#include "vlmshim/core/config/config_sections.hpp"
#include "vlmshim/core/config/server_order.hpp"
#include "vlmshim/core/values/run_id.hpp"
#include "vlmshim/core/values/signal_names.hpp"
#include "vlmshim/core/values/toml_text.hpp"

namespace vlmshim {

std::string beside(const std::string& file, const std::string& path) {
    const std::size_t slash = file.rfind('/');
    if (slash == std::string::npos || path.starts_with('/')) {
        return path;
    }
    const std::string folder = file.substr(0, slash);
    if (path == ".") {
        return folder.empty() ? "/" : folder;
    }
    return folder + "/" + path;
}

namespace {

std::optional<std::string> variable_problem(const std::string& name) {
    if (name.empty() || name.find_first_of(std::string_view("=\0", 2)) != std::string::npos) {
        return "is no name of a variable: it must not be empty and hold no '=' and no NUL byte";
    }
    constexpr std::string_view port_variables = "VLMSHIM_PORT";
    if (name == run_variable || name.compare(0, port_variables.size(), port_variables) == 0) {
        return "is set by vlmshim itself";
    }
    return std::nullopt;
}

void read_env(TableReader table, ConfigErrors& errors, std::map<std::string, std::string>& env) {
    for (const TomlEntry& entry : table.entries()) {
        if (const std::optional<std::string> problem = variable_problem(entry.key)) {
            errors.add(entry.at, table.describe(entry.key) + " " + *problem);
        }
        if (std::optional<std::string> value = table.text_of(entry)) {
            env.emplace(entry.key, *std::move(value));
        }
    }
}

void read_unset_env(TableReader& server, std::vector<std::string>& unset) {
    assign(server.texts("unset_env"), unset);
    for (const std::string& name : unset) {
        if (const std::optional<std::string> problem = variable_problem(name)) {
            server.refuse("unset_env", "holds " + quote_found(name) + ", which " + *problem);
        }
    }
}

void read_output(TableReader& server, const std::string& file, Output& output) {
    const std::optional<std::string> text = server.text("output");
    constexpr std::string_view to_file = "file:";
    if (!text) {
        return;
    }
    if (text->substr(0, to_file.size()) == to_file) {
        const std::string path = text->substr(to_file.size());
        if (path.empty()) {
            server.refuse("output", "must name a file, found \"file:\"");
        }
        output = Output{OutputMode::File, beside(file, path)};
    } else if (*text == "capture") {
        output.mode = OutputMode::Capture;
    } else if (*text == "inherit") {
        output.mode = OutputMode::Inherit;
    } else if (*text == "discard") {
        output.mode = OutputMode::Discard;
    } else {
        server.refuse_word("output", *text, {"capture", "inherit", "discard", "file:PATH"});
    }
}

void read_stop_signal(TableReader& server, Signal& stop_signal) {
    assign(server.signal("stop_signal"), stop_signal);
    if (stop_signal.number == SIGSTOP || stop_signal.number == SIGCHLD || stop_signal.number == SIGCONT) {
        server.refuse("stop_signal", "must be a signal that can end the server, found " + signal_name(stop_signal));
    }
}

void read_ready(TableReader table, Port port, Ready& ready) {
    std::optional<std::string> url = table.text("http");
    std::optional<std::string> address = table.text("tcp");
    std::optional<std::vector<std::string>> command = table.command("exec");
    assign(table.duration("timeout", TableReader::Zero::Refused), ready.timeout);
    std::vector<const TomlEntry*> probes;
    for (const char* const key : {"http", "tcp", "exec"}) {
        if (const TomlEntry* entry = table.find(key)) {
            probes.push_back(entry);
        }
    }
    std::sort(probes.begin(), probes.end(), [](const TomlEntry* a, const TomlEntry* b) { return a->at < b->at; });
    for (std::size_t i = 1; i < probes.size(); ++i) {
        table.refuse(probes[i]->key, "is one probe too many: only one of http, tcp and exec can be given, found " +
                                         probes[0]->key + " before");
    }
    if (url) {
        ready.probe = HttpProbe{*std::move(url)};
    } else if (address) {
        ready.probe = TcpProbe{*std::move(address)};
    } else if (command) {
        ready.probe = ExecProbe{*std::move(command)};
    }
    if (const std::optional<std::string> problem = probe_problem(ready, port); problem && probes.size() == 1) {
        table.refuse(probes[0]->key, *problem + ", found " + describe_found(probes[0]->node));
    }
    table.report_unknown_keys();
}

ServerConfig read_server(TableReader& table, TextPosition at, const std::string& file, ConfigErrors& errors) {
    ServerConfig server;
    assign(table.text("name"), server.name);
    if (const std::optional<std::string> problem = server_name_problem(server.name)) {
        table.refuse("name", *problem + ", found " + describe_found(table.find("name")->node));
    }
    assign(table.command("command"), server.command);
    if (table.find("command") == nullptr) {
        errors.add(at, "'command' is missing in [server]: nothing says how to start it");
    }
    assign(table.port("port"), server.port);
    assign(table.texts("after"), server.after);
    if (const std::optional<std::string> cwd = table.text("cwd")) {
        if (cwd->empty()) {
            table.refuse("cwd", "must not be empty; leave it out for the working directory of the caller");
        }
        server.cwd = beside(file, *cwd);
    }
    if (std::optional<TableReader> env = table.table("env")) {
        read_env(*env, errors, server.env);
    }
    read_unset_env(table, server.unset_env);
    read_output(table, file, server.output);
    read_stop_signal(table, server.stop_signal);
    assign(table.duration("grace", TableReader::Zero::Allowed), server.grace);
    assign(table.choice<OnExit>("on_exit"), server.on_exit);
    if (std::optional<TableReader> ready = table.table("ready")) {
        read_ready(*ready, server.port, server.ready);
    }
    table.report_unknown_keys();
    return server;
}

/// Where to point when two servers do not go together.
TextPosition place_of(TableReader& server, std::string_view key, TextPosition otherwise) {
    const TomlEntry* entry = server.find(key);
    return entry == nullptr ? otherwise : entry->node.at;
}

/// Only the first clash of a server is reported: three equal ones are two errors, not three.
template <typename Clash>
void report_clash(const std::vector<ServerConfig>& earlier, const ServerConfig& server, TextPosition at,
                  ConfigErrors& errors, Clash clash) {
    for (const ServerConfig& other : earlier) {
        if (const std::optional<std::string> problem = clash(other, server)) {
            errors.add(at, *problem);
            return;
        }
    }
}

void report_order(const std::vector<ServerConfig>& servers, const std::vector<TextPosition>& places,
                  ConfigErrors& errors) {
    for (const OrderProblem& problem : order_problems(servers)) {
        errors.add(places[problem.server], "'after' in [server] " + problem.message);
    }
}

}  // namespace

std::vector<ServerConfig> read_servers(TableReader& top, const std::string& file, ConfigErrors& errors) {
    std::vector<ServerConfig> servers;
    const TomlEntry* entry = top.find("server");
    const auto* several = entry == nullptr ? nullptr : std::get_if<TomlArray>(&entry->node.value);
    if (several == nullptr) {
        if (std::optional<TableReader> table = top.table("server")) {
            servers.push_back(read_server(*table, entry->at, file, errors));
            report_order(servers, {place_of(*table, "after", entry->at)}, errors);
        }
        return servers;
    }
    std::vector<TextPosition> places;
    for (const TomlNode& node : *several) {
        const auto* table = std::get_if<TomlTable>(&node.value);
        if (table == nullptr) {
            errors.add(node.at, "'server' must be a table or an array of tables, found " + describe_found(node));
            continue;
        }
        TableReader reader(*table, "server", errors);
        ServerConfig server = read_server(reader, node.at, file, errors);
        report_clash(servers, server, place_of(reader, "name", node.at), errors, name_clash);
        if (reader.find("port") != nullptr) {
            report_clash(servers, server, place_of(reader, "port", node.at), errors, port_clash);
        } else if (several->size() > 1) {
            errors.add(node.at, "'port' is missing in [server]: each of several servers needs one of its own");
        }
        places.push_back(place_of(reader, "after", node.at));
        servers.push_back(std::move(server));
    }
    report_order(servers, places, errors);
    return servers;
}

}  // namespace vlmshim
