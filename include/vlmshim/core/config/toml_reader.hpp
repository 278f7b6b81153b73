// Typed access to one table of the file. Values that do not fit are reported, and so are keys that were never read.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vlmshim/core/config/config_choices.hpp"
#include "vlmshim/core/config/config_errors.hpp"
#include "vlmshim/core/config/toml_node.hpp"
#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

/// Each getter makes its key a known one. nullopt: the key is absent, or its value was refused and reported. The reader
/// borrows table and errors.
class TableReader {
public:
    /// `name` is the table's dotted name, empty for the top of the file; `at` is where it begins.
    TableReader(const TomlTable& table, std::string name, TextPosition at, ConfigErrors& errors,
                Values values = Values::Shown)
        : table_(table), name_(std::move(name)), at_(at), errors_(errors), values_(values) {}

    TextPosition at() const { return at_; }

    const TomlEntry* find(std::string_view key);

    std::optional<std::string> text(std::string_view key);
    std::optional<std::vector<std::string>> texts(std::string_view key);
    std::optional<Port> port(std::string_view key);
    std::optional<std::vector<Port>> ports(std::string_view key);
    std::optional<Millis> duration(std::string_view key);
    std::optional<Millis> positive_duration(std::string_view key);
    std::optional<Signal> signal(std::string_view key);
    std::optional<bool> flag(std::string_view key);
    std::optional<TableReader> table(std::string_view key, Values values = Values::Shown);

    /// One table, or an array of them.
    std::vector<TableReader> tables(std::string_view key);

    /// An array of strings, or one string that is split; never empty, nor its first word.
    std::optional<std::vector<std::string>> command(std::string_view key);

    /// A path, resolved by `beside`. `when_empty`: the message for an empty one.
    std::optional<std::string> path(std::string_view key, const std::string& when_empty);

    /// Paths, resolved by `beside`: an array of strings, or one string; none is empty, and none there twice.
    /// `when_empty`: the message for an empty one, or an empty array.
    std::optional<std::vector<std::string>> paths(std::string_view key, const std::string& when_empty);

    template <typename Enum>
    std::optional<Enum> choice(std::string_view key) {
        const std::optional<std::string> word = text(key);
        const std::optional<Enum> found = word ? find_choice<Enum>(*word) : std::nullopt;
        if (word && !found) {
            refuse_word(key, *word, choice_names<Enum>());
        }
        return found;
    }

    /// Reports `'key' in [table] MESSAGE` at the key's value.
    void refuse(std::string_view key, const std::string& message);
    void refuse_word(std::string_view key, const std::string& word, const std::vector<std::string>& allowed);

    /// For an error that is not in a single value.
    void report(TextPosition at, std::string message) { errors_.add(at, std::move(message)); }

    /// A path in the file, resolved against its folder. Only as text: ".." stays, and the path need not exist.
    std::string beside(const std::string& path) const;
    /// Where the file's commands run; empty: in the caller's working directory.
    std::string folder() const { return errors_.base().empty() ? "" : beside("."); }

    /// For tables whose keys the user chooses: [server.env], [signals.rewrite].
    const TomlTable& entries() const { return table_; }
    void refuse_key(const TomlEntry& entry, const std::string& message);
    std::optional<std::string> text_of(const TomlEntry& entry);
    std::optional<Signal> signal_of(const TomlEntry& entry);

    /// To be called after all keys have been read.
    void report_unknown_keys();

private:
    std::optional<std::string> read_text(const TomlNode& node, std::string_view key, const std::string& wanted);
    std::optional<std::vector<std::string>> read_texts(const TomlNode& node, std::string_view key,
                                                       const std::string& wanted);
    std::optional<Port> read_port(const TomlNode& node, std::string_view key, const std::string& wanted);
    std::string describe(std::string_view key) const;
    std::string name_of(std::string_view key) const;
    void mismatch(const TomlNode& node, std::string_view key, const std::string& wanted);

    const TomlTable& table_;
    std::string name_;
    TextPosition at_;
    ConfigErrors& errors_;
    Values values_;
    std::vector<std::string> known_;
};

}  // namespace vlmshim
