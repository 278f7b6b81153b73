"""A Slurm of one node, in a folder of its own, on loopback and free ports. Nothing of it is written elsewhere.

    python3 slurm.py FOLDER     the node: munged, slurmctld and slurmd, until its standard input ends

What daemons and jobs leave behind becomes a child of the node. When its input ends, because the test closed it or was
killed, the node ends all of it and removes the folder. E2E_TRACKING=cgroup: jobs are tracked as most clusters do it; that
needs a freezer that can be written, and leaves an empty folder in it.
"""

import contextlib
import ctypes
import os
import pathlib
import pwd
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from oracle import alive, free_port, LIMIT, pids, read_bytes, stat_fields, wait_for

PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin", "/sbin"])
PROGRAMS = {"munged": "munge", "slurmctld": "slurmctld", "slurmd": "slurmd", "sbatch": "slurm-client"}  # package of each
PR_SET_CHILD_SUBREAPER = 36
DAEMONS = ("munged", "slurmctld", "slurmscriptd", "slurmd", "slurmstepd")
FINAL = ("COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL")

# 4 CPUs whatever there are: that many jobs at a time. Munge wants folders on the way to its socket that all may enter.
CONFIG = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmdPort={node_port}
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
MailProg=/bin/true
ProctrackType=proctrack/{tracking}
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/builtin
SchedulerParameters=sched_interval=1,batch_sched_delay=0,sched_min_interval=0
JobAcctGatherType=jobacct_gather/none
JobCompType=jobcomp/none
AccountingStorageType=accounting_storage/none
PropagateResourceLimits=NONE
ReturnToService=2
SlurmdParameters=config_overrides
NodeName=node NodeHostname={host} NodeAddr=127.0.0.1 CPUs=4 State=UNKNOWN
PartitionName=all Nodes=node Default=YES MaxTime=INFINITE State=UP
"""


def missing():
    """Debian's packages of which programs are not here."""
    return sorted({package for program, package in PROGRAMS.items() if not shutil.which(program, path=PATH)})


def descendants_of(root):
    children = {}
    for pid in pids():
        fields = stat_fields(pid)
        if fields:
            children.setdefault(int(fields[1]), []).append(pid)
    found, pending = [], [root]
    while pending:
        below = children.get(pending.pop(), [])
        found += below
        pending += below
    return found


class Slurm:
    def __init__(self, tracking=os.environ.get("E2E_TRACKING", "linuxproc")):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="vlmshim-slurm-"))
        self.folder.chmod(0o755)
        for name in ("state", "spool"):
            (self.folder / name).mkdir()
        self.config = self.folder / "slurm.conf"
        self.config.write_text(CONFIG.format(
            host=socket.gethostname().partition(".")[0], controller_port=free_port(), node_port=free_port(),
            user=pwd.getpwuid(os.getuid()).pw_name, folder=self.folder, tracking=tracking), encoding="utf-8")
        (self.folder / "cgroup.conf").write_text("CgroupAutomount=no\n", encoding="utf-8")
        (self.folder / "key").touch(0o600)
        (self.folder / "key").write_bytes(os.urandom(128))
        self.node = subprocess.Popen([sys.executable, __file__, str(self.folder)], stdin=subprocess.PIPE, start_new_session=True,
                                     env={**self.environment(), "PYTHONDONTWRITEBYTECODE": "1"})
        try:
            self.poll(lambda: "idle" in self.call("sinfo", "--noheader", "--format=%T", check=False), "the node to be idle")
        except AssertionError as problem:
            said = self.said()
            self.stop()
            raise AssertionError(f"{problem}\n{said}") from None

    def said(self):
        """What its daemons have logged."""
        return "\n".join(f"--- {path.name}:\n{path.read_text(errors='replace')}" for path in sorted(self.folder.glob("*.log")))

    def stop(self):
        self.node.stdin.close()
        self.node.wait()

    def environment(self):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("VLMSHIM", "SLURM_", "SBATCH_", "E2E_"))}
        return {**kept, "PATH": PATH, "SLURM_CONF": str(self.config)}

    def poll(self, condition, what, limit=LIMIT):
        """wait_for with a pause: each look starts a client of Slurm."""
        def look():
            time.sleep(0.05)
            return condition()
        return wait_for(look, what, limit)

    def call(self, *words, env=None, cwd=None, check=True):
        """What a client of Slurm, or a script with some, writes to its standard output."""
        done = subprocess.run([str(word) for word in words], env={**self.environment(), **(env or {})}, cwd=cwd or self.folder,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        assert done.returncode == 0 or not check, f"{words}: status {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    def job(self, job):
        """What Slurm says of it, as NAME: VALUE."""
        text = self.call("scontrol", "--oneliner", "show", "job", job)
        return dict(field.partition("=")[::2] for field in text.split() if "=" in field)

    def ended(self, job, limit=60.0):
        """(state, exit status, signal) of a job when all of it has ended."""
        def look():
            found = self.job(job)
            return found if found["JobState"] in FINAL else None
        found = self.poll(look, f"job {job} to end", limit)
        status, _, number = found["ExitCode"].partition(":")
        return found["JobState"], int(status), int(number)

    def left(self):
        """What lives on the node beside Slurm's own processes: the jobs."""
        found = []
        for pid in descendants_of(self.node.pid):
            name = read_bytes(f"/proc/{pid}/comm").decode("utf-8", "replace").strip()
            if alive(pid) and name not in DAEMONS:
                found.append((pid, name))
        return found


# --- the node ---------------------------------------------------------------------------------


def reap():
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def end_everything():
    while True:
        for pid in descendants_of(os.getpid()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def node(folder):
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    def start(*words):
        with open(folder / f"{words[0]}.started.log", "wb") as log:
            subprocess.Popen([*words], stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, cwd=folder)

    def input_ends(seconds):
        return bool(select.select([0], [], [], seconds)[0])

    start("munged", "--foreground", f"--key-file={folder}/key", f"--socket={folder}/socket", f"--pid-file={folder}/munged.pid",
          f"--log-file={folder}/munged.log", f"--seed-file={folder}/seed", "--num-threads=10")
    while not (folder / "socket").exists() and not input_ends(0.01):
        reap()
    start("slurmctld", "-D", "-i")
    start("slurmd", "-D", "-N", "node")
    while not input_ends(0.1):
        reap()
    end_everything()
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    node(pathlib.Path(sys.argv[1]))
