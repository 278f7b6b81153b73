// Counts and lists for sentences.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

/// "1 process", "3 processes", "2 lines"
std::string count_of(std::size_t count, std::string_view noun);

/// One after the other.
std::string joined(std::initializer_list<std::string_view> parts);

/// "port 8080", "ports 8080, 9000"
std::string list_ports(const std::vector<Port>& ports);

}  // namespace vlmshim
