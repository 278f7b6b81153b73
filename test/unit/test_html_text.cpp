#include <doctest/doctest.h>

#include "vlmshim/core/values/html_text.hpp"

using namespace vlmshim;

TEST_CASE("text of others cannot become markup") {
    struct Row {
        const char* text;
        const char* html;
    };
    const Row rows[] = {
        {"a < b && b > c", "a &lt; b &amp;&amp; b &gt; c"},
        {"</style><script>x</script>", "&lt;/style&gt;&lt;script&gt;x&lt;/script&gt;"},
        {"\"quoted\" and 'quoted'", "&quot;quoted&quot; and &#39;quoted&#39;"},
        {"&lt;", "&amp;lt;"},
        {"<!-- ]]>", "&lt;!-- ]]&gt;"},
        {"\x1b[31m\r\n", "\\x1b[31m\\r\\n"},
        {"a\tb", "a\tb"},
        {"\xe2\x80\xae cod.exe", "\\u202e cod.exe"},
        {"\xff", "\\xff"},
        {"##[error]", "##\\[error]"},
        {"\xe6\xb8\xac\xe8\xa9\xa6", "\xe6\xb8\xac\xe8\xa9\xa6"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.text);
        CHECK(html_escape(row.text) == row.html);
        const std::string html = HtmlWriter().put("<b class=\"{}\">{}</b>", {row.text, std::string(row.text)}).html();
        CHECK(html == "<b class=\"" + std::string(row.html) + "\">" + row.html + "</b>");
    }
    CHECK(html_escape({"\0", 1}) == "\\x00");
}

TEST_CASE("values take their places in markup") {
    HtmlWriter html;
    html.put("<p>").put("{} {}", {"{}", 7}).put("</p>").put("{}", {std::string_view()});
    CHECK(html.html() == "<p>{} 7</p>");
    CHECK(HtmlWriter().put("a{}", {std::size_t{3}, "more"}).html() == "a3");
    CHECK(HtmlWriter().put("a{}b{}", {-1}).html() == "a-1b{}");
}
