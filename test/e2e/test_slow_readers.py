"""A terminal, pipe or socket that is not read, or slowly, never stops the clean-up; all messages arrive if the reader
reads in time, the last line last."""

import contextlib
import json
import os
import re
import signal
import subprocess
import threading
import time

from harness import Case, VLMSHIM, check, check_equal, fixture, let_request_pass, need, toml
from oracle import children_of, listening, parent_of, wait_for
from readers import KINDS, NEEDS_ROOT, Reader, Terminal

LONG = 60  # seconds, on a busy machine, for what takes two


def left_behind(status):
    return fixture("spawn", "setsid,ignore-term", "pause", "--ready", "left.pid", "--", "wait-file", "go", status, "--ready", "test.pid")


def flood(stage, pid):
    """3000 long lines in the log at -v, more than are kept. `test.log` shows when they have arrived."""
    program = "import os, signal, sys\nfor _ in range(3000): os.kill(int(sys.argv[1]), signal.SIGRTMIN + 4)\nsys.stdin.read()\n"
    with subprocess.Popen(["python3", "-c", program, str(pid), "a word that makes the line long " * 5], stdin=subprocess.PIPE):
        wait_for(lambda: stage.file("test.log").read_text().count("\n") >= 3000, "the signals to arrive")


def strict(stage):
    return f'[test]\nleftovers = "fail"\n[ports]\nguard = [{stage.port}]\n'


class Unread(Case):
    def kinds(self, body):
        names = [name for name in KINDS if os.getuid() == 0 or name not in NEEDS_ROOT]
        self.each([(name, KINDS[name]) for name in names], body)

    def all_kinds(self):
        need(self, os.getuid() == 0, "needs root for stderr of another user")

    def start(self, stage, make, *arguments, config=None):
        reader = make(stage).fill()
        start = stage.plain if config else stage.run
        return reader, start(*arguments, stderr=reader.writer, env={"NO_COLOR": "1"}, **({"config": config} if config else {}), **reader.options)

    def test_everything_is_ended(self):
        self.all_kinds()

        def one(item):
            _name, make = item
            stage = self.stage()
            reader, run = self.start(stage, make, "-v", "-g", "300ms", "--", *left_behind(3))
            stage.ready("test.pid", run)
            before = reader.flags()
            stage.file("go").touch()
            check_equal(run.wait(LONG), 3, "status", run)
            stage.prove_clean()
            check_equal(reader.flags(), before, "flags of the caller's description", run)
        self.kinds(one)

    def test_while_it_fills_up(self):
        """A terminal with room for less than a line says that it is writable, and a write waits all the same."""
        self.all_kinds()

        def one(item):
            _name, make = item
            stage = self.stage()
            reader = make(stage)
            run = stage.run("-v", "--", *fixture("count-signals", "test.log", "--exit-on", "TERM", "--status", 3, "--ready", "test.pid"),
                            stderr=reader.writer, **reader.options)
            stage.ready("test.pid", run)
            flood(stage, run.pid)
            run.send(signal.SIGTERM)
            check_equal(run.wait(LONG), 3, "status", run)
            stage.prove_clean()
        self.kinds(one)

    def test_a_reader_in_time_gets_all_and_the_last_line_last(self):
        self.all_kinds()

        def one(item):
            name, make = item
            stage = self.stage()
            reader, run = self.start(stage, make, "-v", "-g", "1s", "--", *left_behind(0), config=strict(stage))
            test = stage.ready("test.pid", run)
            stage.file("go").touch()
            wait_for(lambda: not test.lives(), "the end of the test")
            reader.start_reading()  # the messages so far have to wait; the grace lasts another second
            check_equal(run.wait(LONG), 125, "status", run)
            stage.prove_clean()
            lines = [line.rpartition("\r\x1b[J")[2] for line in reader.lines()]  # the live line is erased
            check(all(line.startswith("vlmshim: ") for line in lines), f"torn: {lines}", run)
            check(any("test started" in line for line in lines[:4]), f"the first ones are missing: {lines}", run)
            check('leftovers = "fail"' in lines[-1] and "(exit status 125)" in lines[-1], f"last line: {lines[-1]}", run)
        self.kinds(one)

    def test_signals_are_obeyed(self):
        self.all_kinds()

        def one(item):
            _name, make = item
            stage = self.stage()
            _reader, run = self.start(stage, make, "-v", "-g", "1m", "--", *fixture("count-signals", "test.log", "--ready", "test.pid"))
            stage.ready("test.pid", run)
            run.send(signal.SIGINT)
            wait_for(lambda: "INT" in stage.file("test.log").read_text(), "the first ^C")
            let_request_pass()
            run.send(signal.SIGINT)
            check_equal(run.wait(LONG), -signal.SIGKILL, "status", run)
            stage.prove_clean()
        self.kinds(one)

    def test_the_keeper_ends_the_orphans_and_says_so(self):
        self.all_kinds()

        def one(item):
            name, make = item
            stage = self.stage()
            reader, run = self.start(stage, make, "-v", "--", *left_behind(3))
            test, left = stage.ready("test.pid", run), stage.ready("left.pid", run)
            os.kill(parent_of(test.pid), signal.SIGKILL)
            wait_for(lambda: not test.lives() and not left.lives(), "the end of the orphans")
            reader.start_reading()
            check_equal(run.wait(LONG), 125, "status", run)
            stage.prove_clean()
            lines = reader.lines()
            check("its supervisor was killed" in lines[-1], f"last line: {lines[-1:]}", run)
        self.kinds(one)

    def test_nothing_spins(self):
        """It wakes up when there is room, and not before. A terminal may say that there is room for less than it needs."""
        self.all_kinds()

        def switches(pid):
            with open(f"/proc/{pid}/status", encoding="ascii") as status:
                return int(re.search(r"^voluntary_ctxt_switches:\s*(\d+)", status.read(), re.M).group(1))

        def one(item):
            name, make = item
            stage = self.stage()
            _reader, run = self.start(stage, make, "-v", "--", *fixture("count-signals", "test.log", "--exit-on", "TERM", "--ready", "test.pid"))
            supervisor = parent_of(stage.ready("test.pid", run).pid)
            run.send(signal.SIGUSR1)  # is logged when it has arrived and the supervisor sleeps again
            wait_for(lambda: "USR1" in stage.file("test.log").read_text(), "a signal")
            before = switches(supervisor)
            time.sleep(1)  # what is promised is about time
            check(switches(supervisor) - before <= 30, f"{switches(supervisor) - before} wake-ups in a second", run)
            run.send(signal.SIGTERM)
            check_equal(run.wait(LONG), 0, "status", run)
            stage.prove_clean()
        self.kinds(one)


