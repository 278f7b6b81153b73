"""vlmshim --init: what it writes for a folder, and that it works. Its decisions have a unit test."""

import os
import stat
import sys

from harness import Case, check, check_equal, need
from oracle import free_port

SERVER = '''import http.server, sys, argparse
options = argparse.ArgumentParser()
options.add_argument("--port", type=int, required=True)
class Model(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/health" else 404)
        self.end_headers()
    def log_message(self, *_):
        pass
http.server.HTTPServer(("127.0.0.1", options.parse_args().port), Model).serve_forever()
'''
TEST = '''import os, urllib.request
print("status", urllib.request.urlopen(f"http://127.0.0.1:{os.environ['VLMSHIM_PORT']}/health").status)
'''


class Init(Case):
    def init(self, stage, *options, env=None, cwd=None, **more):
        run = stage.plain(*options, "--init", keep_config_search=True, env=env, cwd=cwd or stage.folder, **more)
        return run, run.wait()

    def test_what_it_writes_works(self):
        stage = self.stage()
        stage.file("run_smolvlm.py").write_text(SERVER)
        stage.file("vqa_test.py").write_text(TEST)
        run, status = self.init(stage)
        check_equal(status, 0, "status", run)
        check_equal(run.out, "", "stdout", run)
        lines = run.err.splitlines()
        check_equal(len(lines), 2, "lines", run)
        check("vlmshim.toml" in lines[0] and "run_smolvlm.py" in lines[0] and "vqa_test.py" in lines[0], "what it wrote is not said", run)
        check("vlmshim --check" in lines[1], "what to type next is not said", run)
        checked = stage.plain("--check", keep_config_search=True)
        check_equal(checked.wait(), 0, "status of --check", checked)
        port = free_port()
        tested = stage.plain("-p", port, keep_config_search=True)
        check_equal(tested.wait(60), 0, "status of the run", tested)
        check_equal(tested.out, "status 200\n", "the test's output", tested)
        stage.prove_clean(port)

    def test_an_empty_folder(self):
        stage = self.stage()
        run, status = self.init(stage)
        check_equal(status, 0, "status", run)
        checked = stage.plain("--check", "--", sys.executable, "-V", keep_config_search=True)
        check_equal(checked.wait(), 0, "status of --check", checked)
        check("vlmshim.toml" in checked.out.partition("\n")[0], "another file was read", checked)
        first = stage.file("vlmshim.toml").read_text().partition("\n")[0]
        check(first.startswith("#:schema file:///") and first.endswith("/vlmshim/vlmshim.schema.json"), f"schema: {first}")

    def test_the_schema_is_the_one_beside_the_program(self):
        stage = self.stage()
        program = os.environ["VLMSHIM"]
        for folder in ("bin", "share/vlmshim"):
            stage.file(folder).mkdir(parents=True)
        stage.file("share/vlmshim/vlmshim.schema.json").write_text("{}")
        with open(program, "rb") as file:
            stage.file("bin/vlmshim").write_bytes(file.read())
        stage.file("bin/vlmshim").chmod(0o755)
        run = stage.plain("--init", keep_config_search=True, wrap=["env", "-C", stage.folder, "sh", "-c", 'shift; exec bin/vlmshim "$@"', "sh"])
        check_equal(run.wait(), 0, "status", run)
        check(stage.file("vlmshim.toml").read_text().startswith(f"#:schema file://{stage.folder}/share/vlmshim/vlmshim.schema.json\n"), "schema", run)

    def test_mode_is_0644_less_umask(self):
        for mask, mode in ((0o022, 0o644), (0o000, 0o644), (0o077, 0o600)):
            stage = self.stage()
            run, status = self.init(stage, umask=mask)
            check_equal(status, 0, "status", run)
            check_equal(oct(stat.S_IMODE(stage.file("vlmshim.toml").stat().st_mode)), oct(mode), f"mode with umask {mask:o}", run)

    def test_never_over_anything(self):
        def one(kind):
            stage = self.stage()
            path = stage.file("vlmshim.toml")
            if kind == "file":
                path.write_text("kept\n")
            elif kind == "folder":
                path.mkdir()
            else:
                path.symlink_to(stage.file("elsewhere"))
                if kind == "link":
                    stage.file("elsewhere").write_text("kept\n")
            run, status = self.init(stage)
            check_equal(status, 125, f"status over a {kind}", run)
            check("vlmshim.toml is there already" in run.err, "not logged", run)
            check_equal(len(run.err.splitlines()), 1, "lines", run)
            check_equal(path.is_symlink(), "link" in kind, "a link", run)
            if kind == "dangling link":
                check(not stage.file("elsewhere").exists(), "written where the link leads", run)
            elif kind != "folder":
                check_equal(path.read_text(), "kept\n", "text", run)
        self.each(["file", "folder", "link", "dangling link"], one)

    def test_a_folder_that_cannot_be_written(self):
        need(self, os.getuid() == 0, "needs root to become another user")
        stage = self.stage()
        stage.folder.chmod(0o755)
        run, status = self.init(stage, user=54321, extra_groups=[])
        check_equal(status, 125, "status", run)
        check(str(stage.folder) in run.err and "Permission denied" in run.err, "not logged", run)

    def test_a_fifo_is_no_script(self):
        stage = self.stage()
        os.mkfifo(stage.file("run_smolvlm.py"))
        os.mkfifo(stage.file("package.json"))
        run, status = self.init(stage)
        check_equal(status, 0, "status", run)

    def test_options_of_a_run_are_refused(self):
        def one(words):
            stage = self.stage()
            run = stage.plain(*words, keep_config_search=True)
            check_equal(run.wait(), 125, f"status of {words}", run)
            check(not stage.file("vlmshim.toml").exists(), "written all the same", run)
        self.each([("--init", "pytest"), ("--init", "-p", "80"), ("-c", "x", "--init"), ("--init", "--check")], one)
