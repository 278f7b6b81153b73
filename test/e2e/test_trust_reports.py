"""Files that are written: a report, a server's output. Another user who may write in the folder gains nothing by it, no file
of the caller is lost, and the report is complete."""

import contextlib
import ctypes
import fcntl
import os
import re
import signal
import socket
import stat
import struct
import termios

from harness import check, check_equal, fixture, toml
from oracle import alive, children_of, stat_fields, wait_for
from report_page import parse, read
from strangers import as_user, folder, LENA, link, NAMESPACE, own, OWN_DEV, prepared, put, STRANGER, Strangers, unfinished

LONG = "x" * 100_000  # more than a pipe holds


def only_report(text):
    """The only report in a text that begins with other output."""
    check_equal(text.count('"verdict"'), 1, "reports")
    return parse(text[text.index("{"):])


def waiting_in_pipe(descriptor):
    return struct.unpack("i", fcntl.ioctl(descriptor, termios.FIONREAD, b"\0" * 4))[0]


class Reports(Strangers):
    def run_with(self, stage, path, *words, by_file=False, **options):
        """A report to that path; the test is those words, or one that passes."""
        words = words or fixture("exit", 0)
        if by_file:
            return stage.run("--", *words, config=f'[report]\npath = "{path}"\n', **options)
        return stage.run("--report", path, "--", *words, **options)

    def written(self, stage, path="report.json", *words, status=0, **options):
        run = self.run_with(stage, path, *words, **options)
        check_equal(run.wait(), status, "status", run)
        return run

    def not_written(self, stage, path, why, **options):
        run = self.written(stage, path, status=125, **options)
        check(f"the report {path} cannot be written: " in run.err and why in run.err, f"{why!r} is not said", run)
        return run


