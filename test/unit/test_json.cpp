#include <doctest/doctest.h>

#include "vlmshim/core/report/github.hpp"
#include "vlmshim/core/values/json_text.hpp"
#include "vlmshim/core/values/utc_text.hpp"

using namespace vlmshim;
using Layout = JsonWriter::Layout;

TEST_CASE("JSON strings") {
    CHECK(json_escape("plain") == "plain");
    CHECK(json_escape("a\"b\\c\n\x01") == "a\\\"b\\\\c\\u000a\\u0001");
    CHECK(json_escape("gr\xc3\xbc\xc3\x9f") == "gr\xc3\xbc\xc3\x9f");
    CHECK(json_escape("bad\xff\xc3") == "bad\xef\xbf\xbd\xef\xbf\xbd");
    CHECK(json_escape("\xed\xa0\x80") == "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");  // a surrogate
    CHECK(json_escape("\xf0\x9f\x98\x80") == "\xf0\x9f\x98\x80");
}

TEST_CASE("JSON on one line") {
    JsonWriter json(Layout::OneLine);
    json.begin_object().key("a").number(1).key("b\n").string("x\"y").key("c").begin_array().end_array();
    json.key("d").strings({"1", "2"}).key("e").begin_object().end_object().key("f").null().key("g").boolean(true);
    CHECK(json.end_object().text() ==
          R"({"a": 1, "b\u000a": "x\"y", "c": [], "d": ["1", "2"], "e": {}, "f": null, "g": true})");
}

TEST_CASE("JSON with indentation") {
    JsonWriter json(Layout::Indented);
    json.begin_object().key("a").begin_array().number(-1).begin_object().key("b").null().end_object().end_array();
    CHECK(json.key("c").begin_array().end_array().end_object().text() ==
          "{\n  \"a\": [\n    -1,\n    {\n      \"b\": null\n    }\n  ],\n  \"c\": []\n}");
}

TEST_CASE("annotations cannot be broken out of") {
    CHECK(github_error("100 % of\r\n::error::x") == "::error title=vlmshim::100 %25 of\\r\\n::error::x\n");
    CHECK(github_error("") == "::error title=vlmshim::\n");
}

TEST_CASE("points in time") {
    CHECK(utc_text(Millis{0}) == "1970-01-01T00:00:00.000Z");
    CHECK(utc_text(Millis{951'782'399'999}) == "2000-02-28T23:59:59.999Z");
    CHECK(utc_text(Millis{951'782'400'007}) == "2000-02-29T00:00:00.007Z");
}
