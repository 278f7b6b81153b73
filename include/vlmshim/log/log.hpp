// vlmshim's own messages: spdlog to stderr, as text for people or a JSON object a line.
#pragma once

#include <spdlog/logger.h>

#include <memory>
#include <string>
#include <string_view>

#include "vlmshim/core/config.hpp"

namespace vlmshim::log {

/// Text: "vlmshim: message", with "warning: " or "error: " before it; coloured on a terminal
/// unless NO_COLOR is set. JSON: time (UTC), level, pid, message. A message that does not fit into
/// a full pipe is dropped rather than waited for.
std::shared_ptr<spdlog::logger> make_logger(const LogConfig& config);

/// RFC 8259 string contents, without the quotes. Bytes that are not UTF-8 become U+FFFD.
std::string json_escape(std::string_view text);

}  // namespace vlmshim::log