class Descriptors(Reports):
    FORMS = {"/dev/stdout": 1, "/dev/fd/1": 1, "/proc/self/fd/1": 1, "//dev//stdout": 1, "/dev/stderr": 2, "/dev/fd/7": 7}

    def test_a_file_keeps_what_the_test_has_written(self):
        def one(case):
            (path, number), by_file = case
            stage = self.stage()
            script = "echo first; echo second >&2; [ $0 != /dev/fd/7 ] || echo third >&7"
            run = self.written(stage, path, "/bin/sh", "-c", script, path, by_file=by_file, wrap=["/bin/sh", "-c", 'exec 7>>seven; exec "$@"', "sh"])
            text = {1: run.out, 2: run.err, 7: stage.file("seven").read_text()}[number]
            first = {1: "first\n", 2: "second\n", 7: "third\n"}[number]
            check(text.startswith(first), f"{path}: what the test has written is lost: {text[:80]!r}", run)
            check_equal(only_report(text[len(first):])["verdict"], "passed", "verdict", run)
        self.each([(form, by_file) for form in self.FORMS.items() for by_file in (False, True)], one)

    def test_nothing_in_dev_is_replaced(self):
        """As root, /dev/stdout itself became a regular file, where what it leads to was removed. Never tried with the
        machine's own."""
        listing = 'cd /dev; stat -c "%N %F %i" -- [!s]* st* > "$OLDPWD/{}"; cd "$OLDPWD"'
        shell = f'{OWN_DEV}; {listing.format("before")}; exec 1<>deleted; rm deleted; "$@"; status=$?; {listing.format("after")}; exit $status'
        stage = self.stage()
        for path, status in (("/dev/stdout", 0), ("/dev/stderr", 0), ("/dev/null", 0), ("/dev/shm/report.json", 0), ("/dev/shm/../stdout", 125),
                             ("/dev/foo", 125), ("/dev/fd/99", 125)):
            run = self.written(stage, path, status=status, wrap=[*NAMESPACE, "/bin/sh", "-c", shell, "sh"])
            check_equal(stage.file("after").read_text(), stage.file("before").read_text(), f"/dev after --report {path}", run)

    def test_a_pipe_waits_for_its_reader(self):
        """Above 64 KiB it ended with EAGAIN, truncated, and 125."""
        for by_file in (False, True):
            stage = self.stage()
            reader, writer = os.pipe()
            run = self.run_with(stage, "/dev/stdout", "true", LONG, by_file=by_file, stdout=writer)
            os.close(writer)
            wait_for(lambda: waiting_in_pipe(reader) >= 65536 - 4096 or run.process.poll() is not None, "the pipe to be full")
            with open(reader, encoding="utf-8") as file:
                report = only_report(file.read())
            check_equal((run.wait(), report["verdict"], report["command"][1]), (0, "passed", LONG), "status, verdict, command", run)

    def test_the_callers_descriptor_stays_as_it_is(self):
        stage = self.stage()
        reader, writer = os.pipe()
        fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 1 << 20)
        run = self.run_with(stage, "/dev/stdout", "true", LONG, stdout=writer)
        check_equal(run.wait(), 0, "status", run)
        check_equal(fcntl.fcntl(writer, fcntl.F_GETFL) & (os.O_NONBLOCK | os.O_APPEND), 0, "the pipe's flags", run)
        os.close(writer)
        with open(reader, encoding="utf-8") as file:
            check_equal(only_report(file.read())["verdict"], "passed", "verdict", run)

    def fill(self, stage, *words):
        """A run whose report waits for a reader that does not read."""
        reader, writer = os.pipe()
        run = self.run_with(stage, "/dev/stdout", *words, stdout=writer)
        os.close(writer)
        wait_for(lambda: waiting_in_pipe(reader) >= 65536 - 4096 or run.process.poll() is not None, "the pipe to be full")
        check(run.process.poll() is None, "it has not waited", run)
        return run, reader

    def test_a_signal_ends_that(self):
        def one(case):
            number, wanted = case
            stage = self.stage()
            run, reader = self.fill(stage, "/bin/sh", "-c", f"exit {wanted}", LONG)
            run.send(number)
            check_equal(run.wait(), wanted or 125, "status", run)
            check("cannot be written: the waiting for its reader was ended" in run.err, "not logged", run)
            os.close(reader)
            stage.prove_clean()
        self.each([(signal.SIGTERM, 0), (signal.SIGINT, 0), (signal.SIGTERM, 7), (signal.SIGHUP, 0)], one)

    def test_the_keeper_ends_that_too(self):
        stage = self.stage()
        run, reader = self.fill(stage, "true", LONG)
        (supervisor,) = children_of(run.pid)
        run.process.kill()
        wait_for(lambda: not alive(supervisor), "the end of the supervisor")
        os.close(reader)

    def test_a_reader_that_has_closed(self):
        stage = self.stage()
        run, reader = self.fill(stage, "true", LONG)
        os.close(reader)
        check_equal(run.wait(), 125, "status", run)
        check("Broken pipe" in run.err, "not logged", run)

    def test_sockets(self):
        """Node and systemd give sockets: ENXIO."""
        for path in ("/dev/stdout", "/dev/stderr"):
            stage = self.stage()
            ours, its = socket.socketpair()
            run = self.run_with(stage, path, "true", LONG, stdout=its, stderr=its)
            its.close()
            with ours, ours.makefile(encoding="utf-8") as file:
                report = only_report(file.read())
            check_equal((run.wait(), report["verdict"]), (0, "passed"), "status and verdict", run)

    def test_the_keepers_report(self):
        stage = self.stage()
        run = self.run_with(stage, "/dev/stdout", *fixture("pause", "--ready", "test.pid"))
        stage.ready("test.pid", run)
        (supervisor,) = children_of(run.pid)
        os.kill(supervisor, signal.SIGKILL)
        check_equal(run.wait(), 125, "status", run)
        report = only_report(run.out)
        check_equal((report["written_by"], report["cause"]), ("keeper", "supervisor-killed"), "the report", run)

    def test_what_was_not_given(self):
        """Nothing is started for a report that cannot be written; and a descriptor of vlmshim itself is refused."""
        stage = self.stage()
        for path, wrap in [("/dev/stdin", ()), ("/dev/stdout", fixture("with", "close=1", "--"))] + [(f"/dev/fd/{number}", ()) for number in range(3, 20)]:
            with open("/dev/null", "rb") as for_reading:
                run = self.written(stage, path, "touch", "started", status=125, wrap=wrap, stdin=for_reading)
            check(f"the report {path} cannot be written: Bad file descriptor" in run.err, "not logged", run)
            check(not stage.file("started").exists(), "the test was started", run)

    def test_wrong_options_are_reported_there_too(self):
        stage = self.stage()
        run = stage.run("--report", "/dev/stdout", "--bogus")
        check_equal((run.wait(), only_report(run.out)["cause"]), (125, "configuration"), "status and cause", run)
        run = stage.run("--report", "/dev/fd/9", "--bogus")
        check_equal(run.wait(), 125, "status", run)


