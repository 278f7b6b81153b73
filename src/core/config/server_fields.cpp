// [server]: every key.
#include "vlmshim/core/config/config_check.hpp"
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
    if (read && (*read == sigstop || *read == sigchld || *read == sigcont)) {
        table.refuse(key, "must be a signal that can end the server, found " + signal_name(*read));
    }
    return read;
}

std::string print_grace(const Field<ServerConfig>& field, const ServerConfig& server, const Printing& printing) {
    return server.grace ? set_line(field.key, toml_value(*server.grace))
                        : unset_line(field.key, {toml_value(printing.config.shutdown_grace), field.unset.absence});
}

constexpr auto name = shaped(kind::value<&ServerConfig::name, read_name>, ValueKind::Name);
constexpr auto command = kind::optional<&ServerConfig::command, &TableReader::command>;
constexpr auto cwd = shaped(kind::optional<&ServerConfig::cwd, read_cwd>, ValueKind::NonEmptyText);
constexpr auto env = shaped(kind::value<&ServerConfig::env, read_env>, ValueKind::Variables);
constexpr auto unset_env = shaped(kind::value<&ServerConfig::unset_env, read_unset_env>, ValueKind::VariableNames);
constexpr auto output = kind::value<&ServerConfig::output, read_output, print_output>;
constexpr Kind<ServerConfig> grace{
    kind::read_member<&ServerConfig::grace, &TableReader::duration>, print_grace, {ValueKind::Duration}};

/// A number, "auto" or "none".
void read_server_port(TableReader& table, std::string_view key, ServerConfig& server) {
    const TomlEntry* entry = table.find(key);
    const auto* word = entry == nullptr ? nullptr : std::get_if<std::string>(&entry->node.value);
    server.port_given = entry != nullptr;
    if (word != nullptr && *word == "none") {
        server.port.reset();
    } else if (const auto port = table.port(key)) {
        server.port = port;
    }
}

std::string print_server_port(const Field<ServerConfig>& field, const ServerConfig& server, const Printing&) {
    return set_line(field.key, server.port ? toml_value(*server.port) : toml_string("none"));
}

constexpr Kind<ServerConfig> server_port{read_server_port, print_server_port, {ValueKind::ServerPort}};
constexpr Kind<ServerConfig> ready{
    read_ready_section, print_ready_section, {ValueKind::Ready, nullptr, describe_ready_section}};

constexpr Field<ServerConfig> all_server_fields[] = {
    {"name", "its name in messages and in VLMSHIM_PORT_<NAME>", name},
    {"command",
     "how to start it; {port} stands for its port",
     command,
     {"[\"llama-server\", \"--port\", \"{port}\"]", required_unless_external}},
    {"port", "what {port} stands for; \"auto\": a free one; \"none\": it has none", server_port},
    {"owner", "who may hold that port: tree, its own processes, or any", kind::choice<&ServerConfig::owner>},
    {"external", "true: somebody else's; waited for, never started or ended", kind::flag<&ServerConfig::external>},
    {"after", "servers that have to be ready before it starts", kind::texts<&ServerConfig::after>},
    {"cwd", "where it runs", cwd, {"\".\"", cwd_absence}},
    {"env", "variables to set; {port} may stand in the values", env},
    {"unset_env", "variables to remove", unset_env},
    {"stdin", "null, or open: a pipe that nothing is written to", kind::choice<&ServerConfig::input>},
    {"output", "capture, inherit, discard or \"file:PATH\"", output},
    {"stop_signal", "sent to stop it", kind::value<&ServerConfig::stop_signal, read_stop_signal>},
    {"grace", "from the stop signal to SIGKILL", grace, {"", "none: that of [shutdown]"}},
    {"on_exit", "it exits under the test: fail or ignore", kind::choice<&ServerConfig::on_exit>},
    {"ready", "when it counts as ready", ready},
};

}  // namespace

Fields<ServerConfig> server_fields() {
    return all_server_fields;
}

}  // namespace vlmshim
