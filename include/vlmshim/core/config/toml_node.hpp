// A parsed TOML file as plain values with positions, so that only one file needs toml++.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace vlmshim {

/// Both from 1; the column counts characters, not bytes.
struct TextPosition {
    std::uint32_t line = 1;
    std::uint32_t column = 1;
    friend auto operator<=>(TextPosition, TextPosition) = default;
};

struct TomlNode;
struct TomlEntry;
using TomlArray = std::vector<TomlNode>;
using TomlTable = std::vector<TomlEntry>;

/// A date or a time: valid TOML that no key of ours takes.
struct TomlOther {};

struct TomlNode {
    TextPosition at;
    std::variant<TomlOther, std::string, std::int64_t, double, bool, TomlArray, TomlTable> value;
};

struct TomlEntry {
    std::string key;
    TextPosition at;  // of the key, or of the "[" of its header
    TomlNode node;
};

/// Whether messages may quote the values. Those of variables and headers may be tokens and passwords.
enum class Values { Shown, Secret };

/// `the string "abc"`, `the integer 7`, `a table`, ...; for a secret: `a string`, `an integer`, ...
std::string describe_found(const TomlNode& node, Values values = Values::Shown);

}  // namespace vlmshim
