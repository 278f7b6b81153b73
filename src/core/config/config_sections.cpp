// The file as a whole, and every key of the sections that are not [server].
#include "vlmshim/core/config/config_sections.hpp"

#include "vlmshim/core/config/config_check.hpp"
#include "vlmshim/core/config/process_fields.hpp"
#include "vlmshim/core/values/nearest.hpp"
#include "vlmshim/core/values/signal_names.hpp"

namespace vlmshim {

namespace {

std::optional<std::vector<Port>> read_guard(TableReader& table, std::string_view key) {
    std::optional<std::vector<Port>> guard = table.ports(key);
    if (guard && guard->empty()) {
        table.refuse(key, "must name a port; leave it out to guard the ports of the servers");
    }
    return guard;
}

/// SIGKILL and SIGSTOP cannot be caught, and SIGCHLD is how vlmshim learns that a process ended.
bool can_be_rewritten(Signal signal) {
    return signal != sigkill && signal != sigstop && signal != sigchld;
}

std::optional<std::map<Signal, Signal>> read_rewrite(TableReader& signals, std::string_view key) {
    std::optional<TableReader> table = signals.table(key);
    if (!table) {
        return std::nullopt;
    }
    std::map<Signal, Signal> rewrite;
    for (const TomlEntry& entry : table->entries()) {
        const std::optional<Signal> from = parse_signal(entry.key);
        const std::optional<Signal> to = table->signal_of(entry);
        if (!from) {
            table->refuse_key(entry, "is no signal" + did_you_mean(entry.key, signal_names(), '\''));
        } else if (!can_be_rewritten(*from)) {
            table->refuse_key(entry, "cannot be rewritten: SIGKILL, SIGSTOP and SIGCHLD are never passed on");
        } else if (rewrite.contains(*from)) {
            table->refuse_key(entry, "rewrites " + signal_name(*from) + " a second time");
        } else if (to) {
            rewrite.emplace(*from, *to);
        }
    }
    return rewrite;
}

std::string print_rewrite(const std::map<Signal, Signal>& rewrite) {
    std::map<std::string, std::string> names;
    for (const auto& [from, to] : rewrite) {
        names.emplace(signal_name(from), signal_name(to));
    }
    return toml_value(names);
}

std::optional<Isolation> read_pid_namespace(TableReader& table, std::string_view key) {
    const std::optional<bool> on = table.flag(key);
    return on ? std::optional(*on ? Isolation::PidNamespace : Isolation::None) : std::nullopt;
}

std::string print_pid_namespace(Isolation isolation) {
    return isolation == Isolation::PidNamespace ? "true" : "false";
}

constexpr auto pid_namespace =
    shaped(kind::value<&Config::isolation, read_pid_namespace, print_pid_namespace>, ValueKind::Flag);

std::optional<std::vector<std::string>> read_report_paths(TableReader& table, std::string_view key) {
    return table.paths(key, "must not be empty; leave it out for no report");
}

/// Where the command of the file runs: an error without one.
std::optional<std::string> read_test_cwd(TableReader& table, std::string_view key) {
    if (table.find("command") != nullptr) {
        return read_cwd(table, key);
    }
    if (table.find(key) != nullptr) {
        table.refuse(key,
                     "is for the 'command' of this file, and there is none: a typed command runs where it is typed");
    }
    return std::nullopt;
}

constexpr auto test_command = kind::optional<&TestConfig::command, &TableReader::command>;
constexpr auto test_cwd = shaped(kind::optional<&TestConfig::cwd, read_test_cwd>, ValueKind::NonEmptyText);
constexpr auto test_env = shaped(kind::value<&TestConfig::env, read_env>, ValueKind::Variables);
constexpr auto test_unset_env = shaped(kind::value<&TestConfig::unset_env, read_unset_env>, ValueKind::VariableNames);
constexpr auto test_timeout = kind::optional<&TestConfig::timeout, &TableReader::positive_duration>;
constexpr auto guard = kind::optional<&PortsConfig::guard, read_guard>;
constexpr auto report_paths = shaped(kind::optional<&Config::reports, read_report_paths>, ValueKind::Paths);

constexpr Field<TestConfig> test_fields[] = {
    {"command", "used when the command line names none", test_command, {"[\"python3\", \"my_test.py\"]", "none"}},
    {"cwd", "where that command runs", test_cwd, {"\".\"", cwd_absence}},
    {"env", "variables to set; {port} may stand in the values", test_env},
    {"unset_env", "variables to remove", test_unset_env},
    {"timeout", "ended after this long, with status 124", test_timeout, {"\"30m\"", "none"}},
    {"grace", "from stopping the test to SIGKILL", kind::duration<&TestConfig::grace>},
    {"leftovers", "what the test leaves behind: reap, or fail too", kind::choice<&TestConfig::leftovers>},
};

constexpr Field<PortsConfig> ports_fields[] = {
    {"guard", "free before the run and after it", guard, {"[8080]", "none: the ports of the servers"}},
    {"busy", "a port is taken before the run: fail, kill or reuse", kind::choice<&PortsConfig::busy>},
    {"outsiders", "took a port during the run, not ours: own (of our user), end or report",
     kind::choice<&PortsConfig::outsiders>},
    {"spare", "names of processes that are never ended for a port", kind::texts<&PortsConfig::spare>},
};

constexpr Field<Config> shutdown_fields[] = {
    {"grace", "from stopping servers and leftovers to SIGKILL", kind::duration<&Config::shutdown_grace>},
};

constexpr Field<SignalsConfig> signals_fields[] = {
    {"forward", "signals go to the test, or the group: test and servers", kind::choice<&SignalsConfig::forward>},
    {"rewrite", "signals to deliver as another one", kind::value<&SignalsConfig::rewrite, read_rewrite, print_rewrite>},
};

constexpr Field<LogConfig> log_fields[] = {
    {"level", "trace, debug, info, warning, error or off", kind::choice<&LogConfig::level>},
    {"format", "text, or json: one object a line", kind::choice<&LogConfig::format>},
};

constexpr Field<Config> isolation_fields[] = {
    {"pid_namespace", "true: the kernel ends the run with us", pid_namespace},
};

constexpr Field<Config> report_fields[] = {
    {"path",
     "a report of the run: *.html a page, else JSON; or several",
     report_paths,
     {"\"vlmshim-report.json\"", "none: no report"}},
};

template <const auto& Keys, auto Part>
void read_part(TableReader& top, std::string_view key, Config& config) {
    if (std::optional<TableReader> table = top.table(key)) {
        read_section(Keys, *table, std::invoke(Part, config));
    }
}

template <const auto& Keys, auto Part>
std::string print_part(const Field<Config>& field, const Config& config, const Printing& printing) {
    return "[" + std::string(field.key) + "]\n" + print_fields(Keys, std::invoke(Part, config), printing);
}

template <typename Section, std::size_t count>
std::vector<KeyDescription> describe_array(const Field<Section> (&keys)[count]) {
    return describe_fields<Section>(keys);
}

template <const auto& Keys>
std::vector<KeyDescription> describe_part() {
    return describe_array(Keys);
}

/// Part: the member of Config that the keys belong to, or Config itself.
template <const auto& Keys, auto Part = std::identity{}>
constexpr Kind<Config> section{
    read_part<Keys, Part>, print_part<Keys, Part>, {ValueKind::Table, nullptr, describe_part<Keys>}};

std::vector<KeyDescription> describe_servers() {
    return describe_fields<ServerConfig>(server_fields());
}

constexpr Kind<Config> servers{read_servers, print_servers, {ValueKind::Tables, nullptr, describe_servers}};

constexpr Field<Config> sections[] = {
    {"server", "what is started before the test; several: [[server]]", servers},
    {"test", "what the servers are for; without a command they serve", section<test_fields, &Config::test>},
    {"ports", "the ports that are looked after", section<ports_fields, &Config::ports>},
    {"shutdown", "the end of the run, after the test", section<shutdown_fields>},
    {"signals", "what becomes of the signals that vlmshim gets", section<signals_fields, &Config::signals>},
    {"log", "what vlmshim says of itself", section<log_fields, &Config::log>},
    {"isolation", "how the run is kept apart from the rest of the system", section<isolation_fields>},
    {"report", "what is written about the run", section<report_fields>},
};

std::string print_sections(const Printing& printing) {
    std::string text;
    for (const Field<Config>& field : sections) {
        text += (text.empty() ? "" : "\n") + print_field(field, printing.config, printing);
    }
    return text;
}

}  // namespace

Config read_sections(const TomlTable& root, ConfigErrors& errors) {
    Config config;
    config.file = errors.file();
    TableReader top(root, "", {}, errors);
    read_section(sections, top, config);
    return config;
}

std::string print_config(const Config& config, const std::vector<std::string>& searched) {
    const std::string no_file = "no configuration file" + (searched.empty() ? "" : ": " + describe_search(searched));
    return "# " + (config.file.empty() ? no_file : "from " + toml_string(config.file)) + "\n" +
           print_sections({config});
}

std::string print_config_without_secrets(const Config& config) {
    const auto hide = [](std::map<std::string, std::string>& values) {
        for (auto& [name, value] : values) {
            value = "(not shown)";
        }
    };
    Config shown = config;
    hide(shown.test.env);
    for (ServerConfig& server : shown.servers) {
        hide(server.env);
        hide(server.ready.headers);
    }
    return print_config(shown);
}

std::vector<KeyDescription> describe_config() {
    return describe_fields<Config>(sections);
}

std::string explain_config() {
    Config defaults;
    defaults.servers.resize(1);
    return print_sections({defaults, Show::Meanings});
}

}  // namespace vlmshim
