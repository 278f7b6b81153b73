"""Servers of other projects, started by vlmshim from a configuration, and tests as people write them."""

import os
import pathlib
import shutil
import signal
import subprocess
import sys

from harness import Case, check, check_equal, fixture, need, Run, script, SOURCE, STANDIN, toml
from oracle import get, listening, wait_for

TOOLS = pathlib.Path(os.environ.get("VLMSHIM_E2E_TOOLS", "/nonexistent"))
PYTHON = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable

# The same test for all of them: it finds its server through VLMSHIM_PORT, keeps one connection
# open to the end as clients do, and checks the answers.
CHECK = """
import http.client, os, socket, sys
port = int(os.environ["VLMSHIM_PORT"])
kept = socket.create_connection(("127.0.0.1", port))
kept.sendall(b"GET / HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n")
assert kept.recv(12).startswith(b"HTTP/1."), "no answer"
for _ in range(20):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/")
    answer = connection.getresponse()
    body = answer.read().decode()
    assert answer.status == 200 and "hello" in body, (answer.status, body)
    connection.close()
print("checked")
open("checked", "w").close()
if len(sys.argv) > 1:
    import time
    while True:
        time.sleep(60)  # until a signal
"""

NGINX = """
daemon {daemon};
worker_processes 2;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
    uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
    server {{
        listen 127.0.0.1:{port}; listen [::1]:{port};
        location / {{ return 200 "hello from nginx\\n"; }}
    }}
}}
"""

UVICORN = """
async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": b"hello from uvicorn"})
"""

NODE = """
require("http").createServer((request, response) => response.end("hello from node")).listen(Number(process.argv[2]), "127.0.0.1");
"""


def config(stage, command, *lines):
    return (f"[server]\ncommand = {toml(command)}\nport = {stage.port}\n" + "\n".join(lines) +
            '\nready.http = "http://localhost:{port}/"\nready.timeout = "60s"\n')


