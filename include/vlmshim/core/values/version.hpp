// The version in `vlmshim --version` and in reports.
#pragma once

#include <string_view>

namespace vlmshim {

std::string_view version();

}  // namespace vlmshim
