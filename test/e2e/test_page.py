"""--report FILE.html: the page of a run, made by real runs and looked at in a real browser."""

import json
import re
import signal
import xml.etree.ElementTree as ElementTree

import browser
from harness import Case, check, check_equal, fixture, need, toml

# What a server of artifacts sends: no style but that of its own files.
STRICT = "default-src 'none'; img-src 'self'; style-src 'self'"

# What a page may be made of: nothing that runs, loads or leads elsewhere: links stay in it.
ELEMENTS = set("html head meta title style body main header section h1 h2 h3 p strong ul li dl dt dd pre code div table thead "
               "tbody tr th td details summary a svg desc rect path text".split())
ATTRIBUTES = set("id href lang charset name content http-equiv class role tabindex aria-label scope open viewBox width "
                 "height x y d fill fill-opacity stroke stroke-opacity font-family font-size font-weight "
                 "text-anchor".split())

# Contrast as WCAG 2 defines it, of every text against what is behind it; the bands of the timeline are behind its labels.
LAYOUT = r"""(() => {
  const parts = c => { const m = c.match(/[\d.]+/g).map(Number); return m.length == 3 ? [...m, 1] : m; };
  const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3]));
  const light = c => { const [r, g, b] = c.slice(0, 3).map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
                       return .2126 * r + .7152 * g + .0722 * b; };
  const contrast = (one, other) => { const [a, b] = [light(one), light(other)].sort((x, y) => y - x); return (a + .05) / (b + .05); };
  const behind = e => { for (; e; e = e.parentElement) { const c = parts(getComputedStyle(e).backgroundColor); if (c[3]) return c; }
                        return [255, 255, 255, 1]; };
  const problems = [];
  const judge = (what, one, other, least) => { const found = contrast(one, other);
    if (found < least) problems.push(`contrast ${found.toFixed(2)} of ${what}`); };
  for (const e of document.querySelectorAll('body *')) {
    if (![...e.childNodes].some(n => n.nodeType == 3 && n.data.trim()) || !e.checkVisibility()) continue;
    if (['title', 'desc'].includes(e.tagName)) continue;
    const svg = e.closest('svg'), style = getComputedStyle(e);
    const colour = parts(svg ? style.fill : style.color), below = behind(e);
    judge(`${e.tagName} ${e.textContent.slice(0, 30)}`, colour, below, 4.5);
    if (svg) for (const band of svg.querySelectorAll('rect[fill-opacity=".13"]'))
      judge(`${e.textContent} on a band`, colour, over([...parts(getComputedStyle(band).fill).slice(0, 3), .13], below), 4.5);
  }
  for (const bar of document.querySelectorAll('rect[fill-opacity="1"]'))
    judge('a bar', parts(getComputedStyle(bar).fill), behind(bar), 3);
  for (const svg of document.querySelectorAll('svg')) {
    const [, , width, height] = svg.getAttribute('viewBox').split(' ').map(Number);
    const boxes = [...svg.querySelectorAll('text')].map(t => [t.textContent, t.getBBox()]);
    boxes.forEach(([text, box], i) => {
      if (box.x < -1 || box.y < -1 || box.x + box.width > width + 1 || box.y + box.height > height + 1) problems.push(`cut off: ${text}`);
      for (const [other, its] of boxes.slice(0, i)) {
        const across = Math.min(box.x + box.width, its.x + its.width) - Math.max(box.x, its.x);
        const down = Math.min(box.y + box.height, its.y + its.height) - Math.max(box.y, its.y);
        if (across > 1 && down > 2) problems.push(`overlap: ${text} / ${other}`);
      }
    });
  }
  if (document.documentElement.scrollWidth > innerWidth) problems.push(`${document.documentElement.scrollWidth} px wide, not ${innerWidth}`);
  return problems;
})()"""

ALL_DETAILS_SHOW = "[...document.querySelectorAll('details > :not(summary)')].every(e => e.checkVisibility())"


def tree_of(path):
    """The page as XML, which it is as well: nothing that others wrote has become markup."""
    text = path.read_text(encoding="utf-8")
    check(text.startswith("<!DOCTYPE html>\n"), "no doctype")
    return ElementTree.fromstring(text)


def text_of(element):
    return " ".join(" ".join(element.itertext()).split())


