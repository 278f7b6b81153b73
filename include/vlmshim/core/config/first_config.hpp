// What `vlmshim --init` writes: a vlmshim.toml to start from, for what is seen in a folder.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace vlmshim {

/// Files whose text decides something, and programs that decide something by being in PATH.
std::vector<std::string> files_to_read();
std::vector<std::string> programs_to_look_for();

struct FolderFacts {
    std::vector<std::string> files;            // names of regular files in the folder
    std::vector<std::string> files_in_tests;   // and in its folder "tests"
    std::map<std::string, std::string> texts;  // of files_to_read(), by name, those that are there
    std::vector<std::string> programs;         // of programs_to_look_for(), those that can be executed
    std::string schema;                        // where the JSON schema is installed, an absolute path
};

struct FirstConfig {
    std::string text;
    std::string server;  // its command, for people; empty: the file starts none
    std::string test;    // the same of the test
};

/// Only commands that can work stand in it, others in comments.
FirstConfig first_config(const FolderFacts& facts);

}  // namespace vlmshim
