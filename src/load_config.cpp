#include "vlmshim/load_config.hpp"

#include <cstdlib>
#include <filesystem>
#include <optional>

#include "vlmshim/core/config_toml.hpp"
#include "vlmshim/os/file.hpp"

namespace vlmshim {

namespace {

namespace fs = std::filesystem;

constexpr const char* file_name = "vlmshim.toml";

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

bool is_there(const fs::path& path) {
    std::error_code ignored;
    return fs::exists(path, ignored);
}

/// A file above the working directory counts only when it is ours or root's: one that somebody else
/// put into /tmp must not start commands in our name.
std::optional<std::string> in_parents() {
    if (is_there(file_name)) {
        return file_name;
    }
    std::error_code error;
    const fs::path here = fs::current_path(error);
    if (error) {
        return std::nullopt;
    }
    const fs::path home = variable("HOME");
    for (fs::path folder = here; folder.has_relative_path(); folder = folder.parent_path()) {
        const std::string candidate = (folder / file_name).string();
        if (os::is_owned_by_us_or_root(candidate.c_str())) {
            return candidate;
        }
        if (is_there(folder / ".git") || folder == home) {
            break;
        }
    }
    return std::nullopt;
}

std::optional<std::string> find_config() {
    if (const std::string named = variable("VLMSHIM_CONFIG"); !named.empty()) {
        return named;
    }
    if (auto near = in_parents()) {
        return near;
    }
    const std::string xdg = variable("XDG_CONFIG_HOME");
    const std::string home = variable("HOME");
    const fs::path base = !xdg.empty() ? fs::path(xdg) : fs::path(home) / ".config";
    if (const fs::path path = base / "vlmshim" / file_name; (!xdg.empty() || !home.empty()) && is_there(path)) {
        return path.string();
    }
    if (const fs::path path = fs::path("/etc") / file_name; is_there(path)) {
        return path.string();
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
