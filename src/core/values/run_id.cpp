#include "vlmshim/core/values/run_id.hpp"

#include <algorithm>

#include "vlmshim/core/values/next_part.hpp"
#include "vlmshim/core/values/read_number.hpp"

namespace vlmshim {

namespace {

constexpr std::string_view not_known = "-";
constexpr std::size_t longest_token = 32;
constexpr std::string_view name_prefix = "vlmshim-run.";

bool is_token(std::string_view text) {
    return !text.empty() && text.size() <= longest_token &&
           text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

std::string to_string(const RunId& run) {
    std::string text = run.boot.empty() ? std::string(not_known) : run.boot;
    for (const int pid : {run.keeper.value, run.supervisor.value}) {
        text += "." + std::to_string(pid);
    }
    for (const std::uint64_t number : {run.start_ticks, run.pid_namespace, run.network}) {
        text += "." + std::to_string(number);
    }
    return text + "." + run.token;
}

std::optional<RunId> parse_run_id(std::string_view text) {
    constexpr std::ptrdiff_t dots = 6;
    if (std::count(text.begin(), text.end(), '.') != dots) {
        return std::nullopt;
    }
    RunId run;
    run.boot = next_part(text, '.');
    if (run.boot.empty()) {
        return std::nullopt;
    }
    if (run.boot == not_known) {
        run.boot.clear();
    }
    for (Pid* const pid : {&run.keeper, &run.supervisor}) {
        if (!read_number(next_part(text, '.'), pid->value) || pid->value <= 0) {
            return std::nullopt;
        }
    }
    for (std::uint64_t* const number : {&run.start_ticks, &run.pid_namespace, &run.network}) {
        if (!read_number(next_part(text, '.'), *number)) {
            return std::nullopt;
        }
    }
    if (!is_token(text)) {
        return std::nullopt;
    }
    run.token = text;
    return run;
}

std::string run_name(std::string_view token) {
    return std::string(name_prefix) + std::string(token);
}

bool is_run_name(std::string_view name) {
    return name.starts_with(name_prefix) && name.size() == name_prefix.size() + 2 * token_bytes &&
           is_token(name.substr(name_prefix.size()));
}

}  // namespace vlmshim
