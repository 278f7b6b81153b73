// The sections of vlmshim.toml(5), each a table of fields. parse_config and print_config are the ways in.
#pragma once

#include <string>

#include "vlmshim/core/config/config.hpp"
#include "vlmshim/core/config/fields.hpp"

namespace vlmshim {

/// Relative paths are resolved against the folder of the file.
Config read_sections(const TomlTable& root, ConfigErrors& errors);

/// The keys of one [server], the table [server.ready] among them.
Fields<ServerConfig> server_fields();

/// [server.ready], or one string as --ready takes it. To be read last: it is checked against the server's other keys.
void read_ready_section(TableReader& table, std::string_view key, ServerConfig& server);
std::vector<KeyDescription> describe_ready_section();
std::string print_ready_section(const Field<ServerConfig>& field, const ServerConfig& server, const Printing& printing);

/// [server], or [[server]] several times.
void read_servers(TableReader& top, std::string_view key, Config& config);
std::string print_servers(const Field<Config>& field, const Config& config, const Printing& printing);

}  // namespace vlmshim
