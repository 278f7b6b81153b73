#include "vlmshim/core/values/run_id.hpp"

#include "vlmshim/core/values/read_number.hpp"

namespace vlmshim {

std::string to_string(const RunId& run) {
    return run.boot + "." + std::to_string(run.supervisor.value) + "." + std::to_string(run.start_ticks);
}

std::optional<RunId> parse_run_id(std::string_view text) {
    const std::size_t second = text.rfind('.');
    if (second == std::string_view::npos || second == 0) {
        return std::nullopt;
    }
    const std::size_t first = text.rfind('.', second - 1);
    if (first == std::string_view::npos || first == 0) {
        return std::nullopt;
    }
    RunId run;
    run.boot = text.substr(0, first);
    if (!read_number(text.substr(first + 1, second - first - 1), run.supervisor.value) ||
        !read_number(text.substr(second + 1), run.start_ticks) || run.supervisor.value <= 0) {
        return std::nullopt;
    }
    return run;
}

}  // namespace vlmshim
