// A command that could not be executed: what is known of its first word.
#pragma once

#include <string>

namespace vlmshim {

struct ProgramFacts {
    enum class File { None, Regular, Folder, Other };

    std::string path{};        // that was to be executed; empty: none of this name is in PATH
    File file = File::None;    // what is there
    bool has_x_bit = false;    // anybody's
    bool executable = false;   // by us
    bool noexec = false;       // its file system is mounted so
    std::string first_line{};  // of a script, from "#!" on, as far as the kernel reads it
    bool interpreter_is_there = true;
    bool said_not_there = false;  // by exec(2), which means the file or what it names

    // Of a word without a slash that is not in PATH:
    File here = File::None;  // what has this name in the working directory of the command
    bool here_executable = false;
    std::string similar{};  // a program that is in PATH

    std::string folder{};           // the working directory of the command; empty: not known
    bool first_of_several = false;  // the word has blanks, and what is before the first one is a program
};

}  // namespace vlmshim
