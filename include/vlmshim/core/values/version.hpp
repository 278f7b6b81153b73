// What `vlmshim --version` and the report say.
#pragma once

#include <string_view>

namespace vlmshim {

std::string_view version();

}  // namespace vlmshim