class Names(Reports):
    def test_a_strangers_link_in_a_sticky_folder(self):
        """It was renamed over what the link leads to: /root/.bashrc."""
        def one(by_file):
            stage = self.stage()
            sticky = folder(stage.folder / "tmp", mode=0o1777)
            victim = put(stage.folder / "bashrc", "precious\n", mode=0o600)
            for target in ("../bashrc", "/dev/null", "absent"):
                named = link(sticky / "report.json", target, STRANGER)
                before = os.stat("/dev/null").st_rdev
                run = self.written(stage, named, by_file=by_file)
                check_equal(victim.read_text(), "precious\n", "the link's target", run)
                check(stat.S_ISREG(named.lstat().st_mode), "the link was not replaced", run)
                check_equal((named.stat().st_uid, parse(named.read_text())["verdict"]), (0, "passed"), "owner and verdict", run)
                check_equal((os.listdir(sticky), os.stat("/dev/null").st_rdev), (["report.json"], before), "what is there", run)
                named.unlink()
        self.each([False, True], one)

    def test_the_name_cannot_be_guessed(self):
        libc = ctypes.CDLL(None, use_errno=True)
        stage = self.stage()
        place = folder(stage.folder / "place")
        watch = libc.inotify_init1(os.O_NONBLOCK)
        check(libc.inotify_add_watch(watch, str(place).encode(), 0x100) >= 0, "inotify")  # IN_CREATE
        for _ in range(3):
            self.written(stage, place / "report.json")
        events, at, names = os.read(watch, 1 << 16), 0, []
        os.close(watch)
        while at < len(events):
            length = struct.unpack_from("I", events, at + 12)[0]
            names.append(events[at + 16:at + 16 + length].rstrip(b"\0").decode())
            at += 16 + length
        check_equal(len(names), 6, f"files that were made: {names}")
        check(len(set(names)) == 6 and all(re.fullmatch(r"\.vlmshim-[0-9a-f]{32}\.tmp", name) for name in names), f"names: {names}")

    def test_mode_and_owner(self):
        stage = self.stage()
        for place, user, mode, expected in (
                (folder(stage.folder / "ours"), LENA, 0o640, (LENA, 0o640)),
                (folder(stage.folder / "sticky", mode=0o1777), STRANGER, 0o666, (0, 0o644)),
                (folder(stage.folder / "group", mode=0o1777), STRANGER, 0o660, (0, 0o640)),
                (folder(stage.folder / "lenas", LENA), LENA, 0o600, (0, 0o600)),
                (folder(stage.folder / "old"), 0, 0o666, (0, 0o666))):
            named = put(place / "report.json", "old", user, mode)
            run = self.written(stage, named)
            info = named.stat()
            check_equal((info.st_uid, stat.S_IMODE(info.st_mode)), expected, f"owner and mode in {place.name}", run)
            check_equal(info.st_gid, expected[0], f"group in {place.name}", run)
            check_equal(parse(named.read_text())["verdict"], "passed", "verdict", run)
        for umask, mode in (("022", 0o644), ("077", 0o600)):
            named = stage.file(f"new-{umask}.json")
            run = self.written(stage, named, wrap=["/bin/sh", "-c", f'umask {umask}; exec "$@"', "sh"])
            check_equal(stat.S_IMODE(named.stat().st_mode), mode, f"umask {umask}", run)

    def test_hard_links(self):
        stage = self.stage()
        other = put(stage.file("other"), "precious")
        os.link(other, stage.file("report.json"))
        run = self.written(stage)
        check_equal((other.read_text(), read(stage)["verdict"]), ("precious", "passed"), "the other name, and the report", run)

    def test_a_bind_mounted_file(self):
        """EBUSY: it cannot be replaced. In a container its owner is often a user outside."""
        for user in (0, LENA):
            stage = self.stage()
            outside = put(stage.file("outside"), "old" * 10_000, user)
            put(stage.file("report.json"), "")
            for by_file in (False, True):
                before = outside.stat().st_ino
                run = self.written(stage, stage.file("report.json"), by_file=by_file, wrap=prepared("mount --bind outside report.json"))
                check_equal((outside.stat().st_ino, outside.stat().st_uid), (before, user), "the file", run)
                check_equal(parse(outside.read_text())["verdict"], "passed", "verdict", run)
                check_equal(unfinished(stage.folder), [], "what is left", run)

    def test_a_read_only_folder_with_a_writable_file(self):
        for user in (0, LENA):
            stage = self.stage()
            place = folder(stage.folder / "place")
            outside = put(stage.file("outside"), "old", user)
            put(place / "report.json", "")
            run = self.written(stage, place / "report.json",
                               wrap=prepared("mount --bind place place; mount --bind outside place/report.json; mount -o remount,ro,bind place"))
            check_equal(parse(outside.read_text())["verdict"], "passed", "verdict", run)

    def test_a_folder_that_takes_no_new_file(self):
        stage = self.stage()
        place = folder(stage.folder / "place")
        named = put(place / "report.json", "old" * 10_000, LENA)
        inode = named.stat().st_ino
        run = self.written(stage, named, wrap=as_user(LENA))
        check_equal((parse(named.read_text())["verdict"], named.stat().st_ino), ("passed", inode), "written as it stands", run)
        os.link(named, place / "other")
        put(named, "precious", LENA)
        self.not_written(stage, named, "hard links", wrap=as_user(LENA))
        check_equal(named.read_text(), "precious", "the file")
        (place / "other").unlink()
        own(named, STRANGER).chmod(0o666)
        self.not_written(stage, named, "belongs to another user", wrap=as_user(LENA))
        check_equal(named.read_text(), "precious", "the file")
        named.unlink()
        self.not_written(stage, named, "Permission denied", wrap=as_user(LENA))
        link(named, put(stage.file("target"), "precious", LENA), LENA)
        self.not_written(stage, named, "link", wrap=as_user(LENA))
        check_equal(stage.file("target").read_text(), "precious", "the link's target")

    def test_what_cannot_be_written_is_known_before_the_start(self):
        stage = self.stage()
        place = folder(stage.folder / "place", mode=0o555)
        put(place / "read-only.json", "old", mode=0o444)
        link(place / "link.json", "read-only.json")
        put(place / "twice.json", "old", LENA)
        (place / "again.json").hardlink_to(place / "twice.json")
        folder(place / "hidden", mode=0o700)
        read_only = ["unshare", "--mount", "--propagation", "private", "sh", "-c",
                     f'mount --bind "{place}" "{place}" && mount -o remount,bind,ro "{place}" && exec "$@"', "sh"]
        for name, why, wrap in (("new.json", "Permission denied", as_user(LENA)), ("read-only.json", "belongs to another user", as_user(LENA)),
                                ("link.json", "link", as_user(LENA)), ("twice.json", "hard links", as_user(LENA)),
                                ("new.json", "Read-only file system", read_only), ("twice.json/new.json", "Not a directory", ()),
                                ("hidden/new.json", "Permission denied", as_user(LENA))):
            run = self.run_with(stage, place / name, "touch", str(stage.folder / "started"), wrap=wrap)
            check_equal(run.wait(), 125, "status", run)
            check(f"the report {place / name} cannot be written: " in run.err and why in run.err, f"{why!r} is not said", run)
            check(not stage.file("started").exists(), "the test was started", run)
        os.mkfifo(stage.file("fifo"))
        own(stage.file("fifo"), STRANGER).chmod(0o666)
        stage.folder.chmod(0o555)
        self.addCleanup(stage.folder.chmod, 0o755)
        with open(stage.file("fifo"), "r+b", buffering=0):
            for path in (stage.file("fifo"), "/dev/null"):
                check_equal(self.run_with(stage, path, "true", wrap=as_user(LENA)).wait(), 0, f"status with {path}")

    def test_a_strangers_file_in_a_sticky_folder(self):
        """Neither replaced, which the kernel refuses, nor written to: its owner could read and change it."""
        stage = self.stage()
        sticky = folder(stage.folder / "tmp", mode=0o1777)
        named = put(sticky / "report.json", "trap", STRANGER, 0o666)
        self.not_written(stage, named, "belongs to another user", wrap=as_user(LENA))
        check_equal((named.read_text(), os.listdir(sticky)), ("trap", ["report.json"]), "what is there")

    def test_a_lock_is_not_waited_for_without_end(self):
        """Every user who may read the file may lock it."""
        stage = self.stage()
        place = folder(stage.folder / "place")
        named = put(place / "report.json", "old", LENA)
        with open(named, encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_SH)
            self.not_written(stage, named, "locked", wrap=as_user(LENA))

    def test_two_runs_never_mix(self):
        def race(stage, named, wrap=()):
            runs = [self.run_with(stage, named, "true", letter * 60_000, wrap=wrap) for letter in "abcdef"]
            while any(run.process.poll() is None for run in runs):
                yield
            for run in runs:
                check_equal(run.wait(), 0, "status", run)
            report = parse(named.read_text())
            check_equal((report["verdict"], len(set(report["command"][1]))), ("passed", 1), "the report")

        stage = self.stage()
        named = stage.file("report.json")
        for _ in race(stage, named):
            with contextlib.suppress(FileNotFoundError):
                parse(named.read_text())  # a reader sees a complete one at any time
        stage = self.stage()
        named = put(folder(stage.folder / "place") / "report.json", "", LENA)
        for _ in race(stage, named, as_user(LENA)):  # written as it stands
            pass

    def test_kinds(self):
        stage = self.stage()
        (stage.folder / "folder").mkdir()
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(stage.file("socket")))
            for path, why in (("folder", "Is a directory"), ("folder/", "Is a directory"), (".", "Is a directory"), ("..", "Is a directory"),
                              ("socket", "it is a socket"), ("/proc/report.json", "/proc")):
                run = self.run_with(stage, path, "touch", "started")
                check_equal(run.wait(), 125, "status", run)
                check(f"the report {path} cannot be written: " in run.err and why in run.err, f"{why!r} is not said", run)
                check(not stage.file("started").exists(), "the test was started", run)
        self.not_written(stage, "/dev/full", "No space left on device")
        self.written(stage, "n" * 255)


