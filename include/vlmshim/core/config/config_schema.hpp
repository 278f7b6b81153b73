// vlmshim.toml(5) as a JSON schema, for editors: draft-07, which all of them know.
#pragma once

#include <string>

namespace vlmshim {

/// config/vlmshim.schema.json. The parser refuses whatever the schema refuses, and more: names, addresses, keys that do
/// not go together.
std::string config_schema();

}  // namespace vlmshim
