// [server] or [[server]]: the whole list.
#include "vlmshim/core/config/config_check.hpp"
#include "vlmshim/core/config/config_sections.hpp"
#include "vlmshim/core/config/ready_problems.hpp"
#include "vlmshim/core/config/server_order.hpp"

namespace vlmshim {

namespace {

/// The position of the key's value, or of the server where it has no such key.
TextPosition place_of(TableReader& server, std::string_view key) {
    const TomlEntry* entry = server.find(key);
    return entry == nullptr ? server.at() : entry->node.at;
}

void check_command(TableReader& table, const ServerConfig& server) {
    if (table.find("command") == nullptr && !server.external) {
        table.report(table.at(), "'command' is missing in [server]: nothing says how to start it");
    }
    for (const ServerProblem& problem : external_problems(server)) {
        table.report(place_of(table, problem.key), "'" + std::string(problem.key) + "' in [server] " + problem.message);
    }
}

/// Only the first clash of a server is reported: three equal ones are two errors, not three.
template <typename Clash>
void report_clash(const std::vector<ServerConfig>& earlier, const ServerConfig& server, TableReader& table,
                  std::string_view key, Clash clash) {
    for (const ServerConfig& other : earlier) {
        if (const std::optional<std::string> problem = clash(other, server)) {
            table.report(place_of(table, key), *problem);
            return;
        }
    }
}

}  // namespace

void read_servers(TableReader& top, std::string_view key, Config& config) {
    std::vector<TableReader> tables = top.tables(key);
    for (TableReader& table : tables) {
        ServerConfig server;
        read_section(server_fields(), table, server);
        report_clash(config.servers, server, table, "name", name_clash);
        check_command(table, server);
        settle_port(server);
        if (table.find("port") != nullptr) {
            report_clash(config.servers, server, table, "port", port_clash);
        } else if (tables.size() > 1 && !server.external && !own_port(server.ready)) {
            table.report(table.at(), "'port' is missing in [server]: each of several servers needs one of its own");
        }
        config.servers.push_back(std::move(server));
    }
    for (const OrderProblem& problem : order_problems(config.servers)) {
        top.report(place_of(tables[problem.server], "after"), "'after' in [server] " + problem.message);
    }
}

std::string print_servers(const Field<Config>&, const Config& config, const Printing& printing) {
    if (config.servers.empty()) {
        return "# no [server]: the test brings its own\n";
    }
    const std::string header = config.servers.size() == 1 ? "[server]\n" : "[[server]]\n";
    std::string text;
    for (const ServerConfig& server : config.servers) {
        text += (text.empty() ? "" : "\n") + header + print_fields(server_fields(), server, printing);
    }
    return text;
}

}  // namespace vlmshim
