#include "vlmshim/core/config/config_toml.hpp"

#include <algorithm>

#include <toml++/toml.h>

#include "vlmshim/core/config/config_sections.hpp"
#include "vlmshim/core/config/toml_depth.hpp"
#include "vlmshim/core/values/display_text.hpp"

namespace vlmshim {

namespace {

TextPosition to_position(const toml::source_position& at) {
    return {at.line, at.column};
}

TomlNode convert(const toml::node& node, int depth);

TomlTable convert_entries(const toml::table& table, int depth) {
    TomlTable entries;
    for (const auto& [key, node] : table) {
        const TextPosition key_at = to_position(key.source().begin);
        const TextPosition node_at = to_position(node.source().begin);
        // With a header, "[x]" or "[[x]]", the table begins at the bracket, before the key.
        entries.push_back(TomlEntry{std::string(key.str()), std::min(key_at, node_at), convert(node, depth)});
    }
    return entries;
}

TomlArray convert_elements(const toml::array& array, int depth) {
    TomlArray elements;
    for (const toml::node& element : array) {
        elements.push_back(convert(element, depth));
    }
    return elements;
}

TomlNode convert(const toml::node& node, int depth) {
    // Our keys are at most four levels deep: anything deeper lies below an unknown key.
    constexpr int deepest = 8;
    TomlNode result{to_position(node.source().begin), TomlOther{}};
    if (const auto* text = node.as_string()) {
        result.value = text->get();
    } else if (const auto* integer = node.as_integer()) {
        result.value = integer->get();
    } else if (const auto* floating = node.as_floating_point()) {
        result.value = floating->get();
    } else if (const auto* boolean = node.as_boolean()) {
        result.value = boolean->get();
    } else if (const auto* array = node.as_array()) {
        result.value = depth < deepest ? convert_elements(*array, depth + 1) : TomlArray{};
    } else if (const auto* table = node.as_table()) {
        result.value = depth < deepest ? convert_entries(*table, depth + 1) : TomlTable{};
    }
    return result;
}

/// Without what the error quotes of a malformed value, which may be a secret.
std::string describe(const toml::parse_error& error) {
    std::string description(error.description());
    for (const std::string_view after_value :
         {"' is not representable", "' could not be interpreted", "' as a value"}) {
        const std::size_t end = description.find(after_value);
        const std::size_t begin = end == std::string::npos ? end : description.find('\'');
        if (begin != std::string::npos) {
            description.replace(begin, end + 1 - begin, "what stands here");
        }
    }
    return display_text(description);
}

}  // namespace

ParsedConfig parse_config(std::string_view text, const std::string& file, RelativeTo base) {
    ConfigErrors errors(file, base == RelativeTo::FolderOfFile ? file.substr(0, file.rfind('/') + 1) : "");
    ParsedConfig parsed;
    if (const auto place = where_too_deep(text)) {
        errors.add(*place, "tables and arrays are nested too deep: at most " + std::to_string(deepest_toml) +
                               " within each other are read");
        parsed.errors = errors.in_file_order();
        return parsed;
    }
    try {
        const toml::table root = toml::parse(text, std::string_view(file));
        parsed.config = read_sections(convert_entries(root, 0), errors);
    } catch (const toml::parse_error& error) {
        errors.add(to_position(error.source().begin), describe(error));
    }
    parsed.errors = errors.in_file_order();
    return parsed;
}

}  // namespace vlmshim