class RealServers(Case):
    def nginx(self, stage, daemon):
        nginx = shutil.which("nginx", path=f'{os.environ.get("PATH", "")}:/usr/sbin:{TOOLS}/usr/sbin')
        need(self, nginx, "nginx is neither installed nor unpacked by ./dev test")
        os.chmod(stage.folder, 0o755)
        stage.file("nginx.conf").write_text(NGINX.format(daemon=daemon, folder=stage.folder, port=stage.port))
        lines = ['on_exit = "ignore"'] if daemon == "on" else []
        return config(stage, [nginx, "-p", stage.folder, "-e", "stderr", "-c", stage.file("nginx.conf")], *lines)

    def uvicorn(self, stage):
        found = subprocess.run([PYTHON, "-c", "import uvicorn"], stderr=subprocess.DEVNULL, check=False).returncode == 0
        if found:
            stage.file("hello.py").write_text(UVICORN)
            return config(stage, [PYTHON, "-m", "uvicorn", "--app-dir", stage.folder, "--port", "{port}", "hello:app"])
        node = shutil.which("node") or shutil.which("nodejs")
        need(self, node, "neither uvicorn (python3-uvicorn) nor node (nodejs) is installed")
        stage.file("hello.js").write_text(NODE)
        return config(stage, [node, stage.file("hello.js"), "{port}"])

    def python(self, stage):
        (stage.folder / "www").mkdir(exist_ok=True)
        (stage.folder / "www" / "index.html").write_text("hello from python")
        return config(stage, [PYTHON, "-m", "http.server", "--bind", "127.0.0.1", "--directory", stage.folder / "www", "{port}"])

    def servers(self):
        return {"nginx": lambda stage: self.nginx(stage, "off"), "nginx as a daemon": lambda stage: self.nginx(stage, "on"),
                "uvicorn or node": self.uvicorn, "python": self.python}

    def check_with(self, prepare):
        for ending, status in (("pass", 0), ("fail", 1), ("TERM", -signal.SIGTERM), ("timeout", 124)):
            stage = self.stage()
            text = prepare(stage)
            stage.file("check.py").write_text(CHECK + ('\nsys.exit(1)' if ending == "fail" else ""))
            stays = ending in ("TERM", "timeout")
            run = stage.plain(*(["-t", "3s"] if ending == "timeout" else []), "--", PYTHON, "check.py", *(["stay"] if stays else []), config=text)
            if stays:
                wait_for(lambda: stage.file("checked").exists() or run.process.poll() is not None, "the test", 60)
            if ending == "TERM":
                run.send(signal.SIGTERM)
            check_equal(run.wait(60), status, f"status of {ending}", run)
            check(stage.file("checked").exists(), "the test did not get through", run)
            stage.prove_clean()

    def test_nginx(self):
        self.check_with(self.servers()["nginx"])

    def test_nginx_as_a_daemon(self):
        """Its default: it forks twice and the first process exits."""
        self.check_with(self.servers()["nginx as a daemon"])

    def test_uvicorn_or_node(self):
        self.check_with(self.servers()["uvicorn or node"])

    def test_python(self):
        self.check_with(self.servers()["python"])

    def test_gunicorn_with_workers(self):
        """Its workers share the listener; with --reload they are ended and started anew under it."""
        def one(words):
            program = shutil.which("gunicorn")
            need(self, program, "gunicorn is not installed")
            stage = self.stage()
            stage.file("hello.py").write_text("def app(environ, start):\n    start('200 OK', [('Content-Type', 'text/plain')])\n    return [b'hello from gunicorn']\n")
            stage.file("check.py").write_text(CHECK)
            test = ["/bin/sh", "-c", f'{PYTHON} check.py && touch hello.py && {PYTHON} check.py']
            run = stage.plain("--", *test, config=config(stage, [program, *words, "--bind", "127.0.0.1:{port}", "--chdir", stage.folder, "hello:app"]))
            check_equal(run.wait(60), 0, "status", run)
            check("stopped listening" not in run.err, "it was said to listen no more", run)
            stage.prove_clean()
        self.each([["--workers", "2"], ["--workers", "2", "--reload"]], one)

    def esbuild(self, stage, stdin):
        program = TOOLS / "node_modules" / ".bin" / "esbuild"
        need(self, program.exists(), "esbuild is not there: npm is not installed, or this is not ./dev test")
        (stage.folder / "www").mkdir()
        (stage.folder / "www" / "index.html").write_text("hello from esbuild")
        return config(stage, [program, "--serve=127.0.0.1:{port}", "--servedir=www"], f'stdin = "{stdin}"')

    def test_esbuild(self):
        """It serves until its standard input ends."""
        self.check_with(lambda stage: self.esbuild(stage, "open"))

    def test_esbuild_without_an_input(self):
        stage = self.stage()
        run = stage.plain("--", *fixture("exit", 0), config=self.esbuild(stage, "null"))
        check_equal(run.wait(60), 125, "status", run)
        check("stdin was closed" in run.err, "its words are missing", run)

    def test_redis(self):
        """By the kernel's listener table alone; the server logs only the test's connection."""
        program = shutil.which("redis-server") or shutil.which("redis-check-rdb")
        need(self, program, "redis-check-rdb, which is redis-server under another name, is not installed")
        stage = self.stage()
        os.symlink(program, stage.file("redis-server"))
        test = [PYTHON, "-c", "import os, socket; s = socket.create_connection(('127.0.0.1', int(os.environ['VLMSHIM_PORT']))); "
                "s.sendall(b'INFO stats\\r\\n'); text = s.recv(65536); assert b'total_connections_received:1\\r' in text, text"]
        run = stage.plain("--", *test, config=f"[server]\ncommand = {toml(['./redis-server', '--port', '{port}', '--bind', '127.0.0.1', '--save', ''])}\nport = {stage.port}\n")
        check_equal(run.wait(60), 0, "status", run)
        stage.prove_clean()

    def test_a_foreign_nginx_is_refused_and_lives_on(self):
        stage = self.stage()
        text = self.nginx(stage, "off")
        first = stage.plain("--", *fixture("wait-file", "go", 0, "--ready", "test.pid"), config=text)
        stage.ready("test.pid", first)
        second = stage.run("--", *fixture("exit", 0))
        check_equal(second.wait(), 125, "status", second)
        check("nginx" in second.err, "it is not named", second)
        check(get(stage.port, "/")[0] == 200, "it was harmed", second)
        stage.file("go").touch()
        check_equal(first.wait(), 0, "status", first)
        stage.prove_clean()

    def test_broken_nginx_configuration(self):
        """Dies while loading: the run ends at once, and its output is shown."""
        stage = self.stage()
        text = self.nginx(stage, "off")
        stage.file("nginx.conf").write_text("no such directive;\n")
        run = stage.plain("--", *fixture("exit", 0, "--ready", "test.pid"), config=text)
        check_equal(run.wait(), 125, "status", run)
        check("unknown directive" in run.err, "its words are missing", run)
        stage.prove_clean()


