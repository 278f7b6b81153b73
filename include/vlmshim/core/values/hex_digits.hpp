// Hexadecimal numbers in escapes.
#pragma once

#include <cstdint>
#include <string>

namespace vlmshim {

/// Exactly `digits` of them, in lower case, with leading zeros.
inline std::string hex_digits(std::uint32_t number, int digits) {
    constexpr const char* hex = "0123456789abcdef";
    std::string text(static_cast<std::size_t>(digits), '0');
    for (auto digit = text.rbegin(); digit != text.rend(); ++digit, number >>= 4U) {
        *digit = hex[number & 15U];
    }
    return text;
}

/// "\u00ad", or with eight digits "\U0001f600", as C, bash(1) and TOML read it.
inline std::string unicode_escape(std::uint32_t code) {
    return code <= 0xffff ? "\\u" + hex_digits(code, 4) : "\\U" + hex_digits(code, 8);
}

}  // namespace vlmshim
