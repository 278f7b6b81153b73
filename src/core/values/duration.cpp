#include "vlmshim/core/values/duration.hpp"

#include <array>
#include <cstdint>

#include "vlmshim/core/values/ascii.hpp"
#include "vlmshim/core/values/read_number.hpp"

namespace vlmshim {

namespace {

struct Unit {
    std::string_view name;
    std::int64_t millis;
};

/// Longest first: the order in which they may follow each other.
constexpr std::array<Unit, 4> units{{{"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
constexpr std::int64_t longest = 1'000 * units[0].millis;

std::string_view take_digits(std::string_view& text) {
    std::size_t count = 0;
    while (count < text.size() && is_digit(text[count])) {
        ++count;
    }
    const std::string_view digits = text.substr(0, count);
    text.remove_prefix(count);
    return digits;
}

std::string_view take_letters(std::string_view& text) {
    std::size_t count = 0;
    while (count < text.size() && !is_digit(text[count])) {
        ++count;
    }
    const std::string_view letters = text.substr(0, count);
    text.remove_prefix(count);
    return letters;
}

/// Ten digits: more than 1000 h in any unit, and far below an overflow after scaling.
std::optional<std::int64_t> to_number(std::string_view digits) {
    std::int64_t number = 0;
    return digits.size() <= 10 && read_number(digits, number) ? std::optional(number) : std::nullopt;
}

/// "1" is 1, "1.5" is 15 with a `scale` of 10.
std::optional<std::int64_t> take_amount(std::string_view& text, std::int64_t& scale) {
    const std::string_view whole = take_digits(text);
    if (text.empty() || text.front() != '.') {
        return to_number(whole);
    }
    text.remove_prefix(1);
    const std::string_view fraction = take_digits(text);
    if (whole.empty() || fraction.empty() || whole.size() + fraction.size() > 10) {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < fraction.size(); ++i) {
        scale *= 10;
    }
    return to_number(std::string(whole) + std::string(fraction));
}

}  // namespace

std::optional<Millis> parse_duration(std::string_view text) {
    if (text.empty()) {
        return std::nullopt;
    }
    std::int64_t total = 0;
    std::size_t next_unit = 0;
    while (!text.empty()) {
        std::int64_t scale = 1;
        const std::optional<std::int64_t> amount = take_amount(text, scale);
        const std::string_view name = take_letters(text);
        while (next_unit < units.size() && units[next_unit].name != name) {
            ++next_unit;
        }
        if (!amount || next_unit == units.size()) {
            return std::nullopt;
        }
        const std::int64_t scaled = *amount * units[next_unit++].millis;
        if (scaled % scale != 0 || scaled / scale > longest) {
            return std::nullopt;
        }
        total += scaled / scale;
    }
    return total <= longest ? std::optional(Millis(total)) : std::nullopt;
}

std::string explain_bad_duration(std::string_view text) {
    std::string_view rest = text;
    std::int64_t scale = 1;
    if (take_amount(rest, scale) && rest.empty()) {
        return "needs a unit: write \"" + std::string(text) + "s\"";
    }
    return "is no duration up to 1000h: write for example \"500ms\", \"1.5s\", \"2m\" or \"1m30s\"";
}

std::string format_duration(Millis duration) {
    std::int64_t rest = duration.count();
    if (rest == 0) {
        return "0s";
    }
    if (rest < units[2].millis) {
        return std::to_string(rest) + "ms";
    }
    std::string text;
    for (const Unit& unit : {units[0], units[1]}) {
        if (rest >= unit.millis) {
            text += std::to_string(rest / unit.millis) + std::string(unit.name);
            rest %= unit.millis;
        }
    }
    if (rest == 0) {
        return text;
    }
    text += std::to_string(rest / 1'000);
    if (rest % 1'000 != 0) {
        std::string fraction = std::to_string(1'000 + rest % 1'000).substr(1);
        fraction.erase(fraction.find_last_not_of('0') + 1);
        text += "." + fraction;
    }
    return text + "s";
}

std::string describe_duration(Millis duration) {
    const std::int64_t millis = duration.count();
    if (millis < 1'000) {
        return std::to_string(millis) + " ms";
    }
    // Rounded before the unit is chosen, so that 59.97 s is "1 min" and never "60 s".
    const auto joined = [](std::int64_t big, const char* big_name, std::int64_t small, const char* small_name) {
        const std::string text = std::to_string(big) + big_name;
        return small == 0 ? text : text + " " + std::to_string(small) + small_name;
    };
    const std::int64_t tenths = (millis + 50) / 100;
    if (tenths < 600) {
        const std::string whole = std::to_string(tenths / 10);
        return tenths % 10 == 0 ? whole + " s" : whole + "." + std::to_string(tenths % 10) + " s";
    }
    const std::int64_t seconds = (millis + 500) / 1'000;
    if (seconds < 3'600) {
        return joined(seconds / 60, " min", seconds % 60, " s");
    }
    const std::int64_t minutes = (millis + 30'000) / 60'000;
    return joined(minutes / 60, " h", minutes % 60, " min");
}

std::string describe_age(Millis age) {
    constexpr Millis day = std::chrono::hours{24};
    constexpr Millis second{1'000};
    if (age >= 2 * day) {
        return std::to_string(age / day) + " days ago";
    }
    return describe_duration(age < second ? second : age / second * second) + " ago";
}

}  // namespace vlmshim
