// vlmshim's own messages: spdlog to stderr, as text for people or a JSON object a line.
#pragma once

#include <spdlog/logger.h>

#include <memory>
#include <string_view>

#include "vlmshim/core/config/config.hpp"

namespace vlmshim::log {

/// Text: "vlmshim: message", with "warning: " or "error: " before it; coloured on a terminal
/// unless NO_COLOR is set or TERM is "dumb". JSON: time (UTC), level, pid, message. A message that does not fit into
/// a full pipe is dropped rather than waited for.
std::shared_ptr<spdlog::logger> make_logger(const LogConfig& config);

/// On GitHub Actions (GITHUB_ACTIONS=true) the failure becomes an annotation too. On stderr, which
/// the runner reads as well: the test's stdout stays the test's.
void annotate_failure(const LogConfig& config, std::string_view message);

/// Whether show_live_line would show anything: text of level info on a terminal that can erase.
bool has_live_line(const spdlog::logger& logger);
/// One line that stands in place until the next message or erase_live_line. Where the terminal is too
/// narrow for `text` it is `shorter`, and that is cut. In front of it something turns, by one step a call.
void show_live_line(spdlog::logger& logger, const std::string& text, const std::string& shorter);
void erase_live_line(spdlog::logger& logger);

}  // namespace vlmshim::log
