"""Files that are read. A vlmshim.toml starts commands, and decides what --free may end. One that was found, not named, is
obeyed only if it belongs to the user or to root, and is never ignored in silence."""

import contextlib
import errno
import os
import re
import signal
import socket

from harness import check, check_equal, fixture, toml
from oracle import children_of, stat_fields, wait_for
from report_page import read
from strangers import as_user, folder, LENA, link, NAMESPACE, own, prepared, put, STRANGER, Strangers

NAMING = '[test]\ncommand = ["echo", "{}"]\n[ports]\nguard = [{}]\n'


class Found(Strangers):
    def put(self, stage, place, name, user=0, mode=0o644):
        return put(place / "vlmshim.toml", NAMING.format(name, stage.port), user, mode)

    def look(self, stage, cwd, *arguments, user=0, env=None, wrap=()):
        """(status, output of the test that the obeyed file names, the run)"""
        switch = as_user(user) if user else []
        run = stage.plain(*arguments, keep_config_search=True, cwd=cwd, env=env, wrap=[*wrap, *switch])
        return run.wait(), run.out.strip(), run

    def obeyed(self, stage, name, cwd, **options):
        status, said, run = self.look(stage, cwd, **options)
        check_equal((status, said), (0, name), "status and what was said", run)
        return run

    def refused(self, stage, path, *words, cwd=None, **options):
        """With the exact words that mean consent, and those do mean it."""
        status, said, run = self.look(stage, cwd or path.parent, **options)
        check_equal((status, said), (125, ""), "status and what was said", run)
        for word in (str(path), f"-c {path}", "--no-config", *words):
            check(word in run.err, f"no {word!r}", run)
        consent = re.search(r"give (-c \S+?),", run.err).group(1).split()
        return consent

    def not_there(self, stage, cwd, **options):
        status, said, run = self.look(stage, cwd, **options)
        check_equal((status, said), (125, ""), "status and what was said", run)
        check("no command to run" in run.err, "something was found", run)
        return run


