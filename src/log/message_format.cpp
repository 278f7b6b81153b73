#include "message_format.hpp"

#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include "vlmshim/core/values/display_text.hpp"
#include "vlmshim/core/values/json_text.hpp"
#include "vlmshim/core/values/utc_text.hpp"

namespace vlmshim {

namespace {

std::string_view level_name(spdlog::level::level_enum level) {
    switch (level) {
        case spdlog::level::trace:
            return "trace";
        case spdlog::level::debug:
            return "debug";
        case spdlog::level::info:
            return "info";
        case spdlog::level::warn:
            return "warning";
        case spdlog::level::err:
        case spdlog::level::critical:
            return "error";
        case spdlog::level::off:
        case spdlog::level::n_levels:
            break;
    }
    return "";
}

std::string_view text_of(const spdlog::details::log_msg& message) {
    return {message.payload.data(), message.payload.size()};
}

std::string as_json(const spdlog::details::log_msg& message) {
    const auto since_epoch = std::chrono::duration_cast<Millis>(message.time.time_since_epoch());
    return fmt::format("{{\"time\":\"{}\",\"level\":\"{}\",\"pid\":{},\"message\":\"{}\"}}\n", utc_text(since_epoch),
                       level_name(message.level), ::getpid(), json_escape(text_of(message)));
}

}  // namespace

std::string MessageFormat::line_of(const spdlog::details::log_msg& message) const {
    switch (format_) {
        case LogFormat::Text:
            break;
        case LogFormat::Json:
            return as_json(message);
    }
    return as_text(message);
}

std::string MessageFormat::line_of_output(std::string_view server, std::string_view text) const {
    const std::string name = std::string(server) + "| ";
    switch (format_) {
        case LogFormat::Text:
            break;
        case LogFormat::Json: {
            const std::string message = name + std::string(text);
            return as_json({"vlmshim", spdlog::level::info, message});
        }
    }
    return dim(name) + display_text(text, Tab::Kept) + '\n';
}

std::string MessageFormat::prefix() const {
    return dim(message_prefix);
}

std::string MessageFormat::dim(std::string_view text) const {
    return colour_ == Colour::Yes ? "\033[2m" + std::string(text.substr(0, text.size() - 1)) + "\033[0m "
                                  : std::string(text);
}

std::string MessageFormat::as_text(const spdlog::details::log_msg& message) const {
    std::string line = prefix();
    const bool coloured = message.level >= spdlog::level::warn && colour_ == Colour::Yes;
    if (coloured) {
        line += message.level == spdlog::level::warn ? "\033[33m" : "\033[31m";
    }
    if (message.level != spdlog::level::info) {
        line += level_name(message.level);
        line += ": ";
    }
    if (coloured) {
        line += "\033[0m";
    }
    return line + display_text(text_of(message), Tab::Kept) + '\n';
}

}  // namespace vlmshim
