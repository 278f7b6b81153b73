#include "vlmshim/core/config/toml_reader.hpp"

#include <algorithm>

#include "vlmshim/core/values/nearest.hpp"
#include "vlmshim/core/values/toml_text.hpp"

namespace vlmshim {

const TomlEntry* TableReader::find(std::string_view key) {
    if (std::find(known_.begin(), known_.end(), key) == known_.end()) {
        known_.emplace_back(key);
    }
    const auto found = std::find_if(table_.begin(), table_.end(), [&](const TomlEntry& e) { return e.key == key; });
    return found == table_.end() ? nullptr : &*found;
}

std::string TableReader::describe(std::string_view key) const {
    const std::string quoted = "'" + toml_key(key) + "'";
    return name_.empty() ? quoted : quoted + " in [" + name_ + "]";
}

std::string TableReader::name_of(std::string_view key) const {
    return name_.empty() ? std::string(key) : name_ + "." + std::string(key);
}

void TableReader::mismatch(const TomlNode& node, std::string_view key, const std::string& wanted) {
    errors_.add(node.at, describe(key) + " must be " + wanted + ", found " + describe_found(node, values_));
}

void TableReader::refuse(std::string_view key, const std::string& message) {
    for (const TomlEntry& entry : table_) {
        if (entry.key == key) {
            errors_.add(entry.node.at, describe(key) + " " + message);
        }
    }
}

void TableReader::refuse_key(const TomlEntry& entry, const std::string& message) {
    errors_.add(entry.at, describe(entry.key) + " " + message);
}

void TableReader::refuse_word(std::string_view key, const std::string& word, const std::vector<std::string>& allowed) {
    refuse(key, "must be one of " + list_quoted(allowed) + ", found " + quote_found(word) +
                    did_you_mean(word, allowed, '"'));
}

std::string TableReader::beside(const std::string& path) const {
    const std::string& base = errors_.base();
    if (base.empty() || path.starts_with('/')) {
        return path;
    }
    if (path == ".") {
        return base == "/" ? base : base.substr(0, base.size() - 1);
    }
    return base + path;
}

std::optional<TableReader> TableReader::table(std::string_view key, Values values) {
    const TomlEntry* entry = find(key);
    if (entry == nullptr) {
        return std::nullopt;
    }
    const auto* table = std::get_if<TomlTable>(&entry->node.value);
    if (table == nullptr) {
        errors_.add(entry->node.at, describe(key) + " must be a table, found " + describe_found(entry->node, values));
        return std::nullopt;
    }
    return TableReader(*table, name_of(key), entry->at, errors_, values);
}

std::vector<TableReader> TableReader::tables(std::string_view key) {
    std::vector<TableReader> readers;
    const TomlEntry* entry = find(key);
    const auto* several = entry == nullptr ? nullptr : std::get_if<TomlArray>(&entry->node.value);
    if (several == nullptr) {
        if (std::optional<TableReader> one = table(key)) {
            readers.push_back(*std::move(one));
        }
        return readers;
    }
    for (const TomlNode& node : *several) {
        if (const auto* table = std::get_if<TomlTable>(&node.value)) {
            readers.emplace_back(*table, name_of(key), node.at, errors_);
        } else {
            mismatch(node, key, "a table or an array of tables");
        }
    }
    return readers;
}

void TableReader::report_unknown_keys() {
    for (const TomlEntry& entry : table_) {
        if (std::find(known_.begin(), known_.end(), entry.key) != known_.end()) {
            continue;
        }
        const std::string near = did_you_mean(entry.key, known_, '\'');
        std::string allowed;
        for (const std::string& key : known_) {
            allowed += (allowed.empty() ? "; allowed are " : ", ") + key;
        }
        errors_.add(entry.at, "unknown key " + describe(entry.key) + (near.empty() ? allowed : near));
    }
}

}  // namespace vlmshim
