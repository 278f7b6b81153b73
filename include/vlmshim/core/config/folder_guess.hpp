// What could be served and tested in a folder, guessed from what is in it and in PATH. Only commands that can work.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace vlmshim {

/// Files whose text is looked at, and programs that matter when they are in PATH.
std::vector<std::string> files_to_read();
std::vector<std::string> programs_to_look_for();

struct FolderFacts {
    std::vector<std::string> files;            // names of regular files in the folder
    std::vector<std::string> files_in_tests;   // and in its folder "tests"
    std::map<std::string, std::string> texts;  // of files_to_read(), by name, those that are there
    std::vector<std::string> programs;         // of programs_to_look_for(), those that can be executed
    std::string schema;                        // where the JSON schema is installed, an absolute path
};

/// [server], ready to be written.
struct GuessedServer {
    std::vector<std::string> command;
    std::string name = "server";
    std::string why{};  // the sentence that says what was seen
    std::string port = "8080";
    std::string port_comment{};
    std::string more_keys{};  // whole lines
    bool has_health = false;  // it answers GET /health
};

struct FolderGuess {
    std::optional<GuessedServer> server;
    std::vector<std::string> test;  // the command; empty: none was found
    bool lacks_pytest = false;      // there are tests for pytest, and no pytest
};

FolderGuess guess_from(const FolderFacts& facts);

}  // namespace vlmshim
