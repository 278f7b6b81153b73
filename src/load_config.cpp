#include "vlmshim/load_config.hpp"

#include "vlmshim/cleanup/signal_wait.hpp"
#include "vlmshim/core/config/config_trust.hpp"
#include "vlmshim/core/values/file_path.hpp"
#include "vlmshim/core/values/signal_names.hpp"
#include "vlmshim/find_config.hpp"
#include "vlmshim/os/environment.hpp"
#include "vlmshim/os/folder.hpp"
#include "vlmshim/os/found_file.hpp"

namespace vlmshim {

namespace {

/// An empty variable counts as not set.
std::optional<std::string> named_by(const CommandLine& line) {
    if (line.config_file) {
        return line.config_file;
    }
    const std::string_view variable = os::environment("VLMSHIM_CONFIG");
    return variable.empty() ? std::nullopt : std::optional<std::string>(variable);
}

ConfigSearch open_named_config(const std::string& path) {
    std::error_code error;
    ConfigSource source{path, os::open_named(path, error), RelativeTo::FolderOfFile};
    if (!source.file) {
        return {.source = {}, .error = path + ": cannot be read: " + error.message(), .warnings = {}, .folders = {}};
    }
    // A pipe has no folder, and that of a file named as /dev/stdin is not meant.
    if (os::facts_of(source.file.get()).kind != FileKind::Regular || descriptor_named(path)) {
        source.base = RelativeTo::CallersFolder;
    }
    return {.source = std::move(source), .error = {}, .warnings = {}, .folders = {}};
}

/// Reads all of it into `text`, or returns what is wrong. A signal ends the wait for the writer of a pipe.
std::string read_whole(const ConfigSource& source, SignalWait& waiting, std::string& text) {
    const bool waits = os::facts_of(source.file.get()).kind != FileKind::Regular;
    for (;;) {
        if (waits && !waiting.wait_readable(source.file.get())) {
            return source.path + ": " + signal_name(*waiting.ended_by()) + " came while it was waited for";
        }
        const os::ReadSome read = os::read_some(source.file.get());
        if (read.error) {
            return source.path + ": cannot be read: " + read.error.message();
        }
        text += read.bytes;
        if (text.size() > longest_config) {
            return source.path + ": is longer than 1 MiB, and no configuration is";
        }
        if (read.bytes.empty() && !read.more) {
            return {};
        }
    }
}

}  // namespace

LoadedConfig load_config(const CommandLine& line, const os::InheritedSignals& inherited) {
    LoadedConfig loaded;
    const auto named = named_by(line);
    ConfigSearch search = line.no_config ? ConfigSearch{} : named ? open_named_config(*named) : find_config();
    loaded.warnings = std::move(search.warnings);
    loaded.folders = search.folders;
    if (!search.error.empty()) {
        loaded.errors.push_back(std::move(search.error));
        return loaded;
    }
    if (search.source) {
        std::string text;
        SignalWait waiting(inherited);
        if (std::string problem = read_whole(*search.source, waiting, text); !problem.empty()) {
            loaded.errors.push_back(std::move(problem));
            loaded.ended_by = waiting.ended_by();
            return loaded;
        }
        ParsedConfig parsed = parse_config(text, search.source->path, search.source->base);
        loaded.config = std::move(parsed.config);
        loaded.errors = std::move(parsed.errors);
    }
    if (loaded.errors.empty()) {
        loaded.errors = finish_config(loaded.config, line, search.folders);
    }
    return loaded;
}

}  // namespace vlmshim
