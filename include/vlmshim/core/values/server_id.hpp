// Identifies a server of the configuration.
#pragma once

#include <cstddef>

namespace vlmshim {

/// Index into Config::servers.
enum class ServerId : std::size_t {};

constexpr std::size_t index_of(ServerId server) {
    return static_cast<std::size_t>(server);
}

}  // namespace vlmshim