class Owners(Found):
    def test_planted_where_root_stands(self):
        stage = self.stage()
        sticky = folder(stage.folder / "tmp", mode=0o1777)
        planted = self.put(stage, sticky, "planted", STRANGER)
        consent = self.refused(stage, planted, str(STRANGER))
        status, said, run = self.look(stage, sticky, *consent)
        check_equal((status, said), (0, "planted"), "with consent", run)
        status, said, run = self.look(stage, sticky, "--no-config", "--", "echo", "mine")
        check_equal((status, said), (0, "mine"), "without a file", run)
        self.obeyed(stage, "planted", sticky, user=STRANGER)  # it belongs to that user

    def test_every_mode_refuses_it(self):
        """--free obeyed its guard and spare: it ended the processes that the stranger named."""
        stage = self.stage()
        sticky = folder(stage.folder / "tmp", mode=0o1777)
        holder = stage.outsider("hold-port", stage.port)
        put(sticky / "vlmshim.toml", f"[ports]\nguard = [{stage.port}]\n", STRANGER)
        for mode in ("--free", "--who", "--check"):
            status, said, run = self.look(stage, sticky, mode)
            check_equal((status, said), (125, ""), mode, run)
        check(holder.poll() is None, "the holder was ended")

    def test_links(self):
        stage = self.stage()
        sticky = folder(stage.folder / "tmp", mode=0o1777)
        target = self.put(stage, stage.folder, "target")
        for_strangers = self.put(stage, folder(stage.folder / "stranger"), "planted", STRANGER)
        named = sticky / "vlmshim.toml"
        for target_path, user, obeyed in ((target, STRANGER, False), (target, 0, True), ("../vlmshim.toml", 0, True), (for_strangers, 0, False),
                                          ("absent", STRANGER, False), ("/dev/zero", 0, False)):
            link(named, target_path, user)
            if obeyed:
                self.obeyed(stage, "target", sticky)
            else:
                self.refused(stage, named)
            named.unlink()
        link(sticky / "second", target, STRANGER)
        link(named, "second", 0)
        self.refused(stage, named, str(STRANGER))
        own(sticky / "second", 0)
        self.obeyed(stage, "target", sticky)

    def test_root_in_a_checkout(self):
        """It ran without the server that the file names, and passed."""
        stage = self.stage()
        source = folder(stage.folder / "src", LENA)
        tests = folder(source / "tests", LENA)
        named = self.put(stage, source, "lena's", LENA)
        self.refused(stage, named, str(LENA), cwd=tests)
        self.obeyed(stage, "lena's", tests, env={"SUDO_UID": str(LENA)})
        for no_uid in (f"{LENA}x", f"+{LENA}", "", "4294967295"):
            self.refused(stage, named, cwd=tests, env={"SUDO_UID": no_uid})
        self.obeyed(stage, "lena's", tests, user=LENA)
        self.refused(stage, named, cwd=tests, user=STRANGER, env={"SUDO_UID": str(LENA)})
        own(named, 0)
        self.obeyed(stage, "lena's", tests, user=STRANGER)

    def test_root_as_pid_1_in_a_checkout(self):
        stage = self.stage()
        source = folder(stage.folder / "src", LENA)
        tests = folder(source / "tests", LENA)
        named = self.put(stage, source, "lena's", LENA)
        pid_1 = [*NAMESPACE, "--pid", "--fork", "--mount-proc", "--kill-child"]
        self.obeyed(stage, "lena's", tests, wrap=pid_1)
        own(named, STRANGER)
        self.refused(stage, named, cwd=tests, wrap=pid_1)

    def test_mode_of_the_file(self):
        stage = self.stage()
        for mode, warned in ((0o644, False), (0o664, False), (0o666, True), (0o602, True)):
            named = self.put(stage, stage.folder, "own", mode=mode)
            run = self.obeyed(stage, "own", stage.folder)
            check(("warning" in run.err and str(named) in run.err) == warned, f"warned of {mode:o}: {not warned}", run)

    def test_the_search_skips_folders_that_every_user_may_write(self):
        stage = self.stage()
        sticky = folder(stage.folder / "tmp", mode=0o1777)
        below = folder(sticky / "work" / "deep", LENA)
        self.put(stage, stage.folder, "above")
        planted = self.put(stage, sticky, "planted", STRANGER)
        run = self.obeyed(stage, "above", below)
        check_equal(run.err, "", "what was said", run)
        for entry in (".git", "vlmshim.toml"):  # nor does a stranger end the search there
            (sticky / entry).unlink(missing_ok=True)
            link(sticky / entry, "/nowhere", STRANGER)
            self.obeyed(stage, "above", below)
        planted.unlink()
        self.put(stage, sticky, "own")
        run = self.obeyed(stage, "above", below)
        check("warning" in run.err and f"-c {planted}" in run.err, "one of our own was passed over in silence", run)

    def test_xdg_and_home(self):
        stage = self.stage()
        place = folder(stage.folder / "xdg" / "vlmshim")
        named = self.put(stage, place, "xdg", STRANGER)
        work = folder(stage.folder / "work")
        self.refused(stage, named, cwd=work)
        own(named, 0)
        self.obeyed(stage, "xdg", work)

    def test_an_exchanged_file_is_not_read(self):
        """The process is held after each look at a name while the file is exchanged: what is checked is what is read."""
        statuses = set()

        def run_held(call, first, second):
            stage = self.stage()
            work = folder(stage.folder / "src" / "work")
            source = own(work.parent, STRANGER)
            named, following = source / "vlmshim.toml", source / "following"
            for path, user in ((named, first), (following, second)):
                put(path, NAMING.format("planted" if user else "good", stage.port), user)
            run = stage.plain(keep_config_search=True, cwd=work, wrap=fixture("inject", 0, call, 0, "--"))
            if call:
                wait_for(lambda: "held after" in run.err or run.process.poll() is not None, "the call")
                os.rename(following, named)
            statuses.add(run.wait())
            check("planted" not in run.out, f"the stranger's file was obeyed, exchanged after call {call}", run)
            return run

        calls = re.findall(r"^call (\d+) \d+$", run_held(0, 0, STRANGER).err, re.M)
        self.each([(int(call), *users) for call in calls[:60] for users in ((0, STRANGER), (STRANGER, 0))], lambda case: run_held(*case))
        check_equal(statuses, {0, 125}, "the exchange had no effect: statuses")


