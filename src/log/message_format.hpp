// How a message becomes a line.
#pragma once

#include <spdlog/details/log_msg.h>

#include <string>
#include <string_view>

#include "vlmshim/core/config/config.hpp"

namespace vlmshim {

inline constexpr std::string_view message_prefix = "vlmshim: ";

enum class Colour { No, Yes };

class MessageFormat {
public:
    MessageFormat(LogFormat format, Colour colour) : format_(format), colour_(colour) {}

    /// With its end. What others have written in the message is escaped.
    std::string line_of(const spdlog::details::log_msg& message) const;
    /// Of what a server wrote: "model| text" in front of it instead of our own name.
    std::string line_of_output(std::string_view server, std::string_view text) const;
    /// What every line of text begins with.
    std::string prefix() const;

private:
    /// A word that ends with a blank.
    std::string dim(std::string_view text) const;
    std::string as_text(const spdlog::details::log_msg& message) const;

    LogFormat format_;
    Colour colour_;
};

}  // namespace vlmshim
