// What `vlmshim --init` writes: a vlmshim.toml to start from.
#pragma once

#include <string>

#include "vlmshim/core/config/folder_guess.hpp"

namespace vlmshim {

struct FirstConfig {
    std::string text;
    std::string server;  // its command, as a person would type it; empty: the file starts no server
    std::string test;    // likewise for the test
};

/// What was not found is left to the reader, in comments.
FirstConfig first_config(const FolderFacts& facts);

}  // namespace vlmshim
