#include "vlmshim/log/log.hpp"

#include <spdlog/fmt/chrono.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <cstdlib>

#include "vlmshim/core/github.hpp"
#include "vlmshim/core/json_text.hpp"
#include "vlmshim/os/file.hpp"

namespace vlmshim::log {

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

spdlog::level::level_enum to_spdlog(LogLevel level) {
    switch (level) {
        case LogLevel::Trace:
            return spdlog::level::trace;
        case LogLevel::Debug:
            return spdlog::level::debug;
        case LogLevel::Info:
            return spdlog::level::info;
        case LogLevel::Warning:
            return spdlog::level::warn;
        case LogLevel::Error:
            return spdlog::level::err;
        case LogLevel::Off:
            return spdlog::level::off;
    }
    return spdlog::level::info;
}

/// One write per message, so that messages of several processes do not mix within a line.
class StderrSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
public:
    explicit StderrSink(LogFormat format) : format_(format) {
        const char* no_color = std::getenv("NO_COLOR");
        colour_ = ::isatty(STDERR_FILENO) == 1 && (no_color == nullptr || *no_color == '\0');
    }

private:
    void sink_it_(const spdlog::details::log_msg& message) override {
        std::string line;
        switch (format_) {
            case LogFormat::Text:
                line = as_text(message);
                break;
            case LogFormat::Json:
                line = as_json(message);
                break;
        }
        os::write_without_waiting(STDERR_FILENO, line.data(), line.size());
    }

    void flush_() override {}

    std::string as_text(const spdlog::details::log_msg& message) const {
        std::string line = colour_ ? "\033[2mvlmshim:\033[0m " : "vlmshim: ";
        const bool wrong = message.level >= spdlog::level::warn;
        if (wrong && colour_) {
            line += message.level == spdlog::level::warn ? "\033[33m" : "\033[31m";
        }
        if (message.level != spdlog::level::info) {
            line += level_name(message.level);
            line += ": ";
        }
        if (wrong && colour_) {
            line += "\033[0m";
        }
        line.append(message.payload.data(), message.payload.size());
        line += '\n';
        return line;
    }

    static std::string as_json(const spdlog::details::log_msg& message) {
        const auto since_epoch = message.time.time_since_epoch();
        const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count() % 1000;
        const std::time_t seconds = spdlog::log_clock::to_time_t(message.time);
        return fmt::format("{{\"time\":\"{:%Y-%m-%dT%H:%M:%S}.{:03}Z\",\"level\":\"{}\",\"pid\":{},\"message\":\"{}\"}}\n",
                           fmt::gmtime(seconds), millis, level_name(message.level), ::getpid(),
                           json_escape({message.payload.data(), message.payload.size()}));
    }

    LogFormat format_;
    bool colour_ = false;
};

}  // namespace

std::shared_ptr<spdlog::logger> make_logger(const LogConfig& config) {
    auto logger = std::make_shared<spdlog::logger>("vlmshim", std::make_shared<StderrSink>(config.format));
    logger->set_level(to_spdlog(config.level));
    return logger;
}

void annotate_failure(const LogConfig& config, std::string_view message) {
    const char* on_github = std::getenv("GITHUB_ACTIONS");
    if (on_github != nullptr && std::string_view(on_github) == "true" && config.level != LogLevel::Off) {
        const std::string line = github_error(message);
        os::write_without_waiting(STDERR_FILENO, line.data(), line.size());
    }
}

}  // namespace vlmshim::log
