// The environment for a SpawnRequest, and the meaning of a SpawnError.
#include <algorithm>
#include <string_view>

#include "vlmshim/core/values/exit_status.hpp"
#include "vlmshim/os/spawn.hpp"

extern char** environ;

namespace vlmshim::os {

std::vector<std::string> make_environment(const std::vector<std::string>& unset,
                                          const std::map<std::string, std::string>& set) {
    const auto dropped = [&](std::string_view entry) {
        const std::string name(entry.substr(0, entry.find('=')));
        return set.contains(name) || std::find(unset.begin(), unset.end(), name) != unset.end();
    };
    std::vector<std::string> environment;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        if (!dropped(*entry)) {
            environment.emplace_back(*entry);
        }
    }
    for (const auto& [name, value] : set) {
        environment.push_back(name + "=" + value);
    }
    return environment;
}

std::string describe(const SpawnError& error, const std::string& path) {
    const std::string reason = error.error.message();
    switch (error.stage) {
        case SpawnError::Stage::Output:
            return "its output" + (path.empty() ? "" : " '" + path + "'") + ": " + reason;
        case SpawnError::Stage::Fork:
            return "a process could not be started: " + reason;
        case SpawnError::Stage::Namespace:
            return "joining the run's namespace: " + reason;
        case SpawnError::Stage::Directory:
            return "working directory '" + path + "': " + reason;
        case SpawnError::Stage::Exec:
            return reason;
    }
    return reason;
}

int exit_code_for(const SpawnError& error) {
    if (error.stage != SpawnError::Stage::Exec) {
        return exit_own_failure;
    }
    return error.error == std::errc::no_such_file_or_directory ? exit_not_found : exit_not_executable;
}

}  // namespace vlmshim::os
