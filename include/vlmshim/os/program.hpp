// Why a program cannot be executed: facts of the file that its name leads to.
#pragma once

#include <string>
#include <vector>

#include "vlmshim/core/values/program_facts.hpp"

namespace vlmshim::os {

/// Of `word`, looked up as execvp(3) does with this environment and working directory (empty: the current one). Opens
/// nothing that could make us wait.
ProgramFacts look_at_program(const std::string& word, const std::vector<std::string>& environment,
                             const std::string& cwd);

}  // namespace vlmshim::os