class Kinds(Found):
    def test_what_is_no_regular_file(self):
        stage = self.stage()
        named = stage.folder / "vlmshim.toml"
        os.mkfifo(named)
        self.refused(stage, named, "no regular file")
        named.unlink()
        named.mkdir()
        self.refused(stage, named, "no regular file")
        named.rmdir()
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(named))
            self.refused(stage, named, "no regular file")
        named.unlink()
        os.mknod(named, 0o600 | 0o020000, os.makedev(1, 5))
        self.refused(stage, named, "no regular file")

    def test_a_link_that_leads_nowhere(self):
        stage = self.stage()
        named = link(stage.folder / "vlmshim.toml", "nowhere")
        work = folder(stage.folder / "work")
        for cwd in (stage.folder, work):
            run = self.not_there(stage, cwd)
            check(f"warning: {named} is a link that leads nowhere" in run.err, "it was passed over in silence", run)

    def test_what_cannot_be_read(self):
        stage = self.stage()
        work = folder(stage.folder / "work")
        named = self.put(stage, stage.folder, "secret", LENA, 0)
        for cwd in (stage.folder, work):
            status, said, run = self.look(stage, cwd, user=LENA)
            check_equal((status, said), (125, ""), "status and what was said", run)
            check(f"{named}: cannot be read: Permission denied" in run.err, "not logged", run)
        loop = link(work / "vlmshim.toml", "vlmshim.toml", LENA)
        status, said, run = self.look(stage, work, user=LENA)
        check_equal((status, said), (125, ""), "status and what was said", run)
        check(f"{loop}: cannot be read: {os.strerror(errno.ELOOP)}" in run.err, "not logged", run)

    def test_a_folder_that_may_not_be_searched(self):
        stage = self.stage()
        closed = folder(stage.folder / "closed", mode=0o700)
        work = folder(closed / "work")
        self.put(stage, closed, "closed")
        env = {"HOME": str(closed), "XDG_CONFIG_HOME": ""}
        run = stage.plain(keep_config_search=True, env=env, wrap=["/bin/sh", "-ec", 'cd "$0"; exec "$@"', str(work), *as_user(LENA)])
        check_equal(run.wait(), 125, "status", run)
        check("no command to run" in run.err, "something was found, or not looked for", run)

    def test_home_is_known_by_what_it_is(self):
        stage = self.stage()
        home = folder(stage.folder / "home")
        deep = folder(home / "deep")
        self.put(stage, stage.folder, "above home")
        link(stage.folder / "by-link", "home")
        for written in (f"{home}/", f"{home}//", f"{stage.folder}//home", f"{home}/.", stage.folder / "by-link"):
            self.not_there(stage, deep, env={"HOME": str(written)})
        self.obeyed(stage, "above home", deep, env={"HOME": "home"})

    def test_variables_that_say_nothing(self):
        stage = self.stage()
        work = folder(stage.folder / "home" / "work")
        home = work.parent
        self.put(stage, folder(work / "relative" / "vlmshim"), "relative")
        self.put(stage, folder(work / ".config" / "vlmshim"), "relative")
        for name in ("XDG_CONFIG_HOME", "HOME"):
            for value in ("relative", ".", ""):
                self.not_there(stage, work, env={"HOME": str(home), "XDG_CONFIG_HOME": "", "VLMSHIM_CONFIG": "", name: value})
        self.put(stage, folder(home / ".config" / "vlmshim"), "home")
        for value in ("relative", ""):
            self.obeyed(stage, "home", work, env={"HOME": str(home), "XDG_CONFIG_HOME": value, "VLMSHIM_CONFIG": ""})

    def test_what_etc_names_is_relative_to_the_caller(self):
        stage = self.stage()
        work = folder(stage.folder / "work")
        etc = folder(stage.folder / "etc")
        put(etc / "vlmshim.toml", f'[test]\ncommand = ["true"]\n[report]\npath = "report.json"\n[ports]\nguard = [{stage.port}]\n')
        run = stage.plain(keep_config_search=True, cwd=work, env={"HOME": str(stage.folder)}, wrap=prepared(f"mount --bind {etc} /etc"))
        check_equal(run.wait(), 0, "status", run)
        check_equal(os.listdir(etc), ["vlmshim.toml"], "what is in /etc", run)
        check((work / "report.json").exists(), "the report", run)


