// A command written as one string, split into an argv without a shell.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace vlmshim {

struct ShellWordsError {
    std::string message;  // goes on after the name of what was split: "is empty", "holds a pipe ..."
};

/// Splits at blanks; quotes and backslashes work as in sh. What only a shell could do
/// (pipes, redirections, variables, globs, ';', '&', a leading NAME=value) is an error that
/// says so, never passed on literally by accident.
std::variant<std::vector<std::string>, ShellWordsError> split_command(std::string_view text);

/// Of a shell's variable: letters, digits and '_', no digit first.
bool is_variable_name(std::string_view name);

/// The argv as a person would type it, quoted where needed. For messages only.
std::string join_command(const std::vector<std::string>& argv);

}  // namespace vlmshim
