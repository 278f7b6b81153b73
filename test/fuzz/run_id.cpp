// VLMSHIM_RUN: whoever runs as us may have set it to anything.
#include <algorithm>
#include <string>

#include "fuzz.hpp"
#include "vlmshim/core/values/run_id.hpp"

namespace fuzz {

using namespace vlmshim;

namespace {

/// As vlmshim(1) describes it.
void well_formed(const RunId& run, std::string_view text) {
    require(run.keeper.value > 0 && run.supervisor.value > 0, "a pid is never a group, nor everybody");
    require(!run.token.empty() && run.token.size() <= 32, "a token has a limit");
    require(run.token.find_first_not_of("0123456789abcdef") == std::string::npos, "a token is made of hex digits");
    require(run.boot.find('.') == std::string::npos, "a part is one");
    require(run_name(run.token).size() < 100, "a run's name fits into a socket's address");
    require(text.find('\0') == std::string_view::npos || run.boot.find('\0') != std::string::npos,
            "no NUL is passed over");
    require(parse_run_id(to_string(run)) == run, "a run's name is read back");
}

RunId any_run(Feed& feed) {
    RunId run;
    run.keeper = Pid{1 + feed.number<std::uint16_t>()};
    run.supervisor = Pid{1 + feed.number<std::uint16_t>()};
    run.start_ticks = feed.number<std::uint64_t>();
    run.pid_namespace = feed.number<std::uint64_t>();
    run.network = feed.number<std::uint64_t>();
    for (std::size_t left = 1 + feed.below(32); left > 0; --left) {
        run.token += "0123456789abcdef"[feed.below(16)];
    }
    run.boot = feed.flag() ? "4e19a4b4-ae5b-4d79-a56f-3f3d0f0f9a6e" : "";
    return run;
}

/// One byte of it is another: it is refused, or says something else, but never the same.
void forged(const RunId& run, Feed& feed) {
    std::string text = to_string(run);
    const std::size_t at = feed.below(text.size());
    const char byte = static_cast<char>(feed.number<std::uint8_t>());
    const bool leads = byte == '0' || text[at] == '0';  // leading zeros
    const bool changes = byte != text[at];
    text[at] = byte;
    const auto other = parse_run_id(text);
    require(!other || !changes || leads || *other != run, "a forged name is not the name");
    text.insert(at, 1, '.');
    constexpr std::ptrdiff_t dots = 6;
    require(!parse_run_id(text) || std::count(text.begin(), text.end(), '.') == dots,
            "a part more is no name of a run");
}

}  // namespace

void run_id(std::string_view data) {
    if (const auto run = parse_run_id(data)) {
        well_formed(*run, data);
    }
    Feed feed(data);
    const RunId run = any_run(feed);
    require(parse_run_id(to_string(run)) == run, "any run's name is read back");
    well_formed(run, to_string(run));
    forged(run, feed);
}

}  // namespace fuzz