class Named(Strangers):
    def named(self, stage, path, *arguments, **options):
        return stage.plain("-c", path, *arguments, keep_config_search=True, **options)

    def error_of(self, stage, path, **options):
        run = self.named(stage, path, **options)
        check_equal(run.wait(), 125, "status", run)
        return run.err

    def text(self, stage, name="named"):
        return NAMING.format(name, stage.port)

    def test_longer_than_any_configuration(self):
        stage = self.stage()
        path = stage.file("long.toml")
        head = self.text(stage)
        for named in (True, False):
            for size, status in ((1 << 20, 0), ((1 << 20) + 1, 125), (17 << 20, 125)):
                path.write_text(head + "#" * (size - len(head)), encoding="utf-8")
                os.replace(path, stage.file("vlmshim.toml"))
                run = self.named(stage, "vlmshim.toml") if named else stage.plain(keep_config_search=True)
                check_equal((run.wait(), "1 MiB" in run.err), (status, status == 125), f"{size} bytes", run)
        check("1 MiB" in self.error_of(stage, "/dev/zero"), "/dev/zero")

    def test_what_is_no_text(self):
        stage = self.stage()
        check("Is a directory" in self.error_of(stage, stage.folder), "a folder")
        for text in ("[test]\ncommand = ['x']\0\n", "\0", "a = '\0'\n"):
            put(stage.file("nul.toml"), text)
            error = self.error_of(stage, "nul.toml")
            check(re.search(r"error: nul\.toml:\d+:\d+: ", error) and "\0" not in error, f"no place: {error!r}")

    def test_deeper_than_any_configuration(self):
        stage = self.stage()
        deep = 100_000
        for text in ("a." * deep + "b = 1\n", "[" + "a." * deep + "b]\n", "[[" + "a." * deep + "b]]\n", "a = " + "[" * deep + "]" * deep + "\n",
                     "a = " + "{ a = " * deep + "1" + " }" * deep + "\n"):
            put(stage.file("deep.toml"), text)
            error = self.error_of(stage, "deep.toml")
            check("deep.toml:1:" in error and "at most 64" in error, f"not said: {error[:300]!r}")

    def test_a_pipe(self):
        stage = self.stage()
        reader, writer = os.pipe()
        run = self.named(stage, f"/dev/fd/{reader}", pass_fds=[reader])
        os.close(reader)
        os.write(writer, self.text(stage)[:10].encode())
        self.until_it_waits(run.pid)
        os.write(writer, self.text(stage)[10:].encode())
        os.close(writer)
        check_equal((run.wait(), run.out), (0, "named\n"), "status and what was said", run)

    def test_a_pipe_has_no_folder(self):
        stage = self.stage()
        text = self.text(stage) + '[report]\npath = "report.json"\n'
        reader, writer = os.pipe()
        os.write(writer, text.encode())
        os.close(writer)
        run = self.named(stage, f"/dev/fd/{reader}", pass_fds=[reader])
        os.close(reader)
        check_equal(run.wait(), 0, "status", run)
        check_equal(read(stage)["verdict"], "passed", "the report beside the caller", run)

    def test_sockets(self):
        stage = self.stage()
        for by_number in (True, False):
            ours, its = socket.socketpair()
            with ours, its:
                ours.sendall(self.text(stage).encode())
                ours.shutdown(socket.SHUT_WR)
                path = f"/dev/fd/{its.fileno()}" if by_number else "/dev/stdin"
                run = self.named(stage, path, stdin=its, pass_fds=[its.fileno()])
                check_equal((run.wait(), run.out), (0, "named\n"), f"{path}: status and what was said", run)

    def until_it_waits(self, pid):
        def it_does():
            kinds = []
            with contextlib.suppress(OSError):
                kinds = [os.readlink(f"/proc/{pid}/fd/{entry}") for entry in os.listdir(f"/proc/{pid}/fd")]
            return any("signalfd" in kind for kind in kinds) and stat_fields(pid)[0] == "S"
        wait_for(it_does, "the waiting for the configuration")

    def test_a_signal_ends_the_waiting(self):
        """A FIFO as configuration could not be ended even by SIGTERM."""
        def one(case):
            number, kind = case
            stage = self.stage()
            os.mkfifo(stage.file("fifo"))
            holder = os.open(stage.file("fifo"), os.O_RDWR) if kind == "a silent writer" else None
            run = self.named(stage, "fifo", "--report", "report.json", "--", "touch", "started")
            self.until_it_waits(run.pid)
            run.send(number)
            check_equal(run.wait(), -number, f"{kind}: status", run)
            if holder is not None:
                os.close(holder)
            check(not stage.file("started").exists(), "the test was started", run)
            report = read(stage)
            check_equal((report["verdict"], report["cause"], report["signal"]), ("interrupted", "interrupted", signal.Signals(number).name), "report", run)
        self.each([(number, kind) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT) for kind in ("no writer", "a silent writer")], one)

    def test_what_the_caller_ignores_ends_nothing(self):
        stage = self.stage()
        os.mkfifo(stage.file("fifo"))
        run = self.named(stage, "fifo", wrap=fixture("with", "ignore=HUP", "--"))
        self.until_it_waits(run.pid)
        run.send(signal.SIGHUP)
        with open(stage.file("fifo"), "w", encoding="utf-8") as writer:
            writer.write(self.text(stage))
        check_equal((run.wait(), run.out), (0, "named\n"), "status and what was said", run)

    def test_as_pid_1(self):
        stage = self.stage()
        os.mkfifo(stage.file("fifo"))
        run = self.named(stage, "fifo", wrap=["unshare", "--pid", "--fork", "--kill-child"])
        (inner,) = wait_for(lambda: children_of(run.pid), "PID 1")
        self.until_it_waits(inner)
        os.kill(inner, signal.SIGTERM)
        check_equal(run.wait(), 128 + signal.SIGTERM, "status", run)


