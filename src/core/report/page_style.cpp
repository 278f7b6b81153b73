#include "core/report/page_parts.hpp"

namespace vlmshim {

/// Dark only on a screen: paper is white.
void write_style(HtmlWriter& html) {
    html.put(
        "<style>:root{--bg:#fff;--fg:#1b1d21;--dim:#555c66;--line:#cfd4da;--soft:#f3f4f6;--bad:#b3261e;--good:#1e7b3a;"
        "--warn:#8a5a00}"
        "@media screen and (prefers-color-scheme:dark){:root{--bg:#15171b;--fg:#e7e9ec;--dim:#a6adb8;--line:#3b414a;"
        "--soft:#20242a;--bad:#ff8a80;--good:#72cf8c;--warn:#f0ba5c}}"
        "body{margin:0;background:var(--bg);color:var(--fg);font:16px/1.5 system-ui,sans-serif}"
        "main{max-width:60rem;margin:auto;padding:1rem}"
        "h1{font-size:1.5rem;line-height:1.25;margin:0}"
        "h2{font-size:1.2rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--line)}"
        "h3{font-size:1rem;margin:1.25rem 0 .25rem}"
        "h1,h3,p,li,dd,summary,td:last-child{overflow-wrap:anywhere}"
        "header{border-left:.5rem solid var(--warn);background:var(--soft);padding:.75rem 1rem}"
        "header p{margin:.5rem 0 0}header code{white-space:nowrap}a{color:inherit}"
        ".failed,.timed-out,.error,.not-started{border-color:var(--bad)}.passed{border-color:var(--good)}"
        ".failed h1,.timed-out h1,.error h1,.not-started h1,.bad{color:var(--bad)}.passed h1{color:var(--good)}"
        ".interrupted h1,.running h1{color:var(--warn)}"
        "dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.2rem 1rem;margin:.75rem 0}"
        "dt,.note,th{color:var(--dim)}dt{font-weight:600}dd{margin:0}"
        "pre,code{font:.8125rem/1.5 ui-monospace,monospace;overflow-wrap:anywhere}"
        "pre{background:var(--soft);padding:.5rem .75rem;margin:.5rem 0;white-space:pre-wrap}"
        "table{border-collapse:collapse;width:100%;margin:.5rem 0;font-size:.875rem}"
        "th,td{text-align:left;vertical-align:top;padding:.2rem 1rem .2rem 0;border-bottom:1px solid var(--line)}"
        ".note{font-size:.875rem}summary{cursor:pointer;font-weight:600;margin:.5rem 0}"
        ".scroll{overflow-x:auto}svg{display:block;width:100%;height:auto;min-width:52rem}"
        "@media(max-width:40rem){dl{display:block}dd{margin-bottom:.5rem}}"
        "@media print{main{max-width:none;padding:0}body{font-size:10pt}svg{min-width:0}.scroll{overflow:visible}"
        "header,pre{background:none;border:1px solid #888}tr,svg{break-inside:avoid}h2,h3{break-after:avoid}"
        "details::details-content{content-visibility:visible;display:block}}</style>");
}

}  // namespace vlmshim
