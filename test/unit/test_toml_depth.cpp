// A key of 100,000 dots exhausted the stack: SIGSEGV. Text that is nested too deep is refused before it is parsed.
#include <doctest/doctest.h>

#include "vlmshim/core/config/config_toml.hpp"
#include "vlmshim/core/config/toml_depth.hpp"

using namespace vlmshim;

namespace {

std::string times(std::size_t count, const std::string& text) {
    std::string all;
    for (std::size_t i = 0; i < count; ++i) {
        all += text;
    }
    return all;
}

/// Nested tables, in every way that TOML has.
struct Way {
    const char* name;
    std::string (*text)(std::size_t depth);
};

const Way ways[] = {
    {"dotted key", [](std::size_t depth) { return times(depth, "a.") + "b = 1\n"; }},
    {"spaced and quoted", [](std::size_t depth) { return times(depth, "\"x.y\" . ") + "'b' = 1\n"; }},
    {"header", [](std::size_t depth) { return "[" + times(depth - 1, "a.") + "b]\nc = 1\n"; }},
    {"header and key", [](std::size_t depth) { return "[a]\n" + times(depth - 1, "b.") + "c = 1\n"; }},
    {"array header", [](std::size_t depth) { return "[[" + times(depth - 2, "a.") + "b]]\n"; }},
    {"arrays", [](std::size_t depth) { return "a = " + times(depth, "[") + times(depth, "]") + "\n"; }},
    {"arrays over lines", [](std::size_t depth) { return "a = " + times(depth, "[\n# [[\n") + times(depth, "]\n"); }},
    {"inline tables",
     [](std::size_t depth) { return "a = " + times(depth - 1, "{ a = ") + "{}" + times(depth - 1, "}"); }},
    {"dotted inline tables",
     [](std::size_t depth) { return "a = " + times(depth / 2, "{ a.b = ") + "1" + times(depth / 2, "}"); }},
    {"behind a multi-line string",
     [](std::size_t depth) { return "s = \"\"\"\n\\\"\"\" ' [[\"\"\"\"\n" + times(depth, "a.") + "b = 1\n"; }},
    {"behind a literal",
     [](std::size_t depth) { return "s = '\\'\nt = '''\n'' \\'''\n" + times(depth, "a.") + "b = 1\n"; }},
    {"behind a mark", [](std::size_t depth) { return "\xEF\xBB\xBF" + times(depth, "a.") + "b = 1\n"; }},
};

}  // namespace

TEST_CASE("tables and arrays may be nested 64 deep, in every way") {
    for (const Way& way : ways) {
        CAPTURE(way.name);
        CHECK(where_too_deep(way.text(deepest_toml)) == std::nullopt);
        CHECK(where_too_deep(way.text(deepest_toml + 2)) != std::nullopt);
        for (const std::size_t depth : {deepest_toml + 2, std::size_t{100'000}}) {
            const auto errors = parse_config(way.text(depth), "x.toml").errors;
            CHECK(errors.size() == 1);
            CHECK(errors.front().find("nested too deep: at most 64") != std::string::npos);
        }
    }
}

TEST_CASE("brackets, dots and quotes of strings and comments do not count") {
    const std::string many = times(100, "[.{");
    for (const std::string& text : {
             "a = \"" + many + "\"\n",
             "a = '" + many + "'\n",
             "a = \"\"\"" + many + "\n\"\" " + many + "\"\"\"\n",
             "a = '''" + many + "\n'' " + many + "'''\n",
             "a = \"\\\"" + many + "\"\n",
             "# " + many + "\n# \" ''' " + many + "\nx = 1\n",
             "a = \"\" # " + many + "\n",
             "\"" + many + "\" = 1\n",
             "a = \"\"\"\"\"\" # " + many + "\n",
             "a = \"\"\"x\"\"\"\"\" # " + many + "\n",
             times(100, "a = 1.5\n"),
             times(100, "[a]\n[[b]]\n"),
             "a = [" + times(100, "[1.5, 2.5], { a.b = 1 }, ") + "]\n",
             times(100, "a.b.c = { d = [ 1.5 ] }\r\n"),
         }) {
        CAPTURE(text);
        CHECK(where_too_deep(text) == std::nullopt);
    }
}

TEST_CASE("the position where it becomes too deep") {
    CHECK(where_too_deep("\n\n\"ä\"." + times(64, "a.") + "b = 1\n") == TextPosition{.line = 3, .column = 132});
    CHECK(parse_config("[x]\n" + times(65, "a.") + "b = 1\n", "x.toml").errors ==
          std::vector<std::string>{
              "x.toml:2:128: tables and arrays are nested too deep: at most 64 within each other are read"});
}

TEST_CASE("unterminated text is left to the parser") {
    for (const char* const text :
         {"a = \"", "a = \"\"\"", "a = '", "a = [", "a = {", "[a", "a = \"\\", "\\", "\"", "]]}}", "="}) {
        CAPTURE(text);
        CHECK(where_too_deep(text) == std::nullopt);
        CHECK(parse_config(text, "x.toml").errors.size() == 1);
    }
}