def check_structure(path):
    tree = tree_of(path)
    found = list(tree.iter())
    check({one.tag for one in found} <= ELEMENTS, f"elements: {({one.tag for one in found} - ELEMENTS)}")
    names = {name for one in found for name in one.attrib}
    check(names <= ATTRIBUTES, f"attributes: {names - ATTRIBUTES}")
    targets = [one.get("id") for one in found if one.get("id")]
    check_equal(len(targets), len(set(targets)), "targets of links")
    links = {one.get("href") for one in found if one.get("href") is not None}
    check(links <= {f"#{target}" for target in targets}, f"links: {links}")
    check_equal(tree.get("lang"), "en", "language")
    headings = [int(one.tag[1]) for one in found if re.fullmatch("h[1-6]", one.tag)]
    check_equal((headings[0], headings.count(1)), (1, 1), "the first heading, and it is the only one")
    check(all(after <= before + 1 for before, after in zip(headings, headings[1:])), f"headings: {headings}")
    check(text_of(tree.find("head/title")).startswith(text_of(tree.find(".//h1"))), "title and heading")
    for picture in tree.iter("svg"):
        check_equal((picture.get("role"), picture.get("aria-label")[:9]), ("img", "Timeline."), "name of a picture")
        check(picture.find("desc").text, "no description")
    check(all(one.get("scope") for one in tree.iter("th")), "a heading of a table without scope")
    check(all(one.get("aria-label") for one in found if one.get("role") == "region"), "a region without a name")
    return tree


