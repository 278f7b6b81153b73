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

/// Follows "could not be started: ". `reason`: of the system, where no better one is known.
std::string why_not_executed(const std::vector<std::string>& command, const ProgramFacts& program,
                             const std::string& reason, WrittenIn where);

}  // namespace vlmshim
