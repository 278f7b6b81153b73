"""Odd answers of HTTP servers to a readiness probe, and the harm that a probe must not do to a server."""

from harness import Case, check, check_equal, fixture, toml
from oracle import tcp_rows

# A server with one connection at a time. HANDLE(connection, count) answers; `requests` has a line for each.
SERVER = """
import signal, socket, sys, time
signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # as in a C program that does not handle it
family, address = (socket.AF_INET6, "::1") if "v6" in sys.argv else (socket.AF_INET, "127.0.0.1")
listener = socket.socket(family)
if "reuse" in sys.argv:
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind((address, int(sys.argv[1])))
listener.listen(16)
count = 0
while True:
    connection, _ = listener.accept()
    request = b""
    while b"\\r\\n\\r\\n" not in request:
        part = connection.recv(4096)
        if not part:
            break
        request += part
    else:
        count += 1
        with open("requests", "a") as file:
            file.write(f"{time.monotonic()}\\n")
        HANDLE
    connection.close()
    with open("served", "a") as file:
        file.write("served\\n")
"""

OK = 'connection.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok")'


class Probe(Case):
    def serve(self, handle, *flags, test=("exit", 0), status=0, stage=None, options=()):
        stage = stage or self.stage()
        lines = handle.strip("\n").split("\n")
        stage.file("server.py").write_text(SERVER.replace("HANDLE", "\n        ".join(lines)))
        config = f'[server]\nport = {stage.port}\ncommand = {toml(["python3", "server.py", "{port}", *flags])}\ngrace = "300ms"\n'
        run = stage.plain("-r", "/health", *options, "--", *fixture(*test), config=config)
        check_equal(run.wait(60), status, "status", run)
        stage.prove_clean()
        return stage, run

    def requests(self, stage):
        return [float(line) for line in stage.file("requests").read_text().split()]

    def test_informational_answers_come_first(self):
        """Node's writeEarlyHints, and 102 of a proxy."""
        self.serve(f'connection.sendall(b"HTTP/1.1 103 Early Hints\\r\\nLink: </a.css>; rel=preload\\r\\n\\r\\n")\ntime.sleep(0.05)\n'
                   f'connection.sendall(b"HTTP/1.1 102 Processing\\r\\n\\r\\n")\n{OK}')

    def test_status_line_that_drips_for_seven_seconds(self):
        stage, run = self.serve('for byte in b"HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n"[:14]:\n    connection.send(bytes([byte]))\n    time.sleep(0.5)\n'
                                'connection.sendall(b"K\\r\\nContent-Length: 0\\r\\n\\r\\n")')
        check("ready after" in run.err, "not logged", run)

    def test_answer_that_takes_six_seconds_each_time(self):
        """One connection at a time: further requests queue up, and none is cancelled."""
        stage, run = self.serve(f"time.sleep(6)\n{OK}")
        check(len(self.requests(stage)) <= 2, f"{len(self.requests(stage))} requests within 6 s", run)

    def test_only_on_the_other_loopback_address(self):
        """Vite and Node listen on ::1 alone where localhost means that."""
        self.serve(OK, "v6")

    def test_body_that_is_written_late(self):
        """A connection that is closed early would kill the server by SIGPIPE."""
        stage, run = self.serve('connection.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 5\\r\\n\\r\\n")\nfor byte in b"ready":\n    time.sleep(0.05)\n    connection.send(bytes([byte]))',
                                test=("wait-file", "served", 0))
        check("died" not in run.err, "the server", run)

    def test_body_without_an_end(self):
        """Of a stream only the status is waited for; the connection is not kept for long."""
        stage, run = self.serve('connection.sendall(b"HTTP/1.1 200 OK\\r\\n\\r\\n")\nwhile connection.recv(1):\n    pass', test=("wait-file", "served", 0))

    def test_keeps_the_connection_for_more(self):
        """HTTP/1.1 with a length, and no close: vlmshim closes first, and yet the port is not in TIME_WAIT afterwards."""
        stage, run = self.serve(f"{OK}\nwhile connection.recv(1):\n    pass", test=("wait-file", "served", 0))
        check(not tcp_rows(stage.port, "06"), "TIME_WAIT", run)

    def test_six_runs_in_a_row_bind(self):
        """Without SO_REUSEADDR a connection of the run before, in TIME_WAIT, would make its bind fail."""
        stage = self.stage()
        for _ in range(6):
            stage, run = self.serve('connection.sendall(b"HTTP/1.0 200 OK\\r\\n\\r\\n")\nconnection.sendall(b"x" * 100000)', stage=stage)
            check("already in use" not in run.err, "the bind", run)

    def test_log_stays_readable(self):
        """A server that has answered gets at most ten requests a second."""
        stage, run = self.serve(f'if count <= 12:\n    connection.sendall(b"HTTP/1.1 503 Loading\\r\\nContent-Length: 0\\r\\n\\r\\n")\nelse:\n    {OK}')
        times = self.requests(stage)
        check(times[12] - times[1] >= 1.0, f"twelve questions within {times[12] - times[1]:.2f} s", run)
