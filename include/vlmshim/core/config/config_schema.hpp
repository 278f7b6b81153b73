// vlmshim.toml(5) as a JSON schema, for editors: draft-07, which all of them know.
#pragma once

#include <string>

namespace vlmshim {

/// config/vlmshim.schema.json. What it refuses the parser refuses too; the parser knows more (names, addresses,
/// what two keys have to do with each other).
std::string config_schema();

}  // namespace vlmshim
