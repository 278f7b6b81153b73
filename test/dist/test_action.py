"""The step of the GitHub action, with a server on loopback in place of a release."""

import functools
import hashlib
import http.server
import os
import pathlib
import subprocess
import threading

from packages import Case, OUT, SOURCE, VERSION, one, run

TARBALL = f"vlmshim-{VERSION}-linux-x86_64.tar.gz"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class Action(Case):
    def setUp(self):
        self.need("curl")

    def serve(self, folder):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return f"http://127.0.0.1:{server.server_port}"

    def step(self, url, version=VERSION, sha256=""):
        """(what it did, the lines that it added to PATH), as a runner starts it."""
        runner = self.folder()
        environment = {"PATH": os.environ["PATH"], "RUNNER_OS": "Linux", "RUNNER_TEMP": str(runner / "temp"),
                       "GITHUB_PATH": str(runner / "path"), "VLMSHIM_VERSION": version, "VLMSHIM_SHA256": sha256, "VLMSHIM_URL": url}
        done = subprocess.run(["bash", SOURCE / "config/action/install.sh"], env=environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        added = runner / "path"
        return done, added.read_text().splitlines() if added.exists() else []

    def release(self):
        folder = self.folder()
        for name in (TARBALL, "SHA256SUMS"):
            (folder / name).write_bytes((OUT / name).read_bytes())
        return folder

    def refused(self, said, *arguments, **options):
        done, path = self.step(*arguments, **options)
        self.assertEqual((done.returncode, path), (1, []))
        self.assertTrue(done.stdout.splitlines()[-1].startswith("::error title=vlmshim::"), done.stdout)
        self.assertIn(said, done.stdout)

    def test_it_works(self):
        for sha256 in ("", hashlib.sha256(one(TARBALL).read_bytes()).hexdigest()):
            done, path = self.step(self.serve(self.release()), sha256=sha256)
            self.assertEqual((done.returncode, len(path)), (0, 1), done.stdout + done.stderr)
            self.assertEqual(run("vlmshim", "--version", env={"PATH": path[0]}), done.stdout)
        self.check_works(pathlib.Path(path[0]) / "vlmshim")

    def test_another_content(self):
        folder = self.release()
        (folder / TARBALL).write_bytes(b"something else")
        self.refused("does not have the sum", self.serve(folder))

    def test_another_sum_is_pinned(self):
        self.refused("does not have the sum", self.serve(self.release()), sha256="0" * 64)

    def test_no_such_release(self):
        self.refused("cannot get", self.serve(self.folder()))

    def test_inputs(self):
        for version in ("", "latest", "../../0.1.0", "0.1.0; id"):
            self.refused("is not like 0.1.0", "http://127.0.0.1:9", version=version)
        self.refused("is not 64 digits", "http://127.0.0.1:9", sha256="abc")

    def test_the_file_starts_this_step(self):
        words = (SOURCE / "config/action/action.yml").read_text()
        self.assertIn("default: " + VERSION, words)
        for variable in ("VLMSHIM_VERSION: ${{ inputs.version }}", "VLMSHIM_SHA256: ${{ inputs.sha256 }}", "VLMSHIM_URL: ${{ inputs.url "):
            self.assertIn(variable, words)
        self.assertTrue(os.access(SOURCE / "config/action/install.sh", os.X_OK))
