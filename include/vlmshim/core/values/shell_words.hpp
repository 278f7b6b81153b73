// A command written as one string, split into an argv without a shell.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace vlmshim {

struct ShellWordsError {
    std::string message;  // to follow the name of what was split: "is empty", "holds a pipe ..."
};

/// Splits at blanks; quotes and backslashes work as in sh. Whatever only a shell can do (pipes, redirections,
/// variables, globs, ';', '&', a leading NAME=value) is an error, and never passed on literally by accident.
std::variant<std::vector<std::string>, ShellWordsError> split_command(std::string_view text);

/// Whether a shell accepts it as the name of a variable: letters, digits and '_', no digit first.
bool is_variable_name(std::string_view name);

/// The argv as a user would type it, quoted where bash needs it. For messages only.
std::string join_command(const std::vector<std::string>& argv);

}  // namespace vlmshim
