"""Every condition of [server.ready], alone and together, and the servers that listen on no port of their own."""

import os
import socket
import subprocess
import sys
import threading
import time

from harness import begins_after, Case, check, check_equal, fixture, script, toml, WAITING
from oracle import free_port, listening, wait_for

# Its main process exits at once: vlmshim does not know the daemon that it started.
ORDER_A_DAEMON = """
import os, sys, time
folder, port = sys.argv[1:3]
with open(folder + "/order.new", "w") as order:
    order.write(port)
os.rename(folder + "/order.new", folder + "/order")
while not os.path.exists(folder + "/serving"):
    time.sleep(0.005)
if len(sys.argv) > 3:  # attached: until a stop signal
    import signal
    def stop(*_):
        open(folder + "/stop", "w").close()
        while os.path.exists(folder + "/serving"):
            time.sleep(0.005)
        sys.exit(0)
    signal.signal(signal.SIGTERM, stop)
    signal.pause()
"""


def config(port, words, *lines, before=""):
    return before + f"[server]\ncommand = {toml(words)}\nport = {port}\n" + "\n".join(lines) + "\n"


class Log(Case):
    def says(self, stage, text, then="exec sleep 1000", after="listening"):
        """A server that waits for a file and then writes this, and serves."""
        return script(stage.file("server.sh"), f'while ! test -e "{after}"; do sleep 0.01; done\nprintf %s "{text}"\n{then}\n')

    def test_in_every_mode(self):
        def one(mode):
            stage = self.stage()
            server = self.says(stage, "warming up\nnow listening on 1\n")
            run = stage.plain("--", *fixture(*WAITING), config=config('"none"', ["/bin/sh", server], f'output = "{mode}"', 'ready.log = "^now listening on [0-9]+$"'))
            wait_for(lambda: "started (pid" in run.err, "the server to be started")
            begins_after(stage, run, "listening")
        self.each(["capture", "inherit", "file:server.log"], one)

    def test_what_an_earlier_run_has_written_counts_for_nothing(self):
        stage = self.stage()
        stage.file("server.log").write_text("now listening on 1\n")
        server = script(stage.file("server.sh"), "exec sleep 1000\n")
        run = stage.plain("--", *fixture("exit", 0, "--ready", "test.pid"),
                          config=config('"none"', ["/bin/sh", server], 'output = "file:server.log"', 'ready.log = "listening"', 'ready.timeout = "400ms"'))
        check_equal(run.wait(), 125, "status", run)
        check("no line of its output matches" in run.err, "not logged", run)
        check(not stage.file("test.pid").exists(), "the test was started", run)

    def test_a_line_without_an_end_and_one_in_pieces(self):
        stage = self.stage()
        stage.file("listening").touch()
        server = self.says(stage, "now ", 'sleep 0.05; printf "listening on 1"; exec sleep 1000')
        run = stage.plain("--", *fixture("exit", 7), config=config('"none"', ["/bin/sh", server], 'ready.log = "now listening"'))
        check_equal(run.wait(), 7, "status", run)

    def test_with_a_port_the_line_alone_is_not_enough(self):
        stage = self.stage()
        stage.file("listening").touch()
        server = self.says(stage, "listening\n")
        run = stage.plain("--", *fixture("exit", 0, "--ready", "test.pid"),
                          config=config(stage.port, ["/bin/sh", server], 'ready.log = "listening"', 'ready.timeout = "400ms"'))
        check_equal(run.wait(), 125, "status", run)
        check(f"no process listens on port {stage.port}" in run.err, "not logged", run)


class Commands(Case):
    def test_success_without_a_listener_is_not_ready(self):
        """As with a line of the last run in a log, or a socket that was left behind."""
        stage = self.stage()
        run = stage.plain("--", *fixture("exit", 0, "--ready", "test.pid"),
                          config=config(stage.port, fixture("pause"), 'ready.exec = ["/bin/true"]', 'ready.timeout = "400ms"'))
        check_equal(run.wait(), 125, "status", run)
        check(not stage.file("test.pid").exists(), "the test was started", run)

    def test_one_that_hangs_is_ended_with_its_descendants_and_started_again(self):
        stage = self.stage()
        probe = script(stage.file("probe.sh"), "echo asked >> asked\ntest $(grep -c . asked) -gt 1 && exit 0\nsleep 1000 &\nsleep 1000\n")
        run = stage.plain("--", *fixture("exit", 3), config=config(stage.port, fixture("serve", "{port}"), f'ready.exec = ["/bin/sh", "{probe}"]'))
        check_equal(run.wait(40), 3, "status", run)
        check(10 <= run.seconds() <= 25, f"after {run.seconds():.1f} s", run)
        stage.prove_clean()