class Demo(Case):
    """test/demo against the stand-in, as `./dev demo` runs it."""

    def demo(self, ending):
        stage = self.stage()
        run = Run(stage, ["-c", SOURCE / "config" / "demo.toml", "-p", stage.port, "--", PYTHON, SOURCE / "test" / "demo" / "vqa_test.py"],
                  env={"VLMSHIM_STANDIN": STANDIN, "VQA_TEST_ENDING": ending}, keep_config_search=True)
        return stage, run

    def test_endings(self):
        for ending, wanted in (("pass", lambda status: status == 0), ("fail", lambda status: status == 1), ("crash", lambda status: status < 0)):
            stage, run = self.demo(ending)
            status = run.wait(60)
            check(wanted(status), f"{ending}: status {status}", run)
            stage.prove_clean()

    def test_hang_is_ended(self):
        stage, run = self.demo("hang")
        wait_for(lambda: "ready" in run.err or run.process.poll() is not None, "the server", 60)
        run.send(signal.SIGINT)
        status = run.wait(60)
        check(status in (-signal.SIGINT, 1, 130), f"status {status}", run)
        stage.prove_clean()

    def test_stand_in_gets_one_signal(self):
        """It aborts with 1 on a second signal, as llama-server does: the log at -v would show it."""
        stage = self.stage()
        run = Run(stage, ["-v", "-c", SOURCE / "config" / "demo.toml", "-p", stage.port, "--", "true"], env={"VLMSHIM_STANDIN": STANDIN}, keep_config_search=True)
        check_equal(run.wait(60), 0, "status", run)
        check("exited with 1" not in run.err, "it got two stop signals", run)
        stage.prove_clean()


class OldStyle(Case):
    """Scripts that clean up the old way inside: `lsof -ti :PORT | xargs kill -9`, clients included."""

    def test_runs_below_vlmshim(self):
        """The test starts its own server; no process of vlmshim is in that list."""
        stage = self.stage()
        client_free = dict(env={"PORT": str(stage.port)})
        run = stage.run("--", PYTHON, SOURCE / "test" / "demo" / "old_style_test.py", STANDIN, "--port", stage.port, **client_free)
        check_equal(run.wait(120), 0, "status", run)
        check("PASS" in run.out, "the script did not pass", run)
        stage.prove_clean()

    def test_interrupted(self):
        stage = self.stage()
        run = stage.run("--", PYTHON, SOURCE / "test" / "demo" / "old_style_test.py", STANDIN, "--port", stage.port, env={"PORT": str(stage.port)})
        wait_for(lambda: listening(stage.port) or run.process.poll() is not None, "its server", 60)
        run.send(signal.SIGINT)
        run.wait(60)
        stage.prove_clean()

    def test_kills_the_port_while_our_server_runs(self):
        """It kills the server; vlmshim itself survives, reports the server's death, and cleans up."""
        killer = script  # a stand-in for lsof, which may be missing: every process with a socket on the port
        stage = self.stage()
        killer(stage.file("kill_port.py"), KILL_PORT)
        run = stage.plain("--", PYTHON, "kill_port.py", str(stage.port),
                          config=f'[server]\ncommand = {toml(fixture("serve", "{port}"))}\nport = {stage.port}\nready.http = "http://localhost:{{port}}/"\n')
        check_equal(run.wait(60), 125, "status", run)
        stage.prove_clean()
        shot = stage.file("shot").read_text().split()
        check(str(run.pid) not in shot, "vlmshim itself was in the list", run)
        check_equal(len(shot), 1, f"only the server has a socket on the port: {shot}", run)


KILL_PORT = r'''
"""What `lsof -ti :PORT | xargs kill -9` does, without lsof."""
import os, signal, sys, time
port = int(sys.argv[1])
inodes = set()
for table in ("/proc/net/tcp", "/proc/net/tcp6"):
    for row in list(open(table))[1:]:
        fields = row.split()
        if port in (int(fields[1].rpartition(":")[2], 16), int(fields[2].rpartition(":")[2], 16)):
            inodes.add("socket:[" + fields[9] + "]")
hit = set()
for pid in filter(str.isdigit, os.listdir("/proc")):
    if int(pid) == os.getpid():
        continue
    try:
        for fd in os.listdir("/proc/" + pid + "/fd"):
            if os.readlink("/proc/" + pid + "/fd/" + fd) in inodes:
                hit.add(int(pid))
    except OSError:
        pass
open("shot", "w").write(" ".join(map(str, sorted(hit))))
for pid in hit:
    # Only below the run: a case must not kill what it did not start.
    if b"E2E_COOKIE=" + os.environ["E2E_COOKIE"].encode() in open("/proc/%d/environ" % pid, "rb").read():
        os.kill(pid, signal.SIGKILL)
time.sleep(600)  # until vlmshim ends it, because its server died
'''
