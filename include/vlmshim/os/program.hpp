// Why a program could not be executed: what is there in its place.
#pragma once

#include <string>
#include <vector>

#include "vlmshim/core/values/program_facts.hpp"

namespace vlmshim::os {

/// Of `word` as execvp(3) looks for it with this environment and working directory (empty: ours). Opens nothing that
/// could wait.
ProgramFacts look_at_program(const std::string& word, const std::vector<std::string>& environment,
                             const std::string& cwd);

}  // namespace vlmshim::os
