// A text that is a number and nothing else.
#pragma once

#include <charconv>
#include <concepts>
#include <string_view>
#include <system_error>

namespace vlmshim {

/// False for anything but digits (a signed Number may have a '-'), and when it is out of range; `number` is unspecified
/// then.
template <std::integral Number>
bool read_number(std::string_view text, Number& number, int base = 10) {
    const char* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, number, base);
    return error == std::errc{} && stopped == end;
}

}  // namespace vlmshim