class Folders(Reports):
    def test_a_link(self):
        stage = self.stage()
        folder(stage.folder / "place")
        link(stage.folder / "by-link", "place")
        self.written(stage, "by-link/report.json")
        check_equal(read(stage, "place/report.json")["verdict"], "passed", "verdict")

    def test_made_by_the_test(self):
        stage = self.stage()
        run = self.written(stage, "out/report.json", "mkdir", "out")
        check_equal(read(stage, "out/report.json")["verdict"], "passed", "verdict", run)

    def test_made_anew_by_the_test(self):
        stage = self.stage()
        folder(stage.folder / "out")
        run = self.written(stage, "out/report.json", "/bin/sh", "-c", "rm -r out && mkdir out")
        check_equal(read(stage, "out/report.json")["verdict"], "passed", "verdict", run)

    def test_replaced_meanwhile(self):
        """It was looked up once: a link that changes meanwhile changes nothing."""
        stage = self.stage()
        first, second = folder(stage.folder / "first"), folder(stage.folder / "second")
        link(stage.folder / "out", "first")
        run = self.written(stage, "out/report.json", "ln", "-sfn", "second", "out")
        check_equal(read(stage, "first/report.json")["verdict"], "passed", "verdict", run)
        check_equal((os.listdir(second), os.listdir(first)), ([], ["report.json"]), "what is there", run)

    def test_what_a_killed_supervisor_has_left(self):
        """Held and killed in the middle of writing: the keeper removes what is unfinished, and reports."""
        seen = []

        def run_held(call):
            stage = self.stage()
            place = folder(stage.folder / "place")
            reports = ["--report", place / "report.json", "--report", place / "page.html"]
            run = stage.run(*reports, "--", *fixture("exit", 0), wrap=fixture("inject", 1, call, 0, "--"))
            if call:
                wait_for(lambda: "held after" in run.err or run.process.poll() is not None, "the call")
            if call and unfinished(place):
                (keeper,) = children_of(run.pid)
                (supervisor,) = children_of(keeper)
                os.kill(supervisor, signal.SIGKILL)
                check_equal(run.wait(), 125, "status", run)
                check_equal(sorted(os.listdir(place)), ["page.html", "report.json"], "what is left", run)
                check_equal(parse((place / "report.json").read_text())["written_by"], "keeper", "the report", run)
                seen.append(call)
            run.wait()
            return run

        calls = [int(call) for call in re.findall(r"^call (\d+) \d+$", run_held(0).err, re.M)]
        self.each(calls[:60] + calls[60:][-40:], run_held)
        check(len(seen) >= 4 and max(seen) - min(seen) > 20, f"neither at the start nor at the end was a file unfinished: {seen}")


