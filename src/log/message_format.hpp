// How a message becomes a line.
#pragma once

#include <spdlog/details/log_msg.h>

#include <string>
#include <string_view>

#include "vlmshim/core/config/config.hpp"
#include "vlmshim/core/values/colour.hpp"

namespace vlmshim {

inline constexpr std::string_view message_prefix = "vlmshim: ";

class MessageFormat {
public:
    MessageFormat(LogFormat format, Colour colour) : format_(format), colour_(colour) {}

    /// With its line end. Text of others in the message is escaped.
    std::string line_of(const spdlog::details::log_msg& message) const;
    /// Of a line that a server wrote: "model| text", with the server's name in place of ours.
    std::string line_of_output(std::string_view server, std::string_view text) const;
    /// The beginning of every line of text.
    std::string prefix() const;

private:
    /// `text` ends with a blank.
    std::string dim(std::string_view text) const;
    std::string as_text(const spdlog::details::log_msg& message) const;

    LogFormat format_;
    Colour colour_;
};

}  // namespace vlmshim
