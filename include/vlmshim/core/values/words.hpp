// Counts and lists for sentences.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

/// "1 process", "3 processes", "2 lines"
std::string count_of(std::size_t count, std::string_view noun);

/// "port 8080", "ports 8080, 9000"
std::string list_ports(const std::vector<Port>& ports);

}  // namespace vlmshim
