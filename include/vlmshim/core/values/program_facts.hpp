// Why a command cannot be executed: what is known of its first word.
#pragma once

#include <string>

namespace vlmshim {

struct ProgramFacts {
    enum class File { None, Regular, Folder, Other };

    std::string path{};        // of the file to execute; empty: PATH has none of this name
    File file = File::None;    // what is at the path
    bool has_x_bit = false;    // for any user
    bool executable = false;   // by us
    bool noexec = false;       // its file system is mounted with that option
    std::string first_line{};  // of a script, from "#!" on, as far as the kernel reads it
    bool interpreter_is_there = true;
    bool said_not_there = false;  // exec(2) failed with ENOENT: the file or its interpreter is missing

    // For a word without a slash that is not in PATH:
    File here = File::None;  // the file of this name in the working directory of the command
    bool here_executable = false;
    std::string similar{};  // a program that is in PATH

    std::string folder{};           // the working directory of the command; empty: not known
    bool first_of_several = false;  // the word has blanks, and the part before the first one is a program
};

}  // namespace vlmshim