class Queue(Case):
    def test_when_it_is_full_the_oldest_are_dropped_and_counted(self):
        def one(form):
            stage = self.stage()
            reader = Reader(stage).fill()
            run = stage.run("-v", "--log-format", form, "-g", "2s", "--", *fixture("count-signals", "test.log", "--exit-on", "TERM", "--linger", 500, "--ready", "test.pid"),
                            stderr=reader.writer)
            test = stage.ready("test.pid", run)
            flood(stage, run.pid)
            run.send(signal.SIGTERM)
            wait_for(lambda: "TERM" in stage.file("test.log").read_text(), "the last one")
            reader.start_reading()
            check_equal(run.wait(LONG), 0, "status", run)
            check(not test.lives(), "the test is still there", run)
            lines = reader.lines()
            if form == "json":
                lines = [json.loads(line)["message"] for line in lines]
            else:
                lines = [line.rpartition("\r\x1b[J")[2] for line in lines]
                check(all(line.startswith("vlmshim: ") for line in lines), "a torn line", run)
            notes = [re.search(r"(\d+) lines missing here", line) for line in lines]
            check_equal(sum(map(bool, notes)), 1, "times that something is missing", run)
            lost = int(next(filter(None, notes)).group(1))
            from_sender = sum("a word that makes" in line for line in lines)
            check(from_sender < 3000 <= from_sender + lost, f"{from_sender} lines arrived, {lost} are reported missing", run)
            check("but the test says 0" in lines[-1], f"last line: {lines[-1]}", run)
        self.each(["text", "json"], one)

    def test_a_shell_that_reads_line_by_line_gets_the_last_line(self):
        def one(index):
            stage = self.stage()
            words = ["/bin/sh", "-c", f"seq 30000; exec {' '.join(fixture('spawn', 'setsid', 'pause', '--ready', 'left.pid', '--', 'exit', 0))}"]
            config = stage.file("vlmshim-strict.toml")
            config.write_text(f"[test]\nleftovers = \"fail\"\ncommand = {toml(words)}\n[ports]\nguard = [{stage.port}]\n", encoding="utf-8")
            shell = subprocess.run(["/bin/sh", "-c", f'"{VLMSHIM}" -c "{config}" 2>&1 | while read -r l; do echo "$l"; done'], capture_output=True,
                                   env=stage.environment(), cwd=stage.folder, text=True, check=True, timeout=LONG)
            lines = shell.stdout.splitlines()
            check_equal(lines[-1:], ['vlmshim: error: the test left processes behind (leftovers = "fail") (exit status 125)'], f"{index}: last line")
            check_equal([line for line in lines if line.isdigit()], [str(number) for number in range(1, 30001)], f"{index}: the test's own lines")
            stage.prove_clean()
        self.each(range(20), one)

    def test_a_further_signal_ends_the_wait_for_a_reader(self):
        """Reading a little at a time is progress, and could last for hours."""
        stage = self.stage()
        reader = Reader(stage).fill()
        run = stage.run("-v", "--", *fixture("count-signals", "test.log", "--exit-on", "USR1", "--ready", "test.pid"), stderr=reader.writer)
        test = stage.ready("test.pid", run)
        flood(stage, run.pid)
        run.send(signal.SIGUSR1)
        wait_for(lambda: not test.lives(), "the end of the test")
        over = threading.Event()
        slowly = threading.Thread(target=lambda: [os.read(reader.reader, 4096) for _ in iter(lambda: over.wait(0.3), True)])
        slowly.start()
        run.send(signal.SIGTERM)
        let_request_pass()
        run.send(signal.SIGTERM)  # if the first one came before the clean-up was over
        check_equal(run.wait(LONG), 0, "status", run)
        over.set()
        slowly.join()
        check("phase verifying -> done" not in "".join(reader.lines()[-3:]), "it has waited for the reader", run)


