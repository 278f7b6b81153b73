#include <doctest/doctest.h>

#include "vlmshim/core/values/shell_words.hpp"

using namespace vlmshim;
using Words = std::vector<std::string>;

namespace {

Words split(std::string_view text) {
    auto result = split_command(text);
    if (const auto* error = std::get_if<ShellWordsError>(&result)) {
        return {"ERROR", error->message};
    }
    return std::get<Words>(result);
}

bool refused(std::string_view text) {
    return std::holds_alternative<ShellWordsError>(split_command(text));
}

}  // namespace

TEST_CASE("a command is split at blanks, quotes and backslashes work as in sh") {
    CHECK(split("llama-server --port {port}") == Words{"llama-server", "--port", "{port}"});
    CHECK(split("  a\t b \n") == Words{"a", "b"});
    CHECK(split("a 'b c' \"d e\" f\\ g") == Words{"a", "b c", "d e", "f g"});
    CHECK(split("a 'x'\"y\"z") == Words{"a", "xyz"});
    CHECK(split("a '' \"\"") == Words{"a", "", ""});
    CHECK(split("a '$HOME * \\n'") == Words{"a", "$HOME * \\n"});
    CHECK(split(R"(a "\$x \" \\ \n")") == Words{"a", "$x \" \\ \\n"});
    CHECK(split("a \\\n  b") == Words{"a", "b"});
    CHECK(split("a b\\\nc") == Words{"a", "bc"});
    CHECK(split("a \"b\\\nc\"") == Words{"a", "bc"});
    CHECK(split("env A=b c") == Words{"env", "A=b", "c"});
    CHECK(split("a --x=1 k=v 1=2 a#b a~") == Words{"a", "--x=1", "k=v", "1=2", "a#b", "a~"});
    CHECK(split("echo 5$ \"$\" \\$HOME \\*") == Words{"echo", "5$", "$", "$HOME", "*"});
    CHECK(split("[ -f x ]") == Words{"[", "-f", "x", "]"});
    CHECK(split("--a-b=c d") == Words{"--a-b=c", "d"});
    CHECK(split("a \xc3\xa9") == Words{"a", "\xc3\xa9"});
}

TEST_CASE("what only a shell could do is refused, never passed on literally") {
    for (const char* text :
         {"a | b", "a && b", "a & ",    "a; b",   "a > f",  "a 2>&1",      "a < f", "(a)",       "a *.py",
          "a ?",   "a [ab]", "a $HOME", "a ${X}", "a $(b)", "a \"$HOME\"", "a `b`", "a \"`b`\"", "a ~/x",
          "~/x",   "a # c",  "X=1 a",   "X= a",   "a $?",   "a $'x'",      "a\nb",  "a \n b"}) {
        CAPTURE(text);
        CHECK(refused(text));
    }
    CHECK(split("a | b")[1] == "holds a pipe ('|'), which needs a shell: quote it, or run sh -c '...'");
}

TEST_CASE("malformed and empty commands are refused") {
    for (const char* text : {"", "  ", "\n", "a 'b", "a \"b", "a \\", "a \"b\\\"", "'", "\""}) {
        CAPTURE(text);
        CHECK(refused(text));
    }
    CHECK(refused(std::string_view("a\0b", 3)));
}

TEST_CASE("join_command quotes what needs it, and can be split again") {
    CHECK(join_command({"llama-server", "--port", "8080"}) == "llama-server --port 8080");
    CHECK(join_command({"a", "", "b c", "it's"}) == "a '' 'b c' 'it'\\''s'");
    CHECK(join_command({"A=b", "A=b"}) == "'A=b' A=b");
    CHECK(join_command({"{port}", "{a,b}", "{1..3}", "a,b"}) == "{port} '{a,b}' '{1..3}' a,b");
    CHECK(join_command({"a", "\x1b[31m\n'"}) == "a $'\\x1b[31m\\n\\''");
    CHECK(join_command({"\xff", "\\\x7f"}) == "$'\\xff' $'\\\\\\x7f'");
    const Words nasty{"a b", "$x", "`", "\"", "\\", "'", "*", "~", "#", "{port}", "a|b", "="};
    CHECK(split(join_command(nasty)) == nasty);
}