class Secrets(Strangers):
    SECRET = "hunter2-98765"

    def test_values_of_variables_stand_nowhere(self):
        """Neither in the log nor in the report; --check prints the configuration as it is."""
        stage = self.stage()
        server = fixture("serve", "{port}", "--noise", "10")
        text = (f'[server]\nname = "s"\ncommand = {toml(server)}\nport = {stage.port}\noutput = "discard"\n'
                f'env = {{ API_TOKEN = "{self.SECRET}" }}\n')
        run = stage.plain("-vv", "--report", "report.json", "--", *fixture("exit", 3), config=text)
        check_equal(run.wait(), 3, "status", run)
        for wrong in (f"[\"{self.SECRET}\"]", f"\"{self.SECRET}", f"\"{self.SECRET}\\u0000\"", f"98765{'0' * 20}", self.SECRET):
            bad = text.replace(f'"{self.SECRET}"', wrong)
            run_bad = stage.plain("-vv", "--report", "bad.json", "--", "true", config=bad)
            check_equal(run_bad.wait(), 125, "status", run_bad)
            check("98765" not in run_bad.err + stage.file("bad.json").read_text(), f"{wrong} is quoted", run_bad)
        check(self.SECRET not in run.err, "it stands in the log", run)
        check(self.SECRET not in stage.file("report.json").read_text(), "it stands in the report", run)
        printed = stage.plain("--check", config=text)
        check_equal(printed.wait(), 0, "status", printed)
        check(self.SECRET in printed.out, "--check does not print it", printed)
