#include "vlmshim/load_config.hpp"

#include <cstdlib>
#include <optional>

#include "vlmshim/core/config/config_toml.hpp"
#include "vlmshim/os/file.hpp"

namespace vlmshim {

namespace {

constexpr const char* file_name = "vlmshim.toml";

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

/// A file above the working directory counts only when it is ours or root's: one that somebody else
/// put into /tmp must not start commands in our name.
std::optional<std::string> in_parents() {
    if (os::is_there(file_name)) {
        return file_name;
    }
    const std::string home = variable("HOME");
    for (std::string folder = os::working_directory(); folder.size() > 1; folder.resize(folder.rfind('/'))) {
        std::string candidate = folder + "/" + file_name;
        if (os::is_owned_by_us_or_root(candidate.c_str())) {
            return candidate;
        }
        if (folder == home || os::is_there((folder + "/.git").c_str())) {
            break;
        }
    }
    return std::nullopt;
}

std::optional<std::string> find_config() {
    if (std::string named = variable("VLMSHIM_CONFIG"); !named.empty()) {
        return named;
    }
    if (auto near = in_parents()) {
        return near;
    }
    const std::string xdg = variable("XDG_CONFIG_HOME");
    const std::string home = variable("HOME");
    const std::string base = !xdg.empty() ? xdg : home.empty() ? "" : home + "/.config";
    if (std::string path = base + "/vlmshim/" + file_name; !base.empty() && os::is_there(path.c_str())) {
        return path;
    }
    if (std::string path = std::string("/etc/") + file_name; os::is_there(path.c_str())) {
        return path;
    }
    return std::nullopt;
}

}  // namespace

LoadedConfig load_config(const CommandLine& line) {
    LoadedConfig loaded;
    const auto path = line.no_config ? std::nullopt : line.config_file ? line.config_file : find_config();
    if (path) {
        std::error_code error;
        const auto text = os::read_file(path->c_str(), error);
        if (!text) {
            loaded.errors.push_back(*path + ": cannot be read: " + error.message());
            return loaded;
        }
        ParsedConfig parsed = parse_config(*text, *path);
        loaded.config = std::move(parsed.config);
        loaded.errors = std::move(parsed.errors);
    }
    if (loaded.errors.empty()) {
        loaded.errors = finish_config(loaded.config, line);
    }
    return loaded;
}

}  // namespace vlmshim