class Fifos(Reports):
    def start(self, stage, *words):
        os.mkfifo(stage.file("fifo"))
        return self.run_with(stage, "fifo", *words)

    def until_it_waits(self, run):
        (supervisor,) = wait_for(lambda: children_of(run.pid), "the supervisor")
        wait_for(lambda: "waits for the reader of fifo" in run.err, "the word that it waits")
        return supervisor

    def test_its_reader_is_waited_for(self):
        stage = self.stage()
        run = self.start(stage, "true", LONG)
        self.until_it_waits(run)
        check_equal(only_report(stage.file("fifo").read_text())["verdict"], "passed", "verdict", run)
        check_equal(run.wait(), 0, "status", run)
        check(stat.S_ISFIFO(stage.file("fifo").stat().st_mode), "the FIFO was replaced", run)

    def test_a_reader_that_is_there_already(self):
        stage = self.stage()
        os.mkfifo(stage.file("fifo"))
        reader = os.open(stage.file("fifo"), os.O_RDONLY | os.O_NONBLOCK)
        run = self.run_with(stage, "fifo", "true", LONG)
        wait_for(lambda: waiting_in_pipe(reader), "the report")
        os.set_blocking(reader, True)
        with open(reader, encoding="utf-8") as file:
            check_equal(only_report(file.read())["verdict"], "passed", "verdict", run)
        check_equal(run.wait(), 0, "status", run)

    def test_a_signal_ends_the_waiting(self):
        stage = self.stage()
        run = self.start(stage)
        self.until_it_waits(run)
        run.send(signal.SIGTERM)
        check_equal(run.wait(), 125, "status", run)
        check("the report fifo cannot be written: the waiting" in run.err, "not logged", run)
        stage.prove_clean()

    def test_before_anything_is_started(self):
        stage = self.stage()
        os.mkfifo(stage.file("fifo"))
        run = stage.run("--report", "fifo", "--bogus")
        wait_for(lambda: stat_fields(run.pid)[0] == "S" and "bogus" in run.err, "the waiting")
        run.send(signal.SIGINT)
        check_equal(run.wait(), 125, "status", run)


