// The kinds of values: how each is written in TOML, and the message for one that is not.
#include <algorithm>

#include "vlmshim/core/config/toml_reader.hpp"
#include "vlmshim/core/values/duration.hpp"
#include "vlmshim/core/values/nearest.hpp"
#include "vlmshim/core/values/shell_words.hpp"
#include "vlmshim/core/values/signal_names.hpp"
#include "vlmshim/core/values/toml_text.hpp"

namespace vlmshim {

std::optional<std::string> TableReader::read_text(const TomlNode& node, std::string_view key,
                                                  const std::string& wanted) {
    const auto* text = std::get_if<std::string>(&node.value);
    if (text == nullptr) {
        mismatch(node, key, wanted);
        return std::nullopt;
    }
    if (text->find('\0') != std::string::npos) {
        errors_.add(node.at, describe(key) + " must not hold a NUL byte, found " + describe_found(node, values_));
        return std::nullopt;
    }
    return *text;
}

std::optional<std::vector<std::string>> TableReader::read_texts(const TomlNode& node, std::string_view key,
                                                                const std::string& wanted) {
    const auto* array = std::get_if<TomlArray>(&node.value);
    if (array == nullptr) {
        mismatch(node, key, wanted);
        return std::nullopt;
    }
    std::vector<std::string> texts;
    for (const TomlNode& element : *array) {
        if (std::optional<std::string> text = read_text(element, key, wanted)) {
            texts.push_back(*std::move(text));
        }
    }
    return texts.size() == array->size() ? std::optional(texts) : std::nullopt;
}

std::optional<std::string> TableReader::text(std::string_view key) {
    const TomlEntry* entry = find(key);
    return entry == nullptr ? std::nullopt : text_of(*entry);
}

std::optional<std::string> TableReader::text_of(const TomlEntry& entry) {
    return read_text(entry.node, entry.key, "a string");
}

std::optional<std::vector<std::string>> TableReader::texts(std::string_view key) {
    const TomlEntry* entry = find(key);
    return entry == nullptr ? std::nullopt : read_texts(entry->node, key, "an array of strings");
}

std::optional<std::string> TableReader::path(std::string_view key, const std::string& when_empty) {
    const std::optional<std::string> path = text(key);
    if (path && path->empty()) {
        refuse(key, when_empty);
        return std::nullopt;
    }
    return path ? std::optional(beside(*path)) : std::nullopt;
}

std::optional<std::vector<std::string>> TableReader::paths(std::string_view key, const std::string& when_empty) {
    const TomlEntry* entry = find(key);
    if (entry == nullptr) {
        return std::nullopt;
    }
    if (std::holds_alternative<std::string>(entry->node.value)) {
        const std::optional<std::string> one = path(key, when_empty);
        return one ? std::optional(std::vector{*one}) : std::nullopt;
    }
    const auto texts = read_texts(entry->node, key, "a string or an array of strings");
    if (texts && texts->empty()) {
        refuse(key, when_empty);
    }
    std::vector<std::string> paths;
    for (const std::string& text : texts.value_or(std::vector<std::string>{})) {
        if (text.empty()) {
            refuse(key, when_empty);
        } else if (std::find(paths.begin(), paths.end(), beside(text)) != paths.end()) {
            refuse(key, "names a file twice: " + quote_found(text));
        } else {
            paths.push_back(beside(text));
        }
    }
    return paths;
}

std::optional<Port> TableReader::read_port(const TomlNode& node, std::string_view key, const std::string& wanted) {
    if (const auto* word = std::get_if<std::string>(&node.value); word != nullptr && *word == "auto") {
        return auto_port;
    }
    const auto* number = std::get_if<std::int64_t>(&node.value);
    if (number == nullptr || *number < 1 || *number > 65535) {
        mismatch(node, key, wanted);
        return std::nullopt;
    }
    return Port{static_cast<std::uint16_t>(*number)};
}

std::optional<Port> TableReader::port(std::string_view key) {
    const TomlEntry* entry = find(key);
    return entry == nullptr ? std::nullopt
                            : read_port(entry->node, key, "a port number from 1 to 65535, \"auto\" or \"none\"");
}

std::optional<std::vector<Port>> TableReader::ports(std::string_view key) {
    const std::string wanted = "an array of port numbers from 1 to 65535 or \"auto\"";
    const TomlEntry* entry = find(key);
    if (entry == nullptr) {
        return std::nullopt;
    }
    const auto* array = std::get_if<TomlArray>(&entry->node.value);
    if (array == nullptr) {
        mismatch(entry->node, key, wanted);
        return std::nullopt;
    }
    std::vector<Port> ports;
    for (const TomlNode& element : *array) {
        if (const std::optional<Port> port = read_port(element, key, wanted)) {
            ports.push_back(*port);
        }
    }
    return ports.size() == array->size() ? std::optional(ports) : std::nullopt;
}

std::optional<Millis> TableReader::duration(std::string_view key) {
    const TomlEntry* entry = find(key);
    if (entry == nullptr) {
        return std::nullopt;
    }
    if (const auto* number = std::get_if<std::int64_t>(&entry->node.value)) {
        refuse(key, "needs a unit: write \"" + std::to_string(*number) + "s\", found " + describe_found(entry->node));
        return std::nullopt;
    }
    const std::optional<std::string> text = read_text(entry->node, key, "a duration such as \"1.5s\"");
    const std::optional<Millis> duration = text ? parse_duration(*text) : std::nullopt;
    if (text && !duration) {
        refuse(key, explain_bad_duration(*text) + ", found " + quote_found(*text));
    }
    return duration;
}

std::optional<Millis> TableReader::positive_duration(std::string_view key) {
    const std::optional<Millis> read = duration(key);
    if (read == Millis{0}) {
        refuse(key, "must be longer than 0, found " + quote_found(std::get<std::string>(find(key)->node.value)));
        return std::nullopt;
    }
    return read;
}

std::optional<Signal> TableReader::signal(std::string_view key) {
    const TomlEntry* entry = find(key);
    return entry == nullptr ? std::nullopt : signal_of(*entry);
}

std::optional<Signal> TableReader::signal_of(const TomlEntry& entry) {
    const std::string wanted = "the name of a signal such as \"SIGTERM\"";
    const std::optional<std::string> name = read_text(entry.node, entry.key, wanted);
    const std::optional<Signal> signal = name ? parse_signal(*name) : std::nullopt;
    if (name && !signal) {
        errors_.add(entry.node.at, describe(entry.key) + " must be " + wanted + ", found " + quote_found(*name) +
                                       did_you_mean(*name, signal_names(), '"'));
    }
    return signal;
}

std::optional<bool> TableReader::flag(std::string_view key) {
    const TomlEntry* entry = find(key);
    if (entry == nullptr) {
        return std::nullopt;
    }
    if (const auto* value = std::get_if<bool>(&entry->node.value)) {
        return *value;
    }
    mismatch(entry->node, key, "true or false");
    return std::nullopt;
}

std::optional<std::vector<std::string>> TableReader::command(std::string_view key) {
    const TomlEntry* entry = find(key);
    if (entry == nullptr) {
        return std::nullopt;
    }
    std::optional<std::vector<std::string>> words;
    if (const auto* line = std::get_if<std::string>(&entry->node.value)) {
        auto split = split_command(*line);
        if (const auto* error = std::get_if<ShellWordsError>(&split)) {
            refuse(key, error->message + ", found " + quote_found(*line));
            return std::nullopt;
        }
        words = std::get<std::vector<std::string>>(std::move(split));
    } else {
        words = read_texts(entry->node, key, "an array of strings or one string");
    }
    if (words && (words->empty() || words->front().empty())) {
        refuse(key, words->empty() ? "must not be empty" : "must not start with an empty word");
        return std::nullopt;
    }
    return words;
}

}  // namespace vlmshim
