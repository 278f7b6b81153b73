// vlmshim's own messages. Only src/log knows spdlog.
#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "vlmshim/core/config/config.hpp"
#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

class Writer;

/// A warning or an error that was said.
struct Told {
    Millis at;  // of os::steady_clock()
    LogLevel level;
    std::string text;
};

class Log {
public:
    virtual ~Log() = default;
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;

    /// Whether a message of this level is shown, or kept.
    bool says(LogLevel level) const { return shows(level) || keeps(level); }

    /// From now on warnings and errors are kept, for a report, also those that are not shown: the first 1000. `before`:
    /// warnings that were said before there was this log.
    void keep(const std::vector<std::string>& before = {});
    const std::vector<Told>& told() const { return told_; }
    /// That were lost because nobody read them in time.
    virtual std::size_t lost_lines() const { return 0; }

    /// One message of joined parts: texts, and numbers, pids and ports as decimal numbers. No line end.
    template <typename... Parts>
    void say(LogLevel level, const Parts&... parts) {
        if (says(level)) {
            std::string text;
            (add(text, parts), ...);
            take(level, text);
        }
    }
    /// The same for text that the report has elsewhere: it is not kept.
    template <typename... Parts>
    void show(LogLevel level, const Parts&... parts) {
        if (shows(level)) {
            std::string text;
            (add(text, parts), ...);
            write(level, text);
        }
    }
    /// The same for a title, and the lines below it. On GitHub Actions these are folded, except in the format JSON.
    void group(LogLevel level, const std::string& title, const std::vector<std::string>& lines) {
        if (shows(level)) {
            write_group(level, title, lines);
        }
    }

    template <typename... Parts>
    void debug(const Parts&... parts) {
        say(LogLevel::Debug, parts...);
    }
    template <typename... Parts>
    void info(const Parts&... parts) {
        say(LogLevel::Info, parts...);
    }
    template <typename... Parts>
    void warn(const Parts&... parts) {
        say(LogLevel::Warning, parts...);
    }
    template <typename... Parts>
    void error(const Parts&... parts) {
        say(LogLevel::Error, parts...);
    }

    /// On GitHub Actions (GITHUB_ACTIONS=true) the failure becomes an annotation too. On stderr, which
    /// the runner reads as well: the test's stdout stays the test's.
    virtual void annotate_failure(std::string_view message) = 0;

    /// A line that a server wrote, shown with the server's name in front, at every level, also Off. No line end.
    virtual void show_output(std::string_view server, std::string_view line) = 0;

    /// Whether show_live_line shows anything: it needs level info, the text format and a terminal that can erase.
    virtual bool has_live_line() const = 0;
    /// One line that stays in place until the next message or erase_live_line, with a spinner in front that turns by
    /// one step a call. Where the terminal is too narrow for `text` it is `shorter`, cut to the width.
    virtual void show_live_line(const std::string& text, const std::string& shorter) = 0;
    virtual void erase_live_line() = 0;

protected:
    explicit Log(LogLevel level) : level_(level) {}
    virtual void write(LogLevel level, const std::string& text) = 0;
    virtual void write_group(LogLevel level, const std::string& title, const std::vector<std::string>& lines);
    LogLevel level() const { return level_; }

private:
    bool shows(LogLevel level) const { return level != LogLevel::Off && level >= level_; }
    bool keeps(LogLevel level) const { return keeps_ && (level == LogLevel::Warning || level == LogLevel::Error); }
    void take(LogLevel level, const std::string& text);

    static void add(std::string& text, std::string_view part) { text += part; }
    static void add(std::string& text, std::integral auto number) { text += std::to_string(number); }
    static void add(std::string& text, Pid pid) { text += std::to_string(pid.value); }
    static void add(std::string& text, Port port) { text += std::to_string(port.number); }

    LogLevel level_;
    bool keeps_ = false;
    std::vector<Told> told_;
};

/// For standard error, written by `writer`, which outlives it. Text: "vlmshim: message", with "warning: " or "error: "
/// before the message; coloured as choose_colour() says. JSON: time (UTC), level, pid, message. Messages may hold text
/// of others as it is: display_text() escapes all of them here.
std::unique_ptr<Log> make_log(const LogConfig& config, Writer& writer);

}  // namespace vlmshim
