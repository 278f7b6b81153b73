#include "vlmshim/core/report/start_text.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "vlmshim/core/config/command_line.hpp"
#include "vlmshim/core/values/shell_words.hpp"
#include "vlmshim/core/values/toml_text.hpp"

namespace vlmshim {

namespace {

using File = ProgramFacts::File;
using Words = std::vector<std::string>;

Words rest_of(const Words& command) {
    return {command.begin() + 1, command.end()};
}

Words joined(Words first, const Words& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

/// The command as it has to be written there.
std::string written(const Words& words, WrittenIn where) {
    switch (where) {
        case WrittenIn::CommandLine:
            return "vlmshim -- " + join_command(words);
        case WrittenIn::ServerOption:
            return "-s " + join_command({join_command(words)});
        case WrittenIn::File:
            break;
    }
    return "command = " + toml_array(words);
}

/// The interpreter of a script, by its first line, else by the end of its name; empty: not known.
std::string interpreter_of(const std::string& path, const ProgramFacts& program) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 8> by_ending{{{".py", "python3"},
                                                                                      {".sh", "sh"},
                                                                                      {".bash", "bash"},
                                                                                      {".js", "node"},
                                                                                      {".mjs", "node"},
                                                                                      {".rb", "ruby"},
                                                                                      {".pl", "perl"},
                                                                                      {".php", "php"}}};
    const std::string line = program.first_line.empty() ? "" : program.first_line.substr(2);
    if (const auto split = split_command(line); program.interpreter_is_there && !line.empty()) {
        if (const auto* words = std::get_if<Words>(&split)) {
            const auto base = [](const std::string& word) { return word.substr(word.rfind('/') + 1); };
            const bool is_env = base(words->front()) == "env";
            const auto named = std::find_if(words->begin() + (is_env ? 1 : 0), words->end(),
                                            [](const std::string& word) { return !word.starts_with('-'); });
            return named == words->end() ? "" : base(*named);
        }
    }
    for (const auto& [ending, name] : by_ending) {
        if (path.ends_with(ending)) {
            return std::string(name);
        }
    }
    return "";
}

std::string run_with(const std::string& interpreter, const std::string& path) {
    return "run '" + join_command({interpreter, path}) + "'";
}

std::string chmod_of(const std::string& path) {
    return "'" + join_command({"chmod", "+x", path}) + "'";
}

// --- the first word is not a program. Each of these returns nullopt if it is not the case.

std::optional<std::string> is_option(const Words& command, WrittenIn where) {
    if (!command.front().starts_with('-') || command.front() == "-") {
        return std::nullopt;
    }
    std::vector<const char*> arguments;
    for (const std::string& word : command) {
        arguments.push_back(word.c_str());
    }
    const CommandLine line = parse_command_line(arguments);
    if (where != WrittenIn::CommandLine || !line.errors.empty()) {
        return "it is an option: a command begins with the name of a program";
    }
    Words words(command.begin(), command.end() - static_cast<std::ptrdiff_t>(line.command.size()));
    if (!line.command.empty() && words.back() != "--") {
        words.emplace_back("--");
    }
    words.insert(words.begin(), "vlmshim");
    return "an option of vlmshim comes before the --, after it comes the command: " +
           join_command(joined(std::move(words), line.command));
}

std::optional<std::string> is_several_words(const Words& command, const ProgramFacts& program, WrittenIn where) {
    if (!program.first_of_several) {
        return std::nullopt;
    }
    auto split = split_command(command.front());
    if (const auto* error = std::get_if<ShellWordsError>(&split)) {
        return "it is one word, and " + error->message;
    }
    return "it is one word, with blanks in it: drop the quotes around it, " +
           written(joined(std::get<Words>(std::move(split)), rest_of(command)), where);
}

std::optional<std::string> is_assignment(const Words& command, WrittenIn where) {
    const std::string& word = command.front();
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || !is_variable_name(std::string_view(word).substr(0, equals))) {
        return std::nullopt;
    }
    return "it sets a variable, which only a shell understands: " + written(joined({"env"}, command), where) +
           (where == WrittenIn::File ? ", or the key env" : "");
}

std::optional<std::string> is_of_the_shell(const Words& command, WrittenIn where) {
    constexpr std::array<std::string_view, 12> builtins{"cd",   "export", "unset", ".",      "source", "set",
                                                        "eval", "exec",   "umask", "ulimit", "alias",  "trap"};
    if (std::find(builtins.begin(), builtins.end(), command.front()) == builtins.end()) {
        return std::nullopt;
    }
    const bool is_whole = std::find(command.begin(), command.end(), "&&") != command.end() ||
                          std::find(command.begin(), command.end(), ";") != command.end();
    std::string line;
    for (const std::string& word : command) {
        const bool is_operator = word == "&&" || word == ";" || word == "||";
        line += (line.empty() ? "" : " ") + (is_operator ? word : join_command({word}));
    }
    return "it is a command of the shell and no program: " +
           written({command.front() == "source" ? "bash" : "sh", "-c", line + (is_whole ? "" : " && ...")}, where) +
           (where == WrittenIn::File && command.front() == "cd" ? ", or the key cwd" : "");
}

std::optional<std::string> is_option_without_dashes(const Words& command, WrittenIn where) {
    const auto named = [&](const OptionSpec& spec) { return spec.name == command.front(); };
    if (where != WrittenIn::CommandLine || std::none_of(option_table().begin(), option_table().end(), named)) {
        return std::nullopt;
    }
    return "no such program is in PATH; did you mean 'vlmshim " +
           join_command(joined({"--" + command.front()}, rest_of(command))) + "'?";
}

// --- the first word is the name of a program, or should be

std::string not_in_path(const std::string& word, const ProgramFacts& program) {
    const std::string path = "./" + word;
    switch (program.here) {
        case File::Folder:
            return "no such program is in PATH, and in " + program.folder +
                   " it is a folder: a command begins with the name of a program";
        case File::Regular: {
            const std::string interpreter = interpreter_of(word, program);
            const std::string here = "it is not in PATH, but in " + program.folder + ": ";
            return program.here_executable ? here + "write " + join_command({path})
                   : interpreter.empty()   ? here + "write " + join_command({path}) + ", after " + chmod_of(word)
                                           : here + run_with(interpreter, word);
        }
        case File::Other:
        case File::None:
            break;
    }
    return program.similar.empty() ? "no such program is in PATH: install it, or write where it is"
                                   : "no such program is in PATH, but " + program.similar + " is";
}

std::string not_found(const Words& command, const ProgramFacts& program, WrittenIn where) {
    for (const auto& explained :
         {is_option(command, where), is_several_words(command, program, where), is_assignment(command, where)}) {
        if (explained) {
            return *explained;
        }
    }
    const std::string& word = command.front();
    if (!program.path.empty()) {
        return "there is no such file" + (word.starts_with('/') ? "" : " in " + program.folder);
    }
    for (const auto& explained : {is_of_the_shell(command, where), is_option_without_dashes(command, where)}) {
        if (explained) {
            return *explained;
        }
    }
    return not_in_path(word, program);
}

std::string without_interpreter(const ProgramFacts& program) {
    const bool of_windows = program.first_line.ends_with('\r');
    const std::string line = program.first_line.substr(0, program.first_line.size() - (of_windows ? 1 : 0));
    const std::string interpreter = interpreter_of(program.path, program);
    const std::string said = "its first line names an interpreter that is not there (" + line;
    if (of_windows) {
        return said + " and a carriage return): its lines end as on Windows, mend that with " + "'" +
               join_command({"sed", "-i", "s/\\r$//", program.path}) + "'";
    }
    return said + "): mend that line" + (interpreter.empty() ? "" : ", or " + run_with(interpreter, program.path));
}

std::string without_permission(const Words& command, const ProgramFacts& program) {
    const bool is_command = program.path == command.front();
    const std::string which = is_command ? "it" : program.path;
    const std::string interpreter = interpreter_of(program.path, program);
    const std::string run = interpreter.empty() ? "" : run_with(interpreter, program.path);
    if (program.noexec) {
        return which +
               " lies in a file system that is mounted noexec: " + (run.empty() ? "copy it to another one" : run);
    }
    if (program.has_x_bit) {
        return "this user may not execute " + which + (run.empty() ? "" : ": " + run);
    }
    return which + " is not executable: " + chmod_of(program.path) + (run.empty() ? "" : ", or " + run);
}

}  // namespace

std::string why_not_executed(const Words& command, const ProgramFacts& program, const std::string& reason,
                             WrittenIn where) {
    if (command.empty() || command.front().empty()) {
        return "its first word is empty: a command begins with the name of a program";
    }
    switch (program.file) {
        case File::None:
            return not_found(command, program, where);
        case File::Folder:
            return "it is a folder: a command begins with the name of a program";
        case File::Other:
            return "it is not a regular file, and not a program";
        case File::Regular:
            break;
    }
    if (!program.executable) {
        return without_permission(command, program);
    }
    if (!program.interpreter_is_there) {
        return without_interpreter(program);
    }
    // Of the loader that an ELF file names, execve(2).
    const bool lacks_loader = program.said_not_there && program.first_line.empty();
    return lacks_loader ? "its loader is not there: it was built for another system" : reason;
}

}  // namespace vlmshim