class ServerFiles(Strangers):
    def serve(self, stage, output, line="one", *, count=1, status=0, stop=True, **options):
        servers = ""
        for number in range(count):
            port = stage.port if number == 0 else '"auto"'
            command = ["/bin/sh", "-c", f"echo {line}-{number}; exec \"$0\" \"$@\"", *fixture("serve", "{port}")]
            servers += f'[[server]]\nname = "s{number}"\ncommand = {toml(command)}\nport = {port}\noutput = "file:{output}"\n'
        run = stage.plain("--", *fixture("exit", 0), config=servers, **options)
        check_equal(run.wait(), status, "status", run)
        if stop:
            stage.prove_clean()
        return run

    def test_begun_anew_by_each_run(self):
        stage = self.stage()
        for line in ("first", "second"):
            run = self.serve(stage, "server.log", line)
            check_equal(stage.file("server.log").read_text(), f"{line}-0\n", "the file", run)
        check_equal(unfinished(stage.folder), [], "what is left", run)

    def test_one_file_for_two(self):
        stage = self.stage()
        for _ in range(2):
            run = self.serve(stage, "server.log", count=2)
            check_equal(sorted(stage.file("server.log").read_text().split()), ["one-0", "one-1"], "the file", run)

    def test_links_modes_and_owners(self):
        stage = self.stage()
        sticky = folder(stage.folder / "tmp", mode=0o1777)
        victim = put(stage.file("bashrc"), "precious\n")
        named = link(sticky / "server.log", victim, STRANGER)
        run = self.serve(stage, named)
        check_equal((victim.read_text(), named.read_text(), named.is_symlink()), ("precious\n", "one-0\n", False), "target and file", run)
        named = put(stage.file("server.log"), "old", LENA, 0o640)
        own(stage.folder, 0)
        run = self.serve(stage, named)
        check_equal((named.read_text(), named.stat().st_uid, stat.S_IMODE(named.stat().st_mode)), ("one-0\n", LENA, 0o640), "the file", run)

    def test_what_cannot_be_replaced(self):
        stage = self.stage()
        outside = put(stage.file("outside"), "old" * 100, LENA)
        put(stage.file("server.log"), "")
        run = self.serve(stage, stage.file("server.log"), wrap=prepared("mount --bind outside server.log"))
        check_equal(outside.read_text(), "one-0\n", "the file", run)

    def test_descriptors(self):
        for path, name in (("/dev/stdout", "out"), ("/dev/fd/1", "out"), ("/dev/stderr", "err"), ("/dev/fd/7", "seven")):
            stage = self.stage()
            run = self.serve(stage, path, wrap=["/bin/sh", "-c", 'echo before; echo before >&2; exec 7>>seven; exec "$@"', "sh"])
            text = {"out": run.out, "err": run.err, "seven": "before\n" + stage.file("seven").read_text() if name == "seven" else ""}[name]
            check(text.startswith("before\n") and "one-0\n" in text, f"{path}: {text!r}", run)

    def test_what_it_cannot_be(self):
        stage = self.stage()
        os.mkfifo(stage.file("fifo"))
        for path, why in (("fifo", "a FIFO that nobody reads"), ("/dev/fd/9", "Bad file descriptor"), (".", "Is a directory"), ("no/such/file", "No such file")):
            run = self.serve(stage, stage.folder / path if not path.startswith("/") else path, status=125)
            check(why in run.err and "its output" in run.err, f"{why!r} is not said", run)

    def test_a_fifo_with_a_reader(self):
        stage = self.stage()
        os.mkfifo(stage.file("fifo"))
        reader = os.open(stage.file("fifo"), os.O_RDONLY | os.O_NONBLOCK)
        run = self.serve(stage, stage.file("fifo"))
        check_equal(os.read(reader, 100), b"one-0\n", "what was read", run)
        os.close(reader)
