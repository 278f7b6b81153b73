#include "vlmshim/log/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/sink.h>
#include <unistd.h>

#include <array>
#include <string_view>

#include "message_format.hpp"
#include "vlmshim/core/report/github.hpp"
#include "vlmshim/core/values/display_text.hpp"
#include "vlmshim/core/values/words.hpp"
#include "vlmshim/log/writer.hpp"
#include "vlmshim/os/clock.hpp"
#include "vlmshim/os/environment.hpp"
#include "vlmshim/os/terminal.hpp"

namespace vlmshim {

namespace {

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

Colour colour_for(bool capable) {
    return choose_colour(
        {.no_color = os::environment("NO_COLOR"), .force_color = os::environment("FORCE_COLOR"), .capable = capable});
}

/// As setlocale(3) would decide for LC_CTYPE.
bool locale_is_utf8() {
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        if (const std::string_view locale = os::environment(name); !locale.empty()) {
            const auto names = [&](std::string_view codeset) { return locale.find(codeset) != std::string_view::npos; };
            return names("UTF-8") || names("utf8") || names("utf-8") || names("UTF8");
        }
    }
    return false;
}

// To the end of the screen: a terminal whose window becomes narrower breaks the line in two.
constexpr std::string_view erase = "\r\033[J";

/// One line per message, so that messages of several processes do not mix within a line.
class StderrSink final : public spdlog::sinks::sink {
public:
    StderrSink(LogFormat format, Writer& writer)
        : writer_(writer),
          capable_(::isatty(STDERR_FILENO) == 1 && os::environment("TERM") != "dumb"),
          format_(format, colour_for(capable_)),
          can_show_live_(capable_ && format == LogFormat::Text),
          utf8_(locale_is_utf8()) {
        writer_.describe_lost_by([own = format_](std::size_t lines) {  // a copy: the writer outlives this
            const std::string text = count_of(lines, "line") + " missing here: nobody read them in time";
            return own.line_of({"vlmshim", spdlog::level::warn, text});
        });
    }

    bool can_show_live() const { return can_show_live_; }

    void show_live(const std::string& text, const std::string& shorter) {
        const std::size_t width = os::terminal_columns(STDERR_FILENO);
        const std::size_t room = width > message_prefix.size() + 1 ? width - message_prefix.size() - 1 : 0;
        const std::string turning = spinner() + " ";
        const std::string all = turning + display_text(text);
        const std::string visible = cut(all, room) == all ? all : turning + display_text(shorter);
        // The cursor stays at the line's beginning, so that all of a broken line can be erased.
        const std::string line = std::string(erase) + format_.prefix() + cut(visible, room) + "\r";
        live_ = writer_.now_or_never(line) || live_;
    }

    void erase_live() {
        if (live_) {
            writer_.unmissed(std::string(erase));
            live_ = false;
        }
    }

    void log(const spdlog::details::log_msg& message) override { write_lines(format_.line_of(message), 1); }

    /// As one entry of the queue, which is lost as a whole: a runner that gets no end of a group folds all that
    /// follows.
    void write_folded(spdlog::level::level_enum level, std::string_view title, const std::vector<std::string>& lines) {
        std::string all = github_group(std::string(message_prefix) + std::string(title));
        for (const std::string& line : lines) {
            all += format_.line_of({"vlmshim", level, line});
        }
        write_lines(all + std::string(github_group_end), lines.size() + 2);
    }

    void show_output(std::string_view server, std::string_view text) {
        write_lines(format_.line_of_output(server, text), 1);
    }

    void flush() override {}
    // MessageFormat has the only formats; no pattern is ever set.
    void set_pattern(const std::string&) override {}
    void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

private:
    /// In place of the live line, if there is one.
    void write_lines(const std::string& text, std::size_t lines) {
        writer_.lines((live_ ? std::string(erase) : std::string()) + text, lines);
        live_ = false;
    }

    std::string spinner() {
        constexpr std::array<std::string_view, 10> dots{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};
        constexpr std::array<std::string_view, 4> strokes{"|", "/", "-", "\\"};
        ++step_;
        return std::string(utf8_ ? dots[step_ % dots.size()] : strokes[step_ % strokes.size()]);
    }

    /// At most `room` characters of UTF-8.
    static std::string cut(const std::string& text, std::size_t room) {
        std::size_t end = 0;
        for (std::size_t left = room; end < text.size(); ++end) {
            const bool starts_character = (static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U;
            if (starts_character && left-- == 0) {
                break;
            }
        }
        return text.substr(0, end);
    }

    Writer& writer_;
    bool capable_;
    MessageFormat format_;
    bool can_show_live_;
    bool utf8_;
    bool live_ = false;
    std::size_t step_ = 0;
};

class StderrLog final : public Log {
public:
    StderrLog(const LogConfig& config, Writer& writer)
        : Log(config.level),
          writer_(writer),
          sink_(std::make_shared<StderrSink>(config.format, writer)),
          logger_("vlmshim", sink_),
          on_github_(os::is_on_github()),
          folds_(on_github_ && config.format == LogFormat::Text) {
        logger_.set_level(to_spdlog(config.level));
    }

    void annotate_failure(std::string_view message) override {
        if (on_github_ && level() != LogLevel::Off) {
            writer_.line(github_error(message));
        }
    }

    void show_output(std::string_view server, std::string_view line) override { sink_->show_output(server, line); }

    std::size_t lost_lines() const override { return writer_.lost_lines(); }

    bool has_live_line() const override { return says(LogLevel::Info) && sink_->can_show_live(); }
    void show_live_line(const std::string& text, const std::string& shorter) override {
        sink_->show_live(text, shorter);
    }
    void erase_live_line() override { sink_->erase_live(); }

private:
    void write(LogLevel level, const std::string& text) override {
        logger_.log(to_spdlog(level), spdlog::string_view_t(text.data(), text.size()));
    }

    void write_group(LogLevel level, const std::string& title, const std::vector<std::string>& lines) override {
        if (folds_) {
            sink_->write_folded(to_spdlog(level), title, lines);
        } else {
            Log::write_group(level, title, lines);
        }
    }

    Writer& writer_;
    std::shared_ptr<StderrSink> sink_;
    spdlog::logger logger_;
    bool on_github_;
    bool folds_;
};

}  // namespace

void Log::keep(const std::vector<std::string>& before) {
    keeps_ = true;
    for (const std::string& text : before) {
        told_.push_back({os::steady_clock(), LogLevel::Warning, text});
    }
}

void Log::take(LogLevel level, const std::string& text) {
    constexpr std::size_t most_kept = 1'000;
    if (keeps(level) && told_.size() < most_kept) {
        told_.push_back({os::steady_clock(), level, text});
    }
    if (shows(level)) {
        write(level, text);
    }
}

void Log::write_group(LogLevel level, const std::string& title, const std::vector<std::string>& lines) {
    write(level, title);
    for (const std::string& line : lines) {
        write(level, line);
    }
}

std::unique_ptr<Log> make_log(const LogConfig& config, Writer& writer) {
    return std::make_unique<StderrLog>(config, writer);
}

}  // namespace vlmshim
