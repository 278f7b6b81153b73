// The scripts of npm's package.json.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace vlmshim {

/// Its "scripts", by name. From a file that is not valid JSON, those before the error.
std::map<std::string, std::string> package_scripts(std::string_view package_json);

}  // namespace vlmshim
