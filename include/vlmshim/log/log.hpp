// vlmshim's own messages: spdlog to stderr, as text for people or a JSON object a line.
#pragma once

#include <spdlog/logger.h>

#include <memory>
#include <string>
#include <string_view>

#include "vlmshim/core/config.hpp"

namespace vlmshim::log {

/// Text: "vlmshim: message", with "warning: " or "error: " before it; coloured on a terminal
/// unless NO_COLOR is set or TERM is "dumb". JSON: time (UTC), level, pid, message. A message that does not fit into
/// a full pipe is dropped rather than waited for.
std::shared_ptr<spdlog::logger> make_logger(const LogConfig& config);

/// Whether show_live_line would show anything: text of level info on a terminal that can erase.
bool has_live_line(const spdlog::logger& logger);
/// One line that stands in place until the next message or erase_live_line; no longer than the
/// terminal is wide. In front of it something turns, by one step a call.
void show_live_line(spdlog::logger& logger, const std::string& text);
void erase_live_line(spdlog::logger& logger);

/// RFC 8259 string contents, without the quotes. Bytes that are not UTF-8 become U+FFFD.
std::string json_escape(std::string_view text);

}  // namespace vlmshim::log
