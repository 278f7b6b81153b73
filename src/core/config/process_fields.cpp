#include "vlmshim/core/config/process_fields.hpp"

#include "vlmshim/core/values/run_id.hpp"
#include "vlmshim/core/values/toml_text.hpp"

namespace vlmshim {

namespace {

std::optional<std::string> variable_problem(const std::string& name) {
    if (name.empty() || name.find_first_of(std::string_view("=\0", 2)) != std::string::npos) {
        return "is no name of a variable: it must not be empty and hold no '=' and no NUL byte";
    }
    if (name == run_variable || name == server_variable || name.starts_with(first_port_variable)) {
        return "is set by vlmshim itself";
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> read_cwd(TableReader& table, std::string_view key) {
    return table.find(key) == nullptr ? table.folder()
                                      : table.path(key, "must not be empty; leave it out for the folder of this file");
}

std::optional<std::map<std::string, std::string>> read_env(TableReader& table, std::string_view key) {
    std::optional<TableReader> variables = table.table(key, Values::Secret);
    if (!variables) {
        return std::nullopt;
    }
    std::map<std::string, std::string> env;
    for (const TomlEntry& entry : variables->entries()) {
        if (const std::optional<std::string> problem = variable_problem(entry.key)) {
            variables->refuse_key(entry, *problem);
        }
        if (std::optional<std::string> value = variables->text_of(entry)) {
            env.emplace(entry.key, *std::move(value));
        }
    }
    return env;
}

std::optional<std::vector<std::string>> read_unset_env(TableReader& table, std::string_view key) {
    std::optional<std::vector<std::string>> names = table.texts(key);
    for (const std::string& name : names.value_or(std::vector<std::string>{})) {
        if (const std::optional<std::string> problem = variable_problem(name)) {
            table.refuse(key, "holds " + quote_found(name) + ", which " + *problem);
        }
    }
    return names;
}

}  // namespace vlmshim