class Unix(Case):
    def test_accepts(self):
        """Of any length: sockaddr_un takes 107 bytes."""
        def one(name):
            stage = self.stage()
            path = stage.file(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            words = [sys.executable, "-c", "import os, socket, sys, time\n"
                     "while not os.path.exists('bind'): time.sleep(0.01)\n"
                     "s = socket.socket(socket.AF_UNIX); os.chdir(os.path.dirname(sys.argv[1])); s.bind(os.path.basename(sys.argv[1])); s.listen(); time.sleep(1000)", path]
            run = stage.plain("--", *fixture(*WAITING), config=config('"none"', words, f'ready.unix = "{name}"'))
            wait_for(lambda: "started (pid" in run.err, "the server")
            begins_after(stage, run, "bind")
        self.each(["s.sock", "d/" * 60 + "s.sock"], one)

    def test_one_that_was_left_behind_is_not_ready(self):
        stage = self.stage()
        left = socket.socket(socket.AF_UNIX)
        left.bind(str(stage.file("s.sock")))
        left.close()
        run = stage.plain("--", *fixture("exit", 0, "--ready", "test.pid"),
                          config=config('"none"', fixture("pause"), 'ready.unix = "s.sock"', 'ready.timeout = "300ms"'))
        check_equal(run.wait(), 125, "status", run)
        check("s.sock: Connection refused" in run.err, "not logged", run)


class Http(Case):
    def test_statuses(self):
        def one(item):
            status, counts, code = item
            stage = self.stage()
            run = stage.plain("--", *fixture("exit", 9), config=config(stage.port, fixture("serve", "{port}", "--status", status),
                              f'ready = {{ http = "/", status = {counts}, timeout = "400ms" }}'))
            check_equal(run.wait(), code, f"status for {item}", run)
        self.each([(401, "[401]", 9), (302, '["3xx"]', 9), (404, '["2xx", "4xx"]', 9), (200, "[204]", 125), (503, '["2xx"]', 125)], one)

    def test_headers_are_sent_and_never_seen(self):
        """Over plain HTTP; for curl they are in no command line, log or report."""
        stage = self.stage()
        server = script(stage.file("server.py"), """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.headers.get("authorization") == "Bearer tok-SECRET" and self.headers.get("host") == "vqa.test" else 403)
        self.end_headers()
    def log_message(self, *_): pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
""")
        run = stage.plain("-vv", "--report", "run.json", "--", *fixture("exit", 4), config=config(
            stage.port, [sys.executable, server, "{port}"], 'ready.http = "/"', 'ready.headers = { Authorization = "Bearer tok-SECRET", host = "vqa.test" }'))
        check_equal(run.wait(), 4, "status", run)
        check("tok-SECRET" not in run.err + stage.file("run.json").read_text(), "the value is shown", run)

    def test_one_word(self):
        stage = self.stage()
        run = stage.plain("--", *fixture("exit", 6), config=config(stage.port, fixture("serve", "{port}"), 'ready = "/health"'))
        check_equal(run.wait(), 6, "status", run)

    def test_a_stranger_gets_no_request(self):
        """Another process that listens in the server's place must not see its headers."""
        stage = self.stage()
        run = stage.plain("--", *fixture("exit", 0), config=config(
            stage.port, fixture("serve", "{port}", "--listen-when", "never", "--ready", "server.pid"), 'ready.http = "/"',
            'ready.headers = { Authorization = "x" }'))
        stage.ready("server.pid", run)
        stranger = stage.outsider("serve", stage.port, "--requests", "requests.log")
        check_equal(run.wait(), 125, "status", run)
        check(not stage.file("requests.log").exists() or not stage.file("requests.log").read_text(), "it got a request", run)
        stranger.kill()

    def test_a_server_of_one_connection_keeps_it(self):
        """By default, and with tcp, no connection is made."""
        def one(line):
            stage = self.stage()
            words = [sys.executable, "-c", "import socket, sys\ns = socket.create_server(('127.0.0.1', int(sys.argv[1])))\n"
                     "c, _ = s.accept(); c.sendall(b'hello'); c.close(); s.close(); import time; time.sleep(1000)", "{port}"]
            test = [sys.executable, "-c", "import os, socket; s = socket.create_connection(('127.0.0.1', int(os.environ['VLMSHIM_PORT']))); assert s.recv(9) == b'hello'"]
            run = stage.plain("--", *test, config=config(stage.port, words, line))
            check_equal(run.wait(), 0, "status", run)
        self.each(["", 'ready.tcp = "localhost:{port}"'], one)


class Tls(Case):
    SERVER = """
import http.server, ssl, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.headers.get("X-Token") == "tok-SECRET" else 403); self.end_headers()
    def log_message(self, *_): pass
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER); context.load_cert_chain(sys.argv[2], sys.argv[2])
server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
"""

    def certified(self, stage):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", stage.file("key.pem"), "-out", stage.file("cert.pem"),
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2"], check=True, capture_output=True)
        stage.file("both.pem").write_text(stage.file("key.pem").read_text() + stage.file("cert.pem").read_text())
        return [sys.executable, script(stage.file("server.py"), self.SERVER), "{port}", stage.file("both.pem")]

    def test_certificates_are_checked_unless_insecure(self):
        def one(item):
            line, environment, status, said = item
            stage = self.stage()
            words = self.certified(stage)
            run = stage.plain("--report", "run.json", "--", *fixture("exit", 8), env={name: value.format(stage.folder) for name, value in environment.items()},
                              config=config(stage.port, words, f'ready = {{ http = "https://localhost:{{port}}/", headers = {{ X-Token = "tok-SECRET" }}, timeout = "10s", {line} }}'))
            check_equal(run.wait(), status, f"status for {item}", run)
            check(said in run.err, f"not said: {said}", run)
            check("tok-SECRET" not in run.err + stage.file("run.json").read_text(), "the value is shown", run)
            stage.prove_clean()
        self.each([("insecure = true", {}, 8, "ready after"),
                   ("insecure = false", {"CURL_CA_BUNDLE": "{}/cert.pem", "https_proxy": "http://127.0.0.1:9"}, 8, "ready after"),
                   ("insecure = false", {"CURL_CA_BUNDLE": "/etc/ssl/certs/ca-certificates.crt"}, 125, "curl: (60)")], one)

    def test_without_curl(self):
        stage = self.stage()
        empty = stage.file("bin")
        empty.mkdir()
        run = stage.plain("--", "/bin/true", env={"PATH": str(empty)}, config=config(
            stage.port, ["/bin/touch", "started"], 'ready.http = "https://localhost:{port}/"'))
        check_equal(run.wait(), 125, "status", run)
        check("curl" in run.err and "PATH" in run.err, "not logged", run)
        check(not stage.file("started").exists(), "the server was started", run)


class Together(Case):
    def test_all_must_hold(self):
        stage = self.stage()
        server = script(stage.file("server.py"), """
import http.server, os, socket, sys, threading, time
def when(name):
    while not os.path.exists(name): time.sleep(0.01)
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if os.path.exists("http") else 503); self.end_headers()
    def log_message(self, *_): pass
when("tcp")
server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
when("unix")
s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1] + ".sock"); s.listen()
when("log"); print("listening on", sys.argv[1], flush=True)
time.sleep(1000)
""")
        run = stage.plain("--", *fixture(*WAITING), config=config(stage.port, [sys.executable, server, "{port}"]) + """
[server.ready]
http = "/"
tcp = "localhost:{port}"
unix = "{port}.sock"
exec = ["test", "-e", "exec"]
log = "^listening on {port}$"
timeout = "20s"
""")
        wait_for(lambda: "started (pid" in run.err, "the server")
        for name in ("exec", "tcp", "http", "unix"):
            check(not stage.file("test.pid").exists(), f"the test was started before {name}", run)
            stage.file(name).touch()
        begins_after(stage, run, "log")


class PortOfTheProbe(Case):
    def test_it_is_the_servers(self):
        """Guarded, in VLMSHIM_PORT, and reported free; 8080 is not mentioned."""
        def one(words):
            stage = self.stage()
            run = stage.plain("-s", f"{' '.join(fixture('serve', stage.port))}", "-r", words.format(stage.port), "--", "/bin/sh", "-c", 'echo "$VLMSHIM_PORT" > port')
            check_equal(run.wait(), 0, "status", run)
            check_equal(stage.file("port").read_text().strip(), str(stage.port), "VLMSHIM_PORT", run)
            check(f"port {stage.port} is free" in run.err and "8080" not in run.err, "not logged", run)
        self.each(["http://localhost:{}/", "http://127.0.0.1:{}/health?x=1", "tcp://localhost:{}"], one)

    def test_a_busy_one_is_refused(self):
        stage = self.stage()
        holder = stage.outsider("hold-port", stage.port)
        run = stage.plain("-s", "touch started", "-r", f"http://localhost:{stage.port}/", "--", "true")
        check_equal(run.wait(), 125, "status", run)
        check(not stage.file("started").exists(), "it was started", run)
        check(holder.poll() is None, "the holder was ended", run)

    def test_where_both_are_given_and_differ_both_are_guarded(self):
        stage = self.stage()
        other = free_port()
        holder = stage.outsider("hold-port", other)
        run = stage.plain("-p", stage.port, "-s", "touch started", "-r", f"http://localhost:{other}/", "--", "true")
        check_equal(run.wait(), 125, "status", run)
        check(f"port {other} is busy" in run.err, "not logged", run)
        check(holder.poll() is None, "the holder was ended", run)


class Hints(Case):
    def test_where_it_listens_instead(self):
        """During the wait, and once more in the failure."""
        def one(item):
            address, shown, in_command = item
            stage = self.stage()
            other = free_port()
            words = fixture("serve", other, *(["--addr", address] if address else ["--any"])) + (["--line", "{port}"] if in_command else [])
            run = stage.plain("--", *fixture("exit", 0), config=config(stage.port, words, 'ready.http = "/"', 'ready.timeout = "3s"'))
            check_equal(run.wait(), 125, "status", run)
            hint = f"it listens on {shown}:{other}, not on port {stage.port}"
            check_equal(run.err.count(hint), 2, "times that it is logged", run)
            check_equal("does its command have --port {port}?" in run.err, not in_command, "the question", run)
        self.each([("127.0.0.1", "127.0.0.1", False), ("::1", "[::1]", False), ("127.0.0.1", "127.0.0.1", True)], one)

    def test_a_status_that_does_not_count(self):
        stage = self.stage()
        run = stage.plain("--", *fixture("exit", 0), config=config(stage.port, fixture("serve", "{port}", "--status", 404), 'ready.http = "/"', 'ready.timeout = "13s"'))
        check_equal(run.wait(), 125, "status", run)
        check_equal(run.err.count("it answers HTTP 404: only 2xx counts as ready, see status in [server.ready]"), 2, "times that it is logged", run)

    def test_a_server_that_is_ready_is_not_doubted(self):
        """It listens on a second port first."""
        stage = self.stage()
        run = stage.plain("--", *fixture("exit", 2), config=config(stage.port, [sys.executable, "-c", f"""
import socket, sys, time
other = socket.create_server(("127.0.0.1", 0)); time.sleep(0.1)
own = socket.create_server(("127.0.0.1", int(sys.argv[1]))); time.sleep(1000)""", "{port}"]))
        check_equal(run.wait(), 2, "status", run)
        check("it listens on" not in run.err, "it was doubted", run)


class External(Case):
    def test_waited_for_used_and_left_alone(self):
        def one(kind):
            stage = self.stage()
            server = stage.outsider("serve", stage.port, "--ok-when", str(stage.file("ok")))
            url = f"http://localhost:{stage.port}/"
            words = ["-r", url] if kind == "option" else []
            text = None if kind == "option" else f'[server]\nname = "web"\nexternal = true\nready = "{url}"\n'
            run = stage.plain(*words, "--", "/bin/sh", "-c", 'echo "$VLMSHIM_PORT" > port', config=text)
            time.sleep(0.2)
            check(run.process.poll() is None, "it did not wait", run)
            stage.file("ok").touch()
            check_equal(run.wait(), 0, "status", run)
            check_equal(stage.file("port").read_text().strip(), str(stage.port), "VLMSHIM_PORT", run)
            check(server.poll() is None and listening(stage.port), "it was ended", run)
            check("is free" not in run.err, "its port is called free", run)
        self.each(["option", "file"], one)

    def test_its_end_is_logged(self):
        stage = self.stage()
        server = stage.outsider("serve", stage.port)
        run = stage.plain("-r", f"http://localhost:{stage.port}/", "--", *fixture("wait-file", "go", 5, "--ready", "test.pid"))
        stage.ready("test.pid", run)
        server.kill()
        wait_for(lambda: f"port {stage.port}" in run.err and "no process listens any more" in run.err, "the warning")
        stage.file("go").touch()
        check_equal(run.wait(), 5, "status", run)

    def test_one_without_a_port_is_not_expected_on_8080(self):
        stage = self.stage()
        run = stage.plain("--", *fixture("exit", 0), config=f'[server]\nexternal = true\nport = {stage.port}\nready.exec = ["true"]\n')
        check_equal(run.wait(), 0, "status", run)
        check("no process listens" not in run.err, "its end is reported", run)

    def test_one_that_never_listens(self):
        stage = self.stage()
        run = stage.plain("--", "touch", "started", config=f'[server]\nexternal = true\nport = {stage.port}\nready.timeout = "300ms"\n')
        check_equal(run.wait(), 125, "status", run)
        check("does the test start it itself? Then leave out" in run.err, "not logged", run)
        check(not stage.file("started").exists(), "the test was started", run)

    def test_by_its_name_through_curl(self):
        """As `services:` and compose give it. The name is resolved by curl, from an /etc/hosts of the test's own."""
        stage = self.stage()
        stage.file("hosts").write_text("127.0.0.1 localhost\n127.0.0.1 my_web\n")
        wrap = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"]),
                "sh", "-c", f'mount --bind {stage.file("hosts")} /etc/hosts && exec "$@"', "sh"]
        stage.outsider("serve", stage.port)
        run = stage.plain("-r", f"http://my_web:{stage.port}/", "--", "/bin/sh", "-c", 'echo "$VLMSHIM_PORT" > port', wrap=wrap)
        check_equal(run.wait(), 0, "status", run)
        check_equal(stage.file("port").read_text().strip(), str(stage.port), "VLMSHIM_PORT", run)


