// What a server writes: the first and the last lines that are kept of it, and the lines that are shown at once. In
// whatever pieces it arrives.
#include <algorithm>
#include <cstddef>
#include <string>

#include "fuzz.hpp"
#include "vlmshim/core/values/kept_output.hpp"
#include "vlmshim/core/values/output_lines.hpp"

namespace fuzz {

using namespace vlmshim;

namespace {

/// Calls take(piece) for each, of 1 to `most` bytes; where they end comes from the bytes themselves.
template <typename Take>
void in_pieces(std::string_view data, std::size_t most, Take take) {
    while (!data.empty()) {
        const std::size_t size = 1 + static_cast<unsigned char>(data.front()) % most;
        take(data.substr(0, size));
        data.remove_prefix(std::min(size, data.size()));
    }
}

/// Every number as one zero.
std::string without_numbers(std::string_view line) {
    std::string shape;
    bool was_digit = false;
    for (const char c : line) {
        const bool is_digit = c >= '0' && c <= '9';
        if (!is_digit || !was_digit) {
            shape += is_digit ? '0' : c;
        }
        was_digit = is_digit;
    }
    return shape;
}

struct Group {
    std::string first;
    std::size_t lines;
};

/// Of lines that differ in numbers only. What has no end is one of its own.
std::vector<Group> grouped(std::string_view data) {
    std::vector<Group> groups;
    std::vector<std::string_view> lines = split(data, '\n');
    const std::string_view open = lines.back();
    lines.pop_back();
    const auto without_return = [](std::string_view line) {
        return line.substr(0, line.size() - (line.ends_with('\r') ? 1 : 0));
    };
    for (const std::string_view line : lines) {
        const std::string text(without_return(line));
        if (!groups.empty() && without_numbers(groups.back().first) == without_numbers(text)) {
            ++groups.back().lines;
        } else {
            groups.push_back({text, 1});
        }
    }
    if (!open.empty()) {
        groups.push_back({std::string(without_return(open)), 1});
    }
    return groups;
}

void kept_is_head_and_tail(const KeptLines& kept, std::string_view data) {
    std::vector<Group> groups = grouped(data);
    const std::size_t open = data.empty() || data.ends_with('\n') ? 0 : 1;
    const std::size_t most = KeptOutput::most_first + KeptOutput::most_last + open;
    std::size_t dropped = 0;
    while (groups.size() > most) {
        const auto behind_first = groups.begin() + static_cast<std::ptrdiff_t>(KeptOutput::most_first);
        dropped += behind_first->lines;
        groups.erase(behind_first);
    }
    require(kept.dropped == dropped, "no line is lost in the count");
    require(kept.lines.size() == groups.size(), "the first and the last lines are kept");
    for (std::size_t i = 0; i < groups.size(); ++i) {
        const std::string more = groups[i].lines == 1 ? ""
                                                      : "  (" + std::to_string(groups[i].lines - 1) + " line" +
                                                            (groups[i].lines == 2 ? "" : "s") + " like it followed)";
        require(kept.lines[i] == groups[i].first + more, "a line is kept as it was written");
    }
}

void keep(std::string_view data, std::size_t most) {
    KeptOutput output;
    in_pieces(data, most, [&](std::string_view piece) { output.append(piece); });
    const KeptLines kept = output.kept();
    require(kept.lines.size() <= KeptOutput::most_first + KeptOutput::most_last + 1, "so many lines are kept at most");
    constexpr std::size_t room_for_remarks = 60;
    for (const std::string& line : kept.lines) {
        require(line.size() <= KeptOutput::longest_line + room_for_remarks, "a line has a limit");
        require(line.find('\n') == std::string::npos, "a line is one");
    }
    require(output.lines().size() == kept.lines.size() + (kept.dropped > 0 ? 1 : 0),
            "what is missing is told in one line");
    const std::vector<std::string_view> lines = split(data, '\n');
    if (std::all_of(lines.begin(), lines.end(),
                    [](std::string_view line) { return line.size() <= KeptOutput::longest_line; })) {
        kept_is_head_and_tail(kept, data);
    }
}

void require_shown(const std::string& line) {
    std::string without_tabs = line;
    std::erase(without_tabs, '\t');
    require_printable(without_tabs, "a shown line has no effect");
}

/// How many a line of so many bytes is shown as: no character is cut in two.
void show(std::string_view data, std::size_t most) {
    OutputLines output;
    std::size_t shown = 0;
    in_pieces(data, most, [&](std::string_view piece) {
        for (const std::string& line : output.add(piece)) {
            require_shown(line);
            ++shown;
        }
    });
    std::vector<std::string_view> lines = split(data, '\n');
    const std::string_view open = lines.back();
    lines.pop_back();
    constexpr std::size_t longest_character = 4;
    std::size_t least = 0;
    std::size_t most_lines = 0;
    const auto add = [&](std::size_t size, std::size_t at_least) {
        least += std::max(at_least, (size + OutputLines::longest - 1) / OutputLines::longest);
        constexpr std::size_t shortest_piece = OutputLines::longest - longest_character + 1;
        most_lines += std::max(at_least, (size + shortest_piece - 1) / shortest_piece);
    };
    for (const std::string_view line : lines) {
        add(line.size(), 1);
    }
    if (open.size() > OutputLines::longest) {
        add(open.size() - OutputLines::longest, 1);
    }
    require(shown >= least && shown <= most_lines, "no line is lost or doubled");
    require(output.has_open() || open.size() % OutputLines::longest == 0 || open.size() > OutputLines::longest,
            "what has no end waits");
}

/// Plain text is shown as it is, also what has no end yet.
void show_open(std::string_view data, std::size_t most) {
    const auto is_plain = [](char c) {
        return c == '\n' || c == ' ' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
    };
    const bool plain = std::all_of(data.begin(), data.end(), is_plain);
    OutputLines output;
    std::string shown;
    in_pieces(data, most, [&](std::string_view piece) {
        for (const std::string& line : output.add(piece)) {
            require_shown(line);
            shown += line;
        }
        if (const auto open = output.take_open()) {
            require_shown(*open);
            require(!open->empty(), "nothing is not shown");
            shown += *open;
        }
        require(!output.has_open(), "what was taken does not wait");
    });
    std::string all(data);
    std::erase(all, '\n');
    require(!plain || shown == all, "no byte is lost");
}

}  // namespace

void output(std::string_view data) {
    for (const std::size_t most : {3UL, 10'000UL}) {
        keep(data, most);
        show(data, most);
        show_open(data, most);
    }
    std::string long_one;  // lines longer than what is shown in one piece
    for (int i = 0; i < 5 && !data.empty(); ++i) {
        long_one += data;
    }
    keep(long_one, 256);
    show(long_one, 256);
}

}  // namespace fuzz
