"""The owner of a listener, with other users on the machine: what is taken for the run's server, and what is ended for a port."""

import os
import signal

from harness import Case, check, check_equal, fixture, need, toml
from oracle import listening, wait_for
from strangers import LISTEN, MALLORY, PYTHON, passed_to_bystander, said, start

# Root as containers have it: another user's descriptors can be listed, and not read.
WITHOUT_PTRACE = ["setpriv", "--bounding-set", "-sys_ptrace", "--inh-caps", "-sys_ptrace"]

# Binds as root, then changes its user.
DROPS_ITS_USER = """
import os, socket, sys, time
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", int(sys.argv[1])))
os.setgroups([])
os.setresuid(60100, 60100, 60100)
listener.listen()
while True:
    time.sleep(60)
"""


class Users(Case):
    def setUp(self):
        super().setUp()
        need(self, os.geteuid() == 0, "needs root for other users")

    def stranger(self, stage, uid, address):
        process = start(stage, uid, LISTEN, address, stage.port)
        said(process, "listens")
        return process


class Ready(Users):
    def run_beside(self, stage, wrap, address, uid, *server):
        """A stranger binds after the port was claimed, before the server does."""
        config = f'[server]\nname = "web"\ncommand = {toml(fixture("serve", "{port}", "--ready", "server.pid", *server))}\nport = {stage.port}\n'
        run = stage.plain("--", *fixture("exit", 0), config=config, wrap=wrap)
        stage.ready("server.pid", run)  # it waits to listen
        stranger = self.stranger(stage, uid, address)
        stage.file("go").touch()
        return run, stranger

    def test_stranger_in_its_place(self):
        def one(wrap):
            stage = self.stage()
            run, stranger = self.run_beside(stage, wrap, "127.0.0.1", MALLORY, "--listen-when", "never")
            check_equal(run.wait(), 125, "status", run)
            check("server 'web' is not the one that listens on its port: that is " in run.err, "not logged", run)
            check(stranger.poll() is None, "the stranger was ended", run)
        self.each(([], WITHOUT_PTRACE), one)

    def test_stranger_on_the_other_loopback_family(self):
        def one(wrap):
            stage = self.stage()
            run, stranger = self.run_beside(stage, wrap, "::1", MALLORY, "--listen-when", "go")
            check_equal(run.wait(), 125, "status", run)
            check(f"server 'web' is not the only one on its port: " in run.err and f"on [::1]:{stage.port} listens as well" in run.err, "not logged", run)
            check(stranger.poll() is None, "the stranger was ended", run)
        self.each(([], WITHOUT_PTRACE), one)

    def test_server_that_drops_its_user(self):
        def one(wrap):
            stage = self.stage()
            stage.file("drops.py").write_text(DROPS_ITS_USER)
            config = f'[server]\nname = "web"\ncommand = {toml([PYTHON, "drops.py", "{port}"])}\nport = {stage.port}\n'
            run = stage.plain("--", *fixture("exit", 3), config=config, wrap=wrap)
            check_equal(run.wait(), 3, "status", run)
            stage.prove_clean()
        self.each(([], WITHOUT_PTRACE), one)


class PassedOn(Users):
    """A bystander of another user was passed a listening socket. It lives, with every option."""

    def test_before_the_run(self):
        def one(busy):
            stage = self.stage()
            bystander = passed_to_bystander(stage)
            run = stage.run("-b", busy, "--", *fixture("exit", 0))
            check_equal(run.wait(), 125, "status", run)
            check(f"pid {bystander.pid} (" in run.err and "whose socket is not its own" in run.err, "not logged", run)
            check(bystander.poll() is None, "the bystander was ended", run)
        self.each(("fail", "kill"), one)

    def test_under_the_run(self):
        def one(outsiders):
            stage = self.stage()
            config = f'[ports]\nguard = [{stage.port}]\noutsiders = "{outsiders}"\n'
            run = stage.plain("--", *fixture("wait-file", "go", 0, "--ready", "test.pid"), config=config)
            stage.ready("test.pid", run)
            bystander = passed_to_bystander(stage)
            stage.file("go").touch()
            check_equal(run.wait(), 125, "status", run)
            check(bystander.poll() is None, "the bystander was ended", run)
        self.each(("own", "end", "report"), one)

    def test_free(self):
        def one(words):
            stage = self.stage()
            bystander = passed_to_bystander(stage)
            run = stage.plain("--free", *([stage.port] if words else ["-p", stage.port]))
            check_equal(run.wait(), 125, "status", run)
            check("the socket is not its own" in run.err, "not logged", run)
            check(bystander.poll() is None, "the bystander was ended", run)
        self.each((True, False), one)


class Outsiders(Users):
    """A process of another user that took the port during the run."""

    def test_only_where_the_configuration_says_end(self):
        def one(outsiders):
            stage = self.stage()
            config = f"[ports]\nguard = [{stage.port}]\n" + (f'outsiders = "{outsiders}"\n' if outsiders else "")
            run = stage.plain("-g", "300ms", "--", *fixture("wait-file", "go", 0, "--ready", "test.pid"), config=config)
            stage.ready("test.pid", run)
            stranger = self.stranger(stage, MALLORY, "127.0.0.1")
            stage.file("go").touch()
            if outsiders == "end":
                check_equal(run.wait(), 0, "status", run)
                check_equal(stranger.wait(), -signal.SIGTERM, "the stranger's end", run)
            else:
                check_equal(run.wait(), 125, "status", run)
                check(f"pid {stranger.pid} (" in run.err, "not logged", run)
                check(stranger.poll() is None, "the stranger was ended", run)
        self.each((None, "own", "report", "end"), one)

    def test_of_our_user(self):
        stage = self.stage()
        run = stage.run("--", *fixture("wait-file", "go", 0, "--ready", "test.pid"))
        stage.ready("test.pid", run)
        stranger = self.stranger(stage, 0, "127.0.0.1")
        stage.file("go").touch()
        check_equal(run.wait(), 0, "status", run)
        wait_for(lambda: stranger.poll() is not None, "the outsider's end")
        stage.prove_clean()
