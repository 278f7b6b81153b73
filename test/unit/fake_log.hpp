// A log that keeps what was said.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vlmshim/core/config/config_choices.hpp"
#include "vlmshim/log/log.hpp"

namespace vlmshim::test {

class FakeLog final : public Log {
public:
    explicit FakeLog(LogLevel level = LogLevel::Debug) : Log(level) {}

    std::vector<std::string> lines;  // "error: text"
    std::vector<std::string> annotations;
    bool on_terminal = false;
    std::string live_line;
    std::string shorter_live_line;

    /// What was said since the last call, a line each, without a line end behind the last one.
    std::string take() {
        std::string all;
        for (const std::string& line : std::exchange(lines, {})) {
            all += (all.empty() ? "" : "\n") + line;
        }
        return all;
    }

    void annotate_failure(std::string_view message) override { annotations.emplace_back(message); }
    void show_output(std::string_view server, std::string_view line) override {
        lines.push_back(std::string(server) + "| " + std::string(line));
    }
    bool has_live_line() const override { return on_terminal; }
    void show_live_line(const std::string& text, const std::string& shorter) override {
        live_line = text;
        shorter_live_line = shorter;
    }
    void erase_live_line() override {
        live_line.clear();
        shorter_live_line.clear();
    }

    bool folds = false;

protected:
    void write_group(LogLevel level, const std::string& title, const std::vector<std::string>& group) override {
        if (!folds) {
            return Log::write_group(level, title, group);
        }
        lines.push_back("group: " + title);
        for (const std::string& line : group) {
            write(level, line);
        }
        lines.emplace_back("end of group");
    }
    void write(LogLevel level, const std::string& text) override { lines.push_back(choice_name(level) + ": " + text); }
};

}  // namespace vlmshim::test
