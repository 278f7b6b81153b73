// What others wrote, as it may be shown.
#include <doctest/doctest.h>

#include "vlmshim/core/values/shown_text.hpp"
#include "vlmshim/core/values/utf8.hpp"

using namespace vlmshim;
using namespace std::string_view_literals;

TEST_CASE("what is shown does nothing but be read") {
    struct Row {
        std::string_view text;
        std::string_view shown;
    };
    const Row rows[] = {
        {"", ""},
        {"loading 7 % of C:\\models\ttab", "loading 7 % of C:\\models\ttab"},
        {"gr\xc3\xbc\xc3\x9f \xe6\xa8\xa1\xe5\x9e\x8b \xf0\x9f\x99\x82",
         "gr\xc3\xbc\xc3\x9f \xe6\xa8\xa1\xe5\x9e\x8b \xf0\x9f\x99\x82"},
        {"\033[2Jred\a\x7f\r", "\\x1b[2Jred\\x07\\x7f\\r"},
        {"a\0b"sv, "a\\x00b"},
        {"\xc2\x80 \xc2\x9b"
         "2J \xc2\x9f \xc2\xa0",
         "\\u0080 \\u009b2J \\u009f \xc2\xa0"},
        {"\xd8\x9c\xe2\x80\x8e\xe2\x80\x8f", "\\u061c\\u200e\\u200f"},
        {"\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa\xe2\x80\xab\xe2\x80\xac\xe2\x80\xad\xe2\x80\xae",
         "\\u2028\\u2029\\u202a\\u202b\\u202c\\u202d\\u202e"},
        {"\xe2\x81\xa6\xe2\x81\xa7\xe2\x81\xa8\xe2\x81\xa9", "\\u2066\\u2067\\u2068\\u2069"},
        {"\xe2\x80\x8d\xe2\x80\xaf\xe2\x81\xa5\xe2\x81\xaa", "\xe2\x80\x8d\xe2\x80\xaf\xe2\x81\xa5\xe2\x81\xaa"},
        {"\xff\xc3(\xe2\x82\xc3", "\\xff\\xc3(\\xe2\\x82\\xc3"},
        {"\xc0\x9b\xed\xa0\x80\xf4\x90\x80\x80", "\\xc0\\x9b\\xed\\xa0\\x80\\xf4\\x90\\x80\\x80"},
        {"##[error]x ##vso[task.complete]y a\nb", "##\\[error]x ##vso\\[task.complete]y a\\nb"},
        {"###[x # ## [x ##vso x::y::", "###\\[x # ## [x ##vso x::y::"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.shown);
        CHECK(shown_text(row.text) == row.shown);
    }
}

TEST_CASE("of a long text only the beginning is shown, and no piece of a character") {
    CHECK(shown_text("abcd", 4) == "abcd");
    CHECK(shown_text("abcde", 4) == "abcd...");
    CHECK(shown_text("abc\033", 4) == "abc...");
    CHECK(shown_text("abc\xc3\xbc", 4) == "abc...");
    CHECK(shown_text("a", 0) == "...");
}

TEST_CASE("a code point of each length") {
    CHECK(utf8_code_point("a") == U'a');
    CHECK(utf8_code_point("\xc3\xbc") == 0xfc);
    CHECK(utf8_code_point("\xe2\x80\xae") == 0x202e);
    CHECK(utf8_code_point("\xf0\x9f\x99\x82") == 0x1f642);
}

TEST_CASE("no character is cut in two") {
    CHECK(whole_characters("ab", 2) == "ab");
    CHECK(whole_characters("abc", 2) == "ab");
    CHECK(whole_characters("a\xc3\xbc", 2) == "a");
    CHECK(whole_characters("a\xc3\xbc", 3) == "a\xc3\xbc");
    CHECK(whole_characters("a\xe2\x82\xac", 3) == "a");
    CHECK(whole_characters("a\x80\x80\x80\x80\x80", 5) == "a\x80\x80\x80\x80");  // none
    CHECK(whole_characters("a\xff\xff", 2) == "a\xff");
}
