// What `vlmshim --check` prints beside the configuration: what will not work, as far as that is known without a run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "vlmshim/core/config/config.hpp"
#include "vlmshim/core/values/file_facts.hpp"
#include "vlmshim/core/values/program_facts.hpp"

namespace vlmshim {

/// How many processes and threads a user may have, RLIMIT_NPROC in getrlimit(2).
struct ProcessRoom {
    std::uint64_t limit = 0;
    std::uint64_t used = 0;  // as far as /proc shows them
};

/// What is known of a run before it starts.
struct RunFacts {
    struct Server {
        std::optional<ProgramFacts> program{};  // nullopt: none, or not known before a run
        std::optional<ProgramFacts> probe{};    // of an exec probe
        bool lacks_curl = false;                // its probe needs it
        FileKind cwd = FileKind::Folder;
        std::string output_problem{};  // why its file cannot be written; empty: it can, as far as is known
    };
    std::vector<Server> servers{};  // in the configuration's order
    std::optional<ProgramFacts> test{};
    FileKind test_cwd = FileKind::Folder;
    std::vector<std::string> report_problems{};
    std::vector<std::string> ports{};   // sentences of the port guard
    std::optional<ProcessRoom> room{};  // nullopt: no limit
    std::string no_namespace{};         // why a PID namespace, where one is wanted, cannot be made
};

/// A sentence each; empty: nothing is known that would fail.
std::vector<std::string> what_will_not_work(const Config& config, const RunFacts& facts);

}  // namespace vlmshim
