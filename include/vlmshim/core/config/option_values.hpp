// The value of each option, and what is wrong with it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "vlmshim/core/config/command_line.hpp"

namespace vlmshim {

/// Fills in a command line that it borrows, errors included.
class OptionValues {
public:
    explicit OptionValues(CommandLine& line) : line_(line) {}

    /// `value` is empty for an option that takes none.
    void take(Option option, std::string_view value);
    /// One more port, for which messages name this option.
    void take_port(const std::string& option, std::string_view value);

private:
    void fail(std::string message) { line_.errors.push_back(std::move(message)); }
    void set_mode(Mode mode);
    void read_config_file(std::string_view value);
    void read_server(std::string_view value);
    void read_output(std::string_view value);
    void read_ready(std::string_view value);
    void read_report(std::string_view value);
    void read_duration(const std::string& option, std::string_view value, std::optional<Millis>& duration);
    void read_timeout(std::string_view value);
    template <typename Enum>
    void read_choice(const std::string& option, std::string_view value, std::optional<Enum>& choice);
    void change_verbosity(int step);

    CommandLine& line_;
    int verbosity_ = 0;  // the -v (above 0) or -q (below) in a row so far
};

}  // namespace vlmshim
