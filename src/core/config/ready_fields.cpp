// [server.ready]: every key.
#include <algorithm>

#include "vlmshim/core/config/config_sections.hpp"
#include "vlmshim/core/config/ready_problems.hpp"
#include "vlmshim/core/values/ascii.hpp"

namespace vlmshim {

namespace {

std::optional<std::string> read_non_empty(TableReader& table, std::string_view key) {
    std::optional<std::string> text = table.text(key);
    if (text && text->empty()) {
        table.refuse(key, "must not be empty; leave it out where it is not wanted");
        return std::nullopt;
    }
    return text;
}

std::optional<std::string> read_http(TableReader& table, std::string_view key) {
    const std::optional<std::string> text = read_non_empty(table, key);
    return text ? std::optional(complete_url(*text)) : std::nullopt;
}

std::optional<std::string> read_path(TableReader& table, std::string_view key) {
    return table.path(key, "must not be empty; leave it out where it is not wanted");
}

std::optional<StatusRange> status_of(const TomlNode& node) {
    if (const auto* number = std::get_if<std::int64_t>(&node.value)) {
        return parse_status(std::to_string(*number));
    }
    const auto* word = std::get_if<std::string>(&node.value);
    return word == nullptr ? std::nullopt : parse_status(*word);
}

std::optional<std::vector<StatusRange>> read_status(TableReader& table, std::string_view key) {
    const TomlEntry* entry = table.find(key);
    if (entry == nullptr) {
        return std::nullopt;
    }
    const std::string wanted = "must be an array of statuses from 200 to 599, such as [200, \"3xx\"], found ";
    const auto* array = std::get_if<TomlArray>(&entry->node.value);
    if (array == nullptr || array->empty()) {
        table.refuse(key, wanted + (array == nullptr ? describe_found(entry->node) : "an empty one"));
        return std::nullopt;
    }
    std::vector<StatusRange> ranges;
    for (const TomlNode& node : *array) {
        if (const auto range = status_of(node)) {
            ranges.push_back(*range);
        } else {
            table.refuse(key, wanted + describe_found(node));
        }
    }
    return ranges;
}

std::string print_status(const std::vector<StatusRange>& ranges) {
    std::string list;
    for (const StatusRange& range : ranges) {
        const std::string one = std::to_string(range.first);
        list += (list.empty() ? "" : ", ") + (range.first == range.last ? one : toml_string(one.substr(0, 1) + "xx"));
    }
    return "[" + list + "]";
}

/// RFC 9110 section 5.1: a token.
bool is_header_name(std::string_view name) {
    constexpr std::string_view others = "!#$%&'*+-.^_`|~";
    return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
        return is_letter_or_digit(c) || others.find(c) != std::string_view::npos;
    });
}

bool is_header_value(std::string_view value) {
    return std::all_of(value.begin(), value.end(),
                       [](char c) { return static_cast<unsigned char>(c) >= ' ' && c != 0x7f; });
}

std::optional<std::map<std::string, std::string>> read_headers(TableReader& table, std::string_view key) {
    constexpr std::size_t longest = std::size_t{16} * 1024;  // written to curl's pipe at once
    std::optional<TableReader> headers = table.table(key, Values::Secret);
    if (!headers) {
        return std::nullopt;
    }
    std::map<std::string, std::string> read;
    std::size_t length = 0;
    for (const TomlEntry& entry : headers->entries()) {
        if (!is_header_name(entry.key)) {
            headers->refuse_key(entry, "is no name of a header: letters, digits and '-'");
        }
        const std::optional<std::string> value = headers->text_of(entry);
        if (value && !is_header_value(*value)) {
            headers->refuse_key(entry, "must have a value of one line without control characters");
        } else if (value) {
            length += entry.key.size() + value->size();
            read.emplace(entry.key, *value);
        }
    }
    if (length > longest) {
        table.refuse(key, "must not be longer than 16 KiB");
    }
    return read;
}

constexpr auto http = shaped(kind::optional<&Ready::http, read_http>, ValueKind::NonEmptyText);
constexpr auto status = shaped(kind::value<&Ready::status, read_status, print_status>, ValueKind::Statuses);
constexpr auto headers = kind::value<&Ready::headers, read_headers>;
constexpr auto tcp = shaped(kind::optional<&Ready::tcp, read_non_empty>, ValueKind::NonEmptyText);
constexpr auto unix_socket = shaped(kind::optional<&Ready::unix_socket, read_path>, ValueKind::NonEmptyText);
constexpr auto exec = kind::optional<&Ready::exec, &TableReader::command>;
constexpr auto log = shaped(kind::optional<&Ready::log, read_non_empty>, ValueKind::NonEmptyText);

constexpr Field<Ready> ready_fields[] = {
    {"http",
     "a GET of this is answered; /PATH: at localhost",
     http,
     {"\"http://localhost:{port}/health\"", "none: not asked"}},
    {"status", "with one of these; \"2xx\": 200 to 299", status},
    {"headers", "of that request", headers},
    {"insecure", "true: with https any certificate will do", kind::flag<&Ready::insecure>},
    {"tcp", "it listens there", tcp, {"\"localhost:{port}\"", "none: anywhere on its port"}},
    {"unix", "this socket accepts a connection", unix_socket, {"\"run/server.sock\"", "none: not asked"}},
    {"exec", "this exits with 0", exec, {"[\"./is-ready.sh\"]", "none: not asked"}},
    {"log", "a line of its output matches this, regex(7), extended", log, {"\"listening on\"", "none: not looked for"}},
    {"timeout", "not ready after this long: the run fails", kind::positive_duration<&Ready::timeout>},
};

/// At the value of the key, or where the section begins if it has no such key.
void report(TableReader& table, const ReadyProblem& problem) {
    if (table.find(problem.key) == nullptr) {
        table.report(table.at(), "[server.ready] " + problem.message);
        return;
    }
    const std::string found = problem.value.empty() ? "" : ", found " + quote_found(problem.value);
    table.refuse(problem.key, problem.message + found);
}

}  // namespace

void read_ready_section(TableReader& table, std::string_view key, ServerConfig& server) {
    const TomlEntry* entry = table.find(key);
    if (entry == nullptr) {
        return;
    }
    if (const auto* text = std::get_if<std::string>(&entry->node.value)) {
        const std::optional<Ready> ready = parse_ready(*text);
        if (!ready) {
            table.refuse(key, "must be a table, or one of http://HOST:PORT/PATH, /PATH and tcp://HOST:PORT, found " +
                                  describe_found(entry->node));
            return;
        }
        server.ready = *ready;
        for (const ReadyProblem& problem : ready_problems(server)) {
            table.refuse(key, problem.message + ", found " + quote_found(*text));
        }
        return;
    }
    if (std::optional<TableReader> ready = table.table(key)) {
        read_fields(ready_fields, *ready, server.ready);
        for (const ReadyProblem& problem : ready_problems(server)) {
            report(*ready, problem);
        }
        ready->report_unknown_keys();
    }
}

std::vector<KeyDescription> describe_ready_section() {
    return describe_fields<Ready>(ready_fields);
}

std::string print_ready_section(const Field<ServerConfig>&, const ServerConfig& server, const Printing& printing) {
    return "[server.ready]\n" + print_fields(ready_fields, server.ready, printing);
}

}  // namespace vlmshim
