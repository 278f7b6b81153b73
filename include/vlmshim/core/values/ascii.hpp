// Letters and digits of ASCII: the answers of <cctype> depend on the locale.
#pragma once

namespace vlmshim {

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

constexpr bool is_capital(char c) {
    return c >= 'A' && c <= 'Z';
}

constexpr bool is_small(char c) {
    return c >= 'a' && c <= 'z';
}

constexpr bool is_letter(char c) {
    return is_small(c) || is_capital(c);
}

constexpr bool is_letter_or_digit(char c) {
    return is_letter(c) || is_digit(c);
}

constexpr char to_small(char c) {
    return is_capital(c) ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr char to_capital(char c) {
    return is_small(c) ? static_cast<char>(c - 'a' + 'A') : c;
}

}  // namespace vlmshim
