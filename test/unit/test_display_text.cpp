#include <doctest/doctest.h>

#include "vlmshim/core/report/github.hpp"
#include "vlmshim/core/report/port_holder.hpp"
#include "vlmshim/core/values/display_text.hpp"
#include "vlmshim/core/values/json_text.hpp"
#include "vlmshim/core/values/shell_words.hpp"
#include "vlmshim/core/values/toml_text.hpp"

using namespace vlmshim;
using namespace std::string_literals;

namespace {

struct Row {
    std::string text;
    std::string shown;
};

void check(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
        CAPTURE(row.shown);
        CHECK(display_text(row.text) == row.shown);
        CHECK(display_text(row.shown) == row.shown);  // done twice it changes nothing more
    }
}

}  // namespace

TEST_CASE("ordinary text stays as it is") {
    for (const std::string text :
         {"", "llama-server --port 8080 -hf 'ggml-org/SmolVLM' [x] # y ## z #[a] C:\\dir\\new",
          "Gr\u00fc\u00dfe, \u00e9t\u00e9, \u65e5\u672c\u8a9e, \ud55c\uad6d\uc5b4, "
          "\u0627\u0644\u0639\u0631\u0628\u064a\u0629",
          "\U0001f600 \u2764\ufe0f \U0001f468\u200d\U0001f469\u200d\U0001f467",
          "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u00a0no-break space\u3000wide space",
          "\ue0b0 private use", "::1 and ::error::", "e\u0301 combined"}) {
        CHECK(display_text(text) == text);
    }
}

TEST_CASE("controls of a terminal are escaped") {
    check({
        {"a\tb\nc\r", "a\\tb\\nc\\r"},
        {"\x1b[31mred\x1b[0m\a", "\\x1b[31mred\\x1b[0m\\x07"},
        {"\x7f"s + "\0"s + "x", "\\x7f\\x00x"},
        {"\u0080\u009b31m\u009f", "\\u0080\\u009b31m\\u009f"},  // C1 as UTF-8
        {"\x9b"
         "31m\x85",
         "\\x9b"
         "31m\\x85"},  // and as a byte
    });
    CHECK(display_text("a\tb\n", Tab::Kept) == "a\tb\\n");
}

TEST_CASE("changes of direction, line ends and invisible characters are escaped") {
    check({
        {"\u202egpj.exe\u202c", "\\u202egpj.exe\\u202c"},
        {"\u061c\u200e\u200f\u202a\u202b\u202d", "\\u061c\\u200e\\u200f\\u202a\\u202b\\u202d"},
        {"\u2066\u2067\u2068\u2069", "\\u2066\\u2067\\u2068\\u2069"},
        {"a\u2028b\u2029c", "a\\u2028b\\u2029c"},
        {"\ufeffa\u200bb\u2060c\u00add", "\\ufeffa\\u200bb\\u2060c\\u00add"},
        {"\ufff9x\ufffay\ufffb", "\\ufff9x\\ufffay\\ufffb"},
        {"a\U000e0041\U000e007f", "a\\U000e0041\\U000e007f"},
        {"a\u200db \u200c", "a\\u200db \\u200c"},  // joins nothing
        {"\u65e5\u200d", "\u65e5\\u200d"},
        {"\u200d\u65e5", "\\u200d\u65e5"},
        {"\u65e5\u200d\u200d\u65e5", "\u65e5\\u200d\\u200d\u65e5"},
    });
}

TEST_CASE("bytes that are not UTF-8 are shown as numbers") {
    check({
        {"bad\xff\xc3", "bad\\xff\\xc3"},
        {"\xc0\x9b", "\\xc0\\x9b"},                    // overlong
        {"\xe0\x82\x9b", "\\xe0\\x82\\x9b"},           // overlong
        {"\xed\xa0\x80", "\\xed\\xa0\\x80"},           // a surrogate
        {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},  // above U+10FFFF
        {"\xf0\x9f\x98", "\\xf0\\x9f\\x98"},           // cut off
        {"\xc3(\xe2\x82(", "\\xc3(\\xe2\\x82("},
    });
}

TEST_CASE("commands to a CI runner have no effect, and can be read") {
    check({
        {"##[set-output name=v;]x", "##\\[set-output name=v;]x"},
        {"x ##vso[task.setvariable variable=v]y", "x ##vso\\[task.setvariable variable=v]y"},
        {"##teamcity[buildStop]", "##teamcity\\[buildStop]"},
        {"####[a ##[b", "####\\[a ##\\[b"},
        {"#\u0301#\u65e5[x", "#\u0301#\u65e5\\[x"},  // who compares as a language does may not see what is between
        {"#\u200b#[x", "#\\u200b#\\[x"},
        {"##\xff[x", "##\\xff\\[x"},
    });
    check({{"## [a] #[b] ##a1[c] ##-[d] # #[e]", "## [a] #[b] ##a1[c] ##-[d] # #[e]"}});
}

TEST_CASE("no character is cut in two") {
    CHECK(whole_characters("a\u65e5b", 3) == "a");
    CHECK(whole_characters("a\u65e5b", 4) == "a\u65e5");
    CHECK(whole_characters("a\u65e5b", 5) == "a\u65e5b");
    CHECK(whole_characters("\x80\x80\x80\x80\x80\x80", 5) == "\x80\x80\x80\x80\x80");
    CHECK(whole_characters("\u65e5", 1).empty());
}

// Each has escapes of its own for the same set of harmful characters.
TEST_CASE("JSON, TOML, shell and annotations escape the same") {
    const std::string hostile = "\u009b\u202e\U000e0041##[x\xff";
    CHECK(json_escape(hostile) == "\\u009b\\u202e\\udb40\\udc41##\\u005bx\ufffd");
    CHECK(toml_string(hostile) == "\"\\u009b\\u202e\\U000e0041##\\u005bx\ufffd\"");
    CHECK(join_command({"a", hostile}) == "a $'\\u009b\\u202e\\U000e0041##\\x5bx\\xff'");
    CHECK(github_error(hostile + "\n100 %") ==
          "::error title=vlmshim::\\u009b\\u202e\\U000e0041##\\[x\\xff\\n100 %25\n");
    CHECK(quote_found(std::string(56, 'x') + "\u65e5\u65e5") == "\"" + std::string(56, 'x') + "\"...");
}

TEST_CASE("the table of listeners") {
    PortHolder holder;
    holder.pid = Pid{7};
    holder.user = "ev\u202eil";
    holder.command = "a\x1b[2J\nb ##[x";
    const std::string table = holder_table({holder});
    CHECK(table.find("ev\\u202eil") != std::string::npos);
    CHECK(table.ends_with("  a\\x1b[2J\\nb ##\\[x\n"));
}
