"""The program for the other machine, under qemu's user mode: each of its processes is one of qemu's, what it starts runs bare."""

import os
import subprocess
import uuid

from oracle import carriers, free_port, listening
from packages import Case, OUT, PYTHON, VERSION, one, run


class Aarch64(Case):
    def setUp(self):
        qemu = self.need("qemu-aarch64")
        prefix = self.folder()
        run("tar", "-xzf", one(f"vlmshim-{VERSION}-linux-aarch64.tar.gz"), "-C", prefix, "--strip-components=1")
        self.vlmshim = [qemu, str(prefix / "bin/vlmshim")]

    def end_to_end(self, *arguments):
        """(status, what it said) of a run after which nothing of it is left."""
        mark = f"VLMSHIM_DIST_CASE={uuid.uuid4()}"
        done = subprocess.run([*self.vlmshim, *map(str, arguments)], cwd=self.folder(), stdin=subprocess.DEVNULL,
                              env=dict(os.environ, VLMSHIM_DIST_CASE=mark.partition("=")[2]), stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=120, check=False)
        self.assertEqual(carriers([mark.encode()]), [], done.stdout)
        return done.returncode, done.stdout

    def test_machine(self):
        head = one(f"vlmshim-{VERSION}-linux-aarch64.tar.gz")
        self.assertTrue(head.exists())
        with open(self.vlmshim[1], "rb") as program:
            start = program.read(20)
        self.assertEqual((start[:5], int.from_bytes(start[18:20], "little")), (b"\x7fELF\x02", 183))  # EM_AARCH64

    def test_version_and_check(self):
        self.assertEqual(run(*self.vlmshim, "--version").split()[:2], ["vlmshim", VERSION])
        self.assertIn("[shutdown]", run(*self.vlmshim, "--no-config", "--check"))

    def test_status(self):
        for words, status in ((["true"], 0), (["sh", "-c", "exit 7"], 7), (["/no/such/test"], 127)):
            self.assertEqual(self.end_to_end("-p", free_port(), "--", *words)[0], status)

    def test_server_and_daemon(self):
        port = free_port()
        status, said = self.end_to_end("-s", f"{PYTHON} -m http.server --bind 127.0.0.1 {{port}}", "-r", "/", "-p", port, "--",
                                       "sh", "-c", f"(setsid sleep 1000 &); {PYTHON} -c 'import urllib.request as u; "
                                       f"print(u.urlopen(\"http://127.0.0.1:{port}/\").status)'")
        self.assertEqual(status, 0, said)
        self.assertIn("200", said)
        self.assertFalse(listening(port))

    def test_who(self):
        port = free_port()
        done = subprocess.run([*self.vlmshim, "--who", str(port)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        self.assertEqual(done.returncode, 1, done.stdout)

    def test_wheel(self):
        folder = self.folder()
        run(PYTHON, "-m", "pip", "--disable-pip-version-check", "-q", "install", "--no-index", "--find-links", OUT, "--no-deps",
            "--only-binary=:all:", "--platform", "manylinux_2_17_aarch64", "--target", folder, "vlmshim")
        self.assertEqual(run(self.vlmshim[0], folder / "bin/vlmshim", "--version").split()[:2], ["vlmshim", VERSION])