class Daemon(Case):
    """owner = "any": the command makes a daemon serve that is no descendant, as docker run -p does."""

    def daemon(self, stage):
        """What dockerd is to `docker run`; a child of the harness."""
        stop = threading.Event()

        def serve():
            wait_for(lambda: stage.file("order").exists() or stop.is_set(), "an order", 30)
            if stop.is_set():
                return
            port = int(stage.file("order").read_text())
            holder = stage.outsider("serve", port)
            stage.file("serving").touch()
            wait_for(lambda: stage.file("stop").exists() or stop.is_set(), "the stop", 30)
            holder.kill()
            holder.wait()
            stage.file("serving").unlink()
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(stop.set)

    def test_attached(self):
        """The client gets the stop signal, the daemon frees the port."""
        stage = self.stage()
        self.daemon(stage)
        client = script(stage.file("client.py"), ORDER_A_DAEMON)
        run = stage.plain("--", *fixture("exit", 3), config=config(stage.port, [sys.executable, client, stage.folder, "{port}", "attached"], 'owner = "any"', 'ready.http = "/"'))
        check_equal(run.wait(), 3, "status", run)
        check(not listening(stage.port), "the port is held", run)
        check(f"port {stage.port} is free" in run.err, "not logged", run)

    def test_detached(self):
        """The client's exit with 0 is no death. A listener that is left at the end is reported, not killed."""
        stage = self.stage()
        self.daemon(stage)
        client = script(stage.file("client.py"), ORDER_A_DAEMON)
        run = stage.plain("--", "/bin/true", config=config(stage.port, [sys.executable, client, stage.folder, "{port}"], 'owner = "any"', 'ready.http = "/"'))
        check_equal(run.wait(), 125, "status", run)
        check(listening(stage.port), "the daemon's server was ended", run)
        check(f"port {stage.port} is not free" in run.err, "not logged", run)

    def test_a_client_that_fails_is_a_death(self):
        stage = self.stage()
        run = stage.plain("--", "touch", "started", config=config(stage.port, ["/bin/sh", "-c", "exit 3"], 'owner = "any"'))
        check_equal(run.wait(), 125, "status", run)
        check("exited with 3 before it was ready" in run.err, "not logged", run)


