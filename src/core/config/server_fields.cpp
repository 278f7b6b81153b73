// [server] and [server.ready]: every key once.
#include <algorithm>
#include <csignal>

#include "vlmshim/core/config/config_sections.hpp"
#include "vlmshim/core/config/process_fields.hpp"
#include "vlmshim/core/values/signal_names.hpp"

namespace vlmshim {

namespace {

std::optional<std::string> read_name(TableReader& table, std::string_view key) {
    std::optional<std::string> name = table.text(key);
    if (const auto problem = name ? server_name_problem(*name) : std::nullopt) {
        table.refuse(key, *problem + ", found " + describe_found(table.find(key)->node));
    }
    return name;
}

std::optional<std::vector<std::string>> read_command(TableReader& table, std::string_view key) {
    if (table.find(key) == nullptr) {
        table.report(table.at(), "'command' is missing in [server]: nothing says how to start it");
    }
    return table.command(key);
}

std::optional<Output> read_output(TableReader& table, std::string_view key) {
    const std::optional<std::string> text = table.text(key);
    std::optional<Output> output = text ? parse_output(*text) : std::nullopt;
    if (text && !output) {
        table.refuse_word(key, *text, output_words());
    }
    if (output && output->mode == OutputMode::File) {
        if (output->path.empty()) {
            table.refuse(key, "must name a file, found \"file:\"");
        }
        output->path = table.beside(output->path);
    }
    return output;
}

std::string print_output(const Output& output) {
    return output.mode == OutputMode::File ? toml_string("file:" + output.path) : toml_value(output.mode);
}

std::optional<Signal> read_stop_signal(TableReader& table, std::string_view key) {
    const std::optional<Signal> read = table.signal(key);
    if (read && (read->number == SIGSTOP || read->number == SIGCHLD || read->number == SIGCONT)) {
        table.refuse(key, "must be a signal that can end the server, found " + signal_name(*read));
    }
    return read;
}

std::string print_grace(const Field<ServerConfig>& field, const ServerConfig& server, const Printing& printing) {
    return server.grace ? set_line(field.key, toml_value(*server.grace))
                        : unset_line(field.key, {toml_value(printing.config.shutdown_grace), field.unset.absence});
}

constexpr auto cwd = kind::optional<&ServerConfig::cwd, read_cwd>;
constexpr auto output = kind::value<&ServerConfig::output, read_output, print_output>;
constexpr Kind<ServerConfig> grace{kind::read_member<&ServerConfig::grace, &TableReader::duration>, print_grace};

template <auto Member, auto Read>
void read_probe(TableReader& table, std::string_view key, Ready& ready) {
    if (auto value = std::invoke(Read, table, key)) {
        ready.probe = kind::SectionOf<Member>{*std::move(value)};
    }
}

template <auto Member>
std::string print_probe(const Field<Ready>& field, const Ready& ready, const Printing&) {
    const auto* given = std::get_if<kind::SectionOf<Member>>(&ready.probe);
    return given == nullptr ? std::string() : set_line(field.key, toml_value(given->*Member));
}

/// One of several keys of which one can be given. Member is that of the probe's own struct.
template <auto Member, auto Read>
constexpr Kind<Ready> probe{read_probe<Member, Read>, print_probe<Member>};

constexpr auto http = probe<&HttpProbe::url, &TableReader::text>;
constexpr auto tcp = probe<&TcpProbe::address, &TableReader::text>;
constexpr auto exec = probe<&ExecProbe::command, &TableReader::command>;

constexpr std::string_view one_of_them = "one of http, tcp and exec";

constexpr Field<Ready> ready_fields[] = {
    {"http", "ready when a GET of this answers with 2xx", http, {"\"http://localhost:{port}/health\"", one_of_them}},
    {"tcp", "ready when it accepts a connection", tcp, {"\"localhost:{port}\"", one_of_them}},
    {"exec", "ready when this exits with 0", exec, {"[\"./is-ready.sh\"]", one_of_them}},
    {"timeout", "not ready after this long: the run fails", kind::positive_duration<&Ready::timeout>},
};

void check_probes(TableReader& table, const ServerConfig& server) {
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
    const std::optional<std::string> problem = probe_problem(server.ready, server.port);
    if (problem && probes.size() == 1) {
        table.refuse(probes[0]->key, *problem + ", found " + describe_found(probes[0]->node));
    }
}

/// After `port`, which the addresses are tried with.
void read_ready(TableReader& table, std::string_view key, ServerConfig& server) {
    if (std::optional<TableReader> ready = table.table(key)) {
        read_fields(ready_fields, *ready, server.ready);
        check_probes(*ready, server);
        ready->report_unknown_keys();
    }
}

std::string print_ready(const Field<ServerConfig>&, const ServerConfig& server, const Printing& printing) {
    return "[server.ready]\n" + print_fields(ready_fields, server.ready, printing);
}

constexpr Kind<ServerConfig> ready{read_ready, print_ready};

constexpr Field<ServerConfig> all_server_fields[] = {
    {"name", "its name in messages and in VLMSHIM_PORT_<NAME>", kind::value<&ServerConfig::name, read_name>},
    {"command", "how to start it; {port} stands for its port", kind::value<&ServerConfig::command, read_command>},
    {"port", "what {port} stands for; \"auto\": a free one", kind::port<&ServerConfig::port>},
    {"after", "servers that have to be ready before it starts", kind::texts<&ServerConfig::after>},
    {"cwd", "where it runs", cwd, {"\".\"", "none: the caller's working directory"}},
    {"env", "variables to set; {port} may stand in the values", kind::value<&ServerConfig::env, read_env>},
    {"unset_env", "variables to remove", kind::value<&ServerConfig::unset_env, read_unset_env>},
    {"output", "capture, inherit, discard or \"file:PATH\"", output},
    {"stop_signal", "asks it to end", kind::value<&ServerConfig::stop_signal, read_stop_signal>},
    {"grace", "from the stop signal to SIGKILL", grace, {"", "none: that of [shutdown]"}},
    {"on_exit", "it exits under the test: fail or ignore", kind::choice<&ServerConfig::on_exit>},
    {"ready", "when it counts as ready", ready},
};

}  // namespace

Fields<ServerConfig> server_fields() {
    return all_server_fields;
}

}  // namespace vlmshim