class Others(Case):
    def test_a_file_that_the_test_writes_to_as_well(self):
        """One open file description: neither overwrites the other."""
        def one(mode):
            stage = self.stage()
            with open(stage.file("both"), mode) as both:
                run = stage.run("-v", "--", "/bin/sh", "-c", "for i in 1 2 3 4 5 6 7 8 9; do echo test $i; echo test $i >&2; kill -USR1 $PPID; done; trap '' USR1; exit 3",
                                stdout=both, stderr=both)
                run.wait()
            lines = stage.file("both").read_text().splitlines()
            check(all(re.match(r"vlmshim: |test \d$", line) for line in lines), f"overwritten: {lines}", run)
            check(any("test started" in line for line in lines) and "test 1" in lines, f"missing: {lines}", run)
        self.each(["wb", "ab"], one)

    def test_what_takes_nothing(self):
        def one(item):
            _name, options = item
            stage = self.stage()
            with contextlib.ExitStack() as stack:
                opened = {key: stack.enter_context(open(value, "wb")) if isinstance(value, str) else value for key, value in options.items()}
                run = stage.run("-v", "-g", "300ms", "--", *left_behind(3), **opened)
                stage.ready("test.pid", run)
                stage.file("go").touch()
                check_equal(run.wait(LONG), 3, "status", run)
            stage.prove_clean()
        self.each([("full", {"stderr": "/dev/full"}), ("null", {"stderr": "/dev/null"}), ("closed", {"wrap": fixture("with", "close=2", "--")}),
                   ("only for reading", {"stderr": os.open("/dev/null", os.O_RDONLY)})], one)

    def test_a_reader_that_goes_away(self):
        need(self, os.getuid() == 0, "needs root for stderr of another user")

        def one(name):
            stage = self.stage()
            reader = KINDS[name](stage)
            run = stage.run("-v", "-g", "300ms", "--", *left_behind(3), stderr=reader.writer, **reader.options)
            stage.ready("test.pid", run)
            reader.go_away()
            stage.file("go").touch()
            # A controlling terminal that is closed hangs up.
            check(run.wait(LONG) in ((3, -signal.SIGHUP) if "controlling" in name else (3,)), f"status {run.process.returncode}", run)
            stage.prove_clean()
        self.each(KINDS, one)

    def test_requested_output_can_be_interrupted(self):
        """--help, --check, --who wait for their reader as any program does, and end by a signal as any program does."""
        def one(words):
            stage = self.stage()
            reader = Reader(stage).fill()
            run = stage.plain(*words, stdout=reader.writer, config="" if words[0] == "--check" else None)
            run.send(signal.SIGTERM)
            check_equal(run.wait(), -signal.SIGTERM, "status", run)
        self.each([("--help",), ("--check",), ("--version",)], one)

    def test_free_goes_on_without_its_reader(self):
        stage = self.stage()
        holder = stage.outsider("hold-port", stage.port)
        reader = Reader(stage)
        reader.go_away()
        run = stage.plain("--free", stage.port, stderr=reader.writer)
        check_equal(run.wait(), 0, "status", run)
        check(holder.poll() is not None and not listening(stage.port), "the port is still held", run)

    def test_as_pid_one_it_is_over_in_docker_s_ten_seconds(self):
        """The test's grace, a leftover's, and no reader."""
        need(self, os.getuid() == 0, "needs root for a PID namespace")
        stage = self.stage()
        reader = Terminal(stage).fill()
        run = stage.run("-v", "--", *fixture("count-signals", "test.log", "--ready", "test.ready"), stderr=reader.writer,
                        wrap=["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"])
        wait_for(lambda: stage.file("test.ready").exists(), "the test")
        run.signalled_at = time.monotonic()
        os.kill(children_of(run.pid)[0], signal.SIGTERM)
        check_equal(run.wait(LONG), 128 + 9, "status", run)
        check(run.seconds_since_signal() < 10, f"{run.seconds_since_signal():.1f} s", run)
