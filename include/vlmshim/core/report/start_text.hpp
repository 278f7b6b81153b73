// Why a command could not be executed, and what to write instead.
#pragma once

#include <string>
#include <vector>

#include "vlmshim/core/values/program_facts.hpp"

namespace vlmshim {

enum class WrittenIn {
    CommandLine,   // the test, after vlmshim's options
    ServerOption,  // -s, which is split as a shell does it
    File,          // a command of vlmshim.toml
};

/// For people, to go on after "could not be started: ". `reason` is the system's, for what is not recognised.
std::string why_not_executed(const std::vector<std::string>& command, const ProgramFacts& program,
                             const std::string& reason, WrittenIn where);

}  // namespace vlmshim