class NoPort(Case):
    def test_nothing_is_guarded_and_no_port_is_set(self):
        """Not even the port of a run around it."""
        stage = self.stage()
        run = stage.plain("--", "/bin/sh", "-c", 'echo "${VLMSHIM_PORT-none}" > port', env={"VLMSHIM_PORT": "1234"},
                          config=config('"none"', fixture("pause"), 'ready.exec = ["true"]'))
        check_equal(run.wait(), 0, "status", run)
        check_equal(stage.file("port").read_text().strip(), "none", "VLMSHIM_PORT", run)
        check("port" not in run.err, "a port is mentioned", run)


class Stdin(Case):
    def test_open(self):
        """esbuild --serve and tailwind --watch end when their input does."""
        def one(item):
            mode, status = item
            stage = self.stage()
            words = ["/bin/sh", "-c", "touch up; read line; echo over; exit 0"]
            run = stage.plain("--", *fixture("wait-file", "go", 4, "--ready", "test.pid"), config=config('"none"', words, f'stdin = "{mode}"', 'ready.exec = ["test", "-e", "up"]'))
            if status == 4:
                stage.ready("test.pid", run)
                time.sleep(0.1)
                check(run.process.poll() is None, "it ended", run)
                stage.file("go").touch()
            check_equal(run.wait(), status, "status", run)
            stage.prove_clean()
        self.each([("open", 4), ("null", 125)], one)
