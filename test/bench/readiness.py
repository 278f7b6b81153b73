"""From the moment when the server would answer 200 until the test runs."""

import os
import pathlib
import shlex
import shutil
import subprocess
import threading

from common import Aim, NPM, Series, VLMSHIM, compare, duration, free_port, helper

VLMSHIM_NAME = "vlmshim"
VLMSHIM_LATE = "vlmshim, a server that listens only then"
SERVER_AND_TEST = "start-server-and-test"
PLAYWRIGHT_SETUP = "Playwright webServer, to globalSetup"
PLAYWRIGHT_TEST = "Playwright webServer, to the first test"

PLAYWRIGHT_FILES = {
    "playwright.config.js": """const env = process.env;
module.exports = {
  testDir: __dirname, workers: 1, reporter: 'null', globalSetup: require.resolve('./setup.js'), outputDir: env.BENCH_OUTPUT,
  webServer: { command: env.BENCH_SERVER, url: env.BENCH_URL, timeout: 60000, reuseExistingServer: false },
};
""",
    "setup.js": """module.exports = () =>
  require('fs').writeFileSync(process.env.BENCH_SETUP, process.hrtime.bigint() + '\\n');
""",
    "empty.spec.js": """const { test } = require('@playwright/test');
test('empty', () => require('fs').writeFileSync(process.env.BENCH_TEST, process.hrtime.bigint() + '\\n'));
""",
}


class Race:
    """One server, one wrapper that waits for it, the stamps of both."""

    def __init__(self, bench, delay_ms):
        self.bench, self.port = bench, free_port()
        self.ready, self.test, self.setup = bench.file("ready"), bench.file("test"), bench.file("setup")
        self.serve = helper("serve", self.port, delay_ms, self.ready, bench.file("end"))
        self.url = f"http://127.0.0.1:{self.port}/health"

    def run(self, command, **more):
        done = subprocess.run([str(word) for word in command], cwd=self.bench.folder, check=False, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120,
                              env={**self.bench.environment(), **more})
        if done.returncode != 0:
            raise RuntimeError(f"{command[0]} ended with {done.returncode}: {done.stdout.strip()[-500:]}")

    def since_ready(self, stamp):
        return int(stamp.read_text(encoding="ascii")) - int(self.ready.read_text(encoding="ascii"))

    def vlmshim(self, name=VLMSHIM_NAME, *more):
        server = shlex.join([*self.serve, *more])
        self.run([VLMSHIM, "-p", self.port, "-s", server, "-r", "/health", "--"] + helper("stamp", self.test))
        return {name: self.since_ready(self.test)}

    def late(self):
        return self.vlmshim(VLMSHIM_LATE, "late")

    def server_and_test(self):
        self.run([f"{NPM}/node_modules/.bin/start-server-and-test", shlex.join(self.serve), self.url,
                  shlex.join(helper("stamp", self.test))])
        return {SERVER_AND_TEST: self.since_ready(self.test)}

    def playwright(self):
        self.run([f"{NPM}/node_modules/.bin/playwright", "test", "-c", f"{NPM}/project"], BENCH_SERVER=shlex.join(self.serve),
                 BENCH_URL=self.url, BENCH_SETUP=str(self.setup), BENCH_TEST=str(self.test),
                 BENCH_OUTPUT=str(self.bench.file("output")))
        return {PLAYWRIGHT_SETUP: self.since_ready(self.setup), PLAYWRIGHT_TEST: self.since_ready(self.test)}


def contestants():
    """[(names of its figures, the method of Race)], and the names of the missing ones."""
    here, missing = [([VLMSHIM_NAME], Race.vlmshim)], []
    have = lambda module: bool(NPM) and shutil.which("node") and os.path.isdir(f"{NPM}/node_modules/{module}")  # noqa: E731
    for module, names, method in (("start-server-and-test", [SERVER_AND_TEST], Race.server_and_test),
                                  ("@playwright/test", [PLAYWRIGHT_SETUP, PLAYWRIGHT_TEST], Race.playwright)):
        if have(module):
            here.append((names, method))
        else:
            missing += names
    if have("@playwright/test"):
        project = pathlib.Path(NPM) / "project"  # below node_modules' parent, so that it finds the module
        project.mkdir(exist_ok=True)
        for name, text in PLAYWRIGHT_FILES.items():
            (project / name).write_text(text, encoding="utf-8")
    return here, missing


def race(bench, delays, methods, together):
    """All methods for each delay, in turns or (for long waits, where all only wait) side by side -> {name: Series}"""
    series = {}
    lock = threading.Lock()

    def one(method, delay):
        try:
            figures = method(Race(bench, delay))
        except (RuntimeError, OSError, subprocess.TimeoutExpired, ValueError) as error:
            bench.note(f"readiness, server of {delay} ms: {error}")
            return
        with lock:
            for name, value in figures.items():
                series.setdefault(name, Series(name, [])).values.append(value)

    for delay in delays:
        threads = [threading.Thread(target=one, args=(method, delay)) for method in methods]
        for thread in threads:
            thread.start()
            if not together:
                thread.join()
        for thread in threads:
            thread.join()
    return series


def run(bench):
    here, missing = contestants()
    methods = [method for _names, method in here]
    # Of changing length, over more than the tenth of a second between two probes, so that no schedule fits by chance.
    short = [300 + 17 * i for i in range(bench.runs(7, 2))]
    more = [303 + 11 * i for i in range(bench.runs(14, 5, 0))]
    long = [10_000 + 137 * i for i in range(bench.runs(4, 1, 0))]
    quick = race(bench, short, methods, together=False)
    quick[VLMSHIM_NAME].values += race(bench, more, [Race.vlmshim], together=False).get(VLMSHIM_NAME, Series("", [])).values
    quick.update(race(bench, short + more, [Race.late], together=False))
    slow = race(bench, long, methods, together=True)
    names = [name for some, _method in here for name in some]
    quick_names = [VLMSHIM_NAME, VLMSHIM_LATE, *names[1:]]
    how = ("The server listens at once, answers 503, and stamps the moment from which it answers 200 ({}). Until the first line of the "
           "test. Playwright starts a process for the test after the readiness is noticed; globalSetup runs before that. A server that has "
           "answered is probed ten times a second at most, so that its log stays readable; one that does not listen yet, up to 200 times.")
    tables = [compare(f"Readiness, a server that takes {seconds} s", how.format(f"after {seconds} s and a bit more each time"),
                      [series.get(name, Series(name, [])) for name in rows], VLMSHIM_NAME, missing)
              for seconds, series, rows in (("0.3", quick, quick_names), ("10", slow, names))]
    aims = []
    for what, series, name, limit, text in (("0.3 s that listens only then", quick, VLMSHIM_LATE, 10e6, "< 10 ms"),
                                            ("0.3 s that answers 503 until then", quick, VLMSHIM_NAME, 100e6, "< 100 ms"),
                                            ("10 s", slow, VLMSHIM_NAME, 200e6, "< 2 % (200 ms)")):
        if name in series:
            noticed = series[name].median
            aims.append(Aim(5, f"ready noticed, server of {what}", text, duration(noticed), noticed < limit))
    return tables, aims
