// Whether messages are coloured.
#pragma once

#include <string_view>

namespace vlmshim {

enum class Colour { No, Yes };

/// What decides it. A variable that is not set is empty here.
struct ColourFacts {
    std::string_view no_color{};     // NO_COLOR
    std::string_view force_color{};  // FORCE_COLOR
    bool capable = false;            // a terminal that can show it
};

/// NO_COLOR goes before FORCE_COLOR, which is for logs that are shown in colour without being a terminal, as those of
/// CI runners: "0" and "false" mean none, all else colour.
constexpr Colour choose_colour(const ColourFacts& facts) {
    if (!facts.no_color.empty()) {
        return Colour::No;
    }
    if (!facts.force_color.empty()) {
        return facts.force_color == "0" || facts.force_color == "false" ? Colour::No : Colour::Yes;
    }
    return facts.capable ? Colour::Yes : Colour::No;
}

}  // namespace vlmshim