class Page(Case):
    """Each case makes a run whose report is page.html."""

    @classmethod
    def setUpClass(cls):
        cls.browser = browser.Browser() if browser.program() else None

    @classmethod
    def tearDownClass(cls):
        if cls.browser:
            cls.browser.close()

    def look_at(self, stage):
        path = stage.file("page.html")
        tree = check_structure(path)
        need(self, self.browser, "there is no Chromium: ./dev install ci")
        tab = browser.Tab(self.browser, path)
        for width in (1280, 400):
            for dark in (False, True):
                tab.show(width=width, dark=dark)
                check_equal(tab.ask(LAYOUT), [], f"layout at {width} px{' in the dark' if dark else ''}")
        tab.show(media="print", width=720)
        check_equal((tab.ask(LAYOUT), tab.ask(ALL_DETAILS_SHOW)), ([], True), "printed")
        check_equal((tab.requests(), tab.complaints()), ([], []), "requests and complaints")
        tab.close()
        return tree, text_of(tree)

    def run_of(self, *words, status, config=None):
        stage = self.stage()
        run = stage.plain("--report", "page.html", *words, config=config)
        check_equal(run.wait(), status, "status", run)
        return stage, run

    def test_a_server_that_died(self):
        server = ["sh", "-c", "for c in a b c d e f g h i j k l m n o p q r s t; do echo $c; done; echo '<error> model.gguf: no such file' >&2; exit 3"]
        stage, _ = self.run_of("--", "true", status=125, config=f'[server]\nname = "smolvlm"\ncommand = {toml(server)}\n'
                                                                'port = "auto"\nenv = { TOKEN = "very-secret" }\n')
        tree, text = self.look_at(stage)
        check_equal(text_of(tree.find(".//h1")), "Test not run: server 'smolvlm' exited with 3", "headline")
        check_equal([one.get("href") for one in tree.iter("a")], ["#server-1"], "the link to its whole output")
        for words in ("<error> model.gguf: no such file", "exited with 3", "What to do:", "125", "TOKEN"):
            check(words in text, f"{words} is not in the page")
        check("very-secret" not in text, "a value is in the page")
        (opened,) = [one for one in tree.iter("details") if one.get("open") is not None]
        check("<error> model.gguf" in text_of(opened), "what is open")

    def test_a_server_that_is_not_ready(self):
        stage = self.stage()
        server = fixture("serve", "{port}", "--ok-when", "never")
        run = stage.plain("--report", "page.html", "--", "true",
                          config=f'[server]\nname = "slow"\ncommand = {toml(server)}\nport = {stage.port}\n'
                                 'ready = { http = "/", timeout = "400ms" }\n')
        check_equal(run.wait(), 125, "status", run)
        tree, text = self.look_at(stage)
        check("HTTP 503" in text and "was not ready within 400 ms" in text, text[:400])
        check("starting" in [one.text for one in tree.iter("text")], "the phase in the picture")

    def test_a_failed_test_with_leftovers(self):
        stage = self.stage()
        server = fixture("serve", "{port}")
        run = stage.plain("--report", "page.html", "-g", "200ms", "--",
                          *fixture("spawn", "setsid,double-fork,ignore-term", "pause", "--ready", "left.pid", "--", "exit", 7),
                          config=f'[server]\ncommand = {toml(server)}\nport = {stage.port}\n')
        check_equal(run.wait(), 7, "status", run)
        tree, text = self.look_at(stage)
        stage.prove_clean()
        check_equal(text_of(tree.find(".//h1")), "Failed: the test exited with 7", "headline")
        labels = [one.text for one in tree.iter("text")]
        for label in ("server", "test", "testing", "draining", "started", "ready", "exited with 7", "stop signal", "SIGKILL"):
            check(label in labels, f"{label} is not in the picture: {labels}")
        check(f"pid {stage.ready('left.pid').pid}" in text, "the leftover")

    def test_an_interrupted_test(self):
        stage = self.stage()
        run = stage.plain("--report", "page.html", "--", *fixture("pause", "--ready", "test.pid"))
        stage.ready("test.pid", run)
        run.send(signal.SIGINT)
        check_equal(run.wait(), -signal.SIGINT, "status", run)
        tree, text = self.look_at(stage)
        check("SIGINT from pid" in text and "a shell shows 130" in text, text[:600])
        check("signals" in [one.text for one in tree.iter("text")], "no lane for the signal")

    def test_a_time_limit(self):
        stage, _ = self.run_of("-t", "200ms", "--", *fixture("pause"), status=124)
        tree, text = self.look_at(stage)
        check(text_of(tree.find(".//h1")).startswith("Timed out"), "headline")
        check("the test ran longer than 200 ms" in text, text[:400])

    def test_a_test_that_passed(self):
        stage, _ = self.run_of("--", "true", status=0)
        tree, _text = self.look_at(stage)
        check_equal(text_of(tree.find(".//h1")), "Passed: the test exited with 0", "headline")

    def test_a_wrong_command_line(self):
        stage, _ = self.run_of("--bogus", "--", "true", status=125)
        tree, text = self.look_at(stage)
        check("--bogus" in text_of(tree.find(".//header")), "the error is not at the top")
        check("Timeline" not in text, "a timeline of nothing")

    def test_a_port_that_is_in_use(self):
        stage = self.stage()
        holder = stage.outsider("hold-port", stage.port)
        run = stage.run("--report", "page.html", "--", "true")
        check_equal(run.wait(), 125, "status", run)
        _, text = self.look_at(stage)
        check(f"pid {holder.pid}" in text, "its holder")

    def test_several_servers_with_long_names(self):
        stage = self.stage()
        servers = "".join(f'[[server]]\nname = "{name}"\ncommand = {toml(fixture("slow-health", "{port}", 20 * i, 40))}\nport = "auto"\n'
                          'ready = { http = "/health" }\n' for i, name in enumerate(["a", "W" * 90, "embedding-model", "reranker"]))
        run = stage.plain("--report", "page.html", "--", "false", config=servers)
        check_equal(run.wait(), 1, "status", run)
        _, text = self.look_at(stage)
        check("embedding-model" in text, "a server")

    def test_text_of_others(self):
        evil = "</pre></style><script>document.title='taken'</script>\x1b[2J\u202e <img src=x onerror=alert(1)> &amp; \"'"
        stage, run = self.run_of("--", "sh", "-c", "exit 5", evil, status=5,
                                 config=f'[server]\nname = "s"\ncommand = {toml([*fixture("serve", "{port}"), "--line", "@"])}\nport = "auto"\n'
                                 .replace('"@"', json.dumps(evil)))
        _, text = self.look_at(stage)
        check("<script>document.title='taken'</script>\\x1b[2J\\u202e <img" in text, "it is not shown", run)

    def test_without_its_style(self):
        """A server of artifacts may forbid it; the pictures have their colours in attributes."""
        stage, _ = self.run_of("--", *fixture("exit", 3), status=3)
        page = stage.file("page.html")
        text = page.read_text(encoding="utf-8")
        page.write_text(text.replace("<head>", f'<head><meta http-equiv="Content-Security-Policy" content="{STRICT}"/>'), encoding="utf-8")
        need(self, self.browser, "there is no Chromium: ./dev install ci")
        tab = browser.Tab(self.browser, page)
        check_equal(tab.ask("getComputedStyle(document.querySelector('header')).borderLeftWidth"), "0px", "the style was used")
        for dark, ink in ((False, "rgb(0, 0, 0)"), (True, "rgb(255, 255, 255)")):
            tab.show(dark=dark)
            check_equal(tab.ask("getComputedStyle(document.querySelector('svg text')).fill"), ink, "colour of a label")
        check(tab.ask("document.querySelector('svg').getBoundingClientRect().width") >= 900, "the picture is too small")
        check(tab.ask("document.querySelector('svg rect').getAttribute('fill')"), "no colour of its own")
        check_equal(tab.requests(), [], "requests")
        tab.close()
