"""Pages in a real browser: Chromium without a window, spoken to by its DevTools protocol over a pipe.

Only the standard library: a message is JSON and ends with a zero byte. Nothing of it may use the network.
"""

import base64
import contextlib
import json
import os
import pathlib
import select
import shutil
import signal
import subprocess
import tempfile
import time

LIMIT = 60  # seconds: a browser starts slowly on a machine that others use too

OFFLINE = ["--no-sandbox", "--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
           "--no-default-browser-check", "--disable-extensions", "--disable-sync", "--disable-background-networking",
           "--disable-component-update", "--disable-default-apps", "--disable-client-side-phishing-detection",
           "--disable-domain-reliability", "--disable-features=OptimizationHints,MediaRouter,Translate,DialMediaRouteProvider",
           "--no-pings", "--host-resolver-rules=MAP * ~NOTFOUND", "--hide-scrollbars"]


def program():
    """Debian's name, and that of others; None: there is none."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Browser:
    """One browser for several pages."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="vlmshim-browser-")
        commands, self.write_to = os.pipe()
        self.read_from, answers = os.pipe()
        # The browser reads from its descriptor 3 and writes to 4.
        self.process = subprocess.Popen(
            ["sh", "-c", f'exec "$@" 3<&{commands} 4>&{answers}', "sh", program(), "--remote-debugging-pipe",
             f"--user-data-dir={self.folder}", *OFFLINE, "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, pass_fds=(commands, answers),
            start_new_session=True, env={**os.environ, "HOME": self.folder, "XDG_CONFIG_HOME": self.folder})
        os.close(commands)
        os.close(answers)
        self.bytes, self.events, self.last = b"", [], 0

    def close(self):
        with contextlib.suppress(Exception):
            self.call("Browser.close")
            self.process.wait(10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self.write_to)
        os.close(self.read_from)
        shutil.rmtree(self.folder, ignore_errors=True)

    def receive(self, deadline):
        while b"\0" not in self.bytes:
            ready, _, _ = select.select([self.read_from], [], [], max(deadline - time.monotonic(), 0))
            assert ready, f"the browser did not answer within {LIMIT} s"
            some = os.read(self.read_from, 1 << 20)
            assert some, "the browser has ended"
            self.bytes += some
        message, _, self.bytes = self.bytes.partition(b"\0")
        return json.loads(message)

    def call(self, method, session=None, **parameters):
        self.last += 1
        message = {"id": self.last, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self.write_to, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + LIMIT
        while True:
            answer = self.receive(deadline)
            if answer.get("id") == self.last:
                assert "error" not in answer, f"{method}: {answer}"
                return answer["result"]
            self.events.append(answer)

    def wait_for_event(self, method, session, **parameters):
        def is_it(event):
            return (event.get("method") == method and event.get("sessionId") == session and
                    all(event["params"].get(name) == value for name, value in parameters.items()))
        deadline = time.monotonic() + LIMIT
        while not any(map(is_it, self.events)):
            self.events.append(self.receive(deadline))


class Tab:
    """A page that was opened, and what it asked for and complained about."""

    def __init__(self, browser, path, *, width=1280, height=900, dark=False, media=""):
        self.browser = browser
        self.target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=self.target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "Security"):
            self.call(f"{domain}.enable")
        self.show(width=width, height=height, dark=dark, media=media)
        self.url = pathlib.Path(path).as_uri()
        self.call("Page.setLifecycleEventsEnabled", enabled=True)
        loader = self.call("Page.navigate", url=self.url)["loaderId"]  # about:blank may end its loading only now
        browser.wait_for_event("Page.lifecycleEvent", self.session, loaderId=loader, name="load")

    def call(self, method, **parameters):
        return self.browser.call(method, self.session, **parameters)

    def show(self, *, width=1280, height=900, dark=False, media=""):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", media=media,
                  features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def ask(self, expression):
        """The value of a JavaScript expression."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in result, f"{expression}: {result}"
        return result["result"].get("value")

    def screenshot(self, path, whole=True):
        image = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole,
                          **({"clip": {"x": 0, "y": 0, "width": self.ask("innerWidth"), "scale": 1,
                                       "height": self.ask("document.documentElement.scrollHeight")}} if whole else {}))
        pathlib.Path(path).write_bytes(base64.b64decode(image["data"]))

    def events(self, *methods):
        return [event["params"] for event in self.browser.events
                if event.get("sessionId") == self.session and event["method"] in methods]

    def requests(self):
        """The URLs that it asked for beside its own."""
        urls = [event["request"]["url"] for event in self.events("Network.requestWillBeSent")]
        return [url for url in urls if url not in (self.url, "about:blank")]

    def complaints(self):
        """What the console shows."""
        logged = [event["entry"]["text"] for event in self.events("Log.entryAdded")]
        return logged + [str(event) for event in self.events("Runtime.consoleAPICalled", "Runtime.exceptionThrown")]

    def close(self):
        self.browser.call("Target.closeTarget", targetId=self.target)
