"""npm, without a network and without install scripts."""

import json
import os
import shutil
import signal
import subprocess
import uuid

from oracle import carriers, free_port, listening, wait_for
from packages import Case, PYTHON, VERSION, one, run


class Npm(Case):
    def project(self, machine="x64"):
        self.need("npm")
        folder = self.folder()
        (folder / "package.json").write_text(json.dumps({"name": "project", "version": "1.0.0", "private": True}))
        run("npm", "install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", "--cache", folder / "cache",
            one(f"vlmshim-{VERSION}.tgz"), one(f"vlmshim-linux-{machine}-{VERSION}.tgz"), cwd=folder)
        return folder

    def test_it_works(self):
        folder = self.project()
        self.check_works(folder / "node_modules/.bin/vlmshim")
        self.assertEqual(run("npx", "--offline", "vlmshim", "--version", cwd=folder).split()[:2], ["vlmshim", VERSION])
        run("npm", "uninstall", "--offline", "--cache", folder / "cache", "vlmshim", "@vlmshim/linux-x64", cwd=folder)
        self.assertFalse((folder / "node_modules/.bin/vlmshim").exists())

    def test_another_folder_of_node_modules_above(self):
        """As in a workspace: the launcher lies in one, the binary in that of the folder above."""
        folder = self.project()
        below = folder / "packages/web/node_modules"
        below.mkdir(parents=True)
        (folder / "node_modules/vlmshim").rename(below / "vlmshim")
        self.assertEqual(run(below / "vlmshim/bin/vlmshim", "--version").split()[:2], ["vlmshim", VERSION])

    def test_without_the_binary(self):
        folder = self.project()
        shutil.rmtree(folder / "node_modules/@vlmshim")
        done = subprocess.run([folder / "node_modules/.bin/vlmshim", "--version"], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(done.returncode, 125)
        self.assertIn("npm install @vlmshim/linux-x64", done.stderr)

    def test_signals(self):
        folder = self.project()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            process, mark, port = self.start_with_server(folder / "node_modules/.bin/vlmshim")
            self.assertEqual(os.readlink(f"/proc/{process.pid}/exe").rpartition("/")[2], "vlmshim")  # nothing is between
            process.send_signal(number)
            self.assertEqual(process.wait(30), -number)
            self.check_gone(mark, port)

    def test_npx_is_stopped(self):
        process, mark, port = self.start_with_server("npx", "--offline", "vlmshim", cwd=self.project())
        process.terminate()
        process.wait(30)
        self.check_gone(mark, port)

    def test_npx_is_killed(self):
        """Its shell, which may stay between, and the program do not hear of it: the run goes on to its end, then nothing is left."""
        process, mark, port = self.start_with_server("npx", "--offline", "vlmshim", cwd=self.project())
        process.kill()
        process.wait(30)
        for pid, command in carriers([mark.encode()]):
            if command.startswith("sleep"):
                os.kill(int(pid), signal.SIGTERM)
        self.check_gone(mark, port)

    def test_a_script_puts_it_into_the_background(self):
        """The script ends, and the run goes on, as it does without npm."""
        folder = self.project()
        port = free_port()
        script = "vlmshim -p {0} -s '{1} -m http.server --bind 127.0.0.1 {0}' >log 2>&1 & sleep 1".format(port, PYTHON)
        (folder / "package.json").write_text(json.dumps({"name": "project", "scripts": {"start": script}}))
        mark = str(uuid.uuid4())
        run("npm", "start", cwd=folder, env={**os.environ, "VLMSHIM_DIST_CASE": mark})
        marks = [f"VLMSHIM_DIST_CASE={mark}".encode()]
        wait_for(lambda: listening(port), "the server to listen")
        keeper, = (pid for pid, command in carriers(marks) if "bin/vlmshim " in command)
        os.kill(int(keeper), signal.SIGTERM)
        self.check_gone(marks[0].decode(), port)

    def test_a_script_of_the_project(self):
        folder = self.project()
        (folder / "package.json").write_text(json.dumps({"name": "project", "scripts": {"test": "vlmshim -- sh -c 'exit 7'"}}))
        done = subprocess.run(["npm", "test"], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        self.assertEqual(done.returncode, 7)
