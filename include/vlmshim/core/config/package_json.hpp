// What vlmshim wants to know of a package.json, npm's.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace vlmshim {

/// Its "scripts" that are strings. Of a file that is no JSON: as far as it could be read.
std::map<std::string, std::string> package_scripts(std::string_view package_json);

}  // namespace vlmshim
