"""python3 gpu_memory.py VLMSHIM HOLD [RUNS]: is the GPU's memory given back at the moment vlmshim returns?

HOLD (hold.cu) is the model server: two processes that hold 80 % of the memory and ignore SIGTERM. For each way a run can
end, RUNS times (20): the memory in use before, while the test runs, and right after vlmshim was waited for, as the driver
counts it (NVML). The last row is the same without vlmshim: what a test sees that ends its server by hand. Ends with 1 if a
run gave back less than it took."""

import ctypes
import os
import signal
import socket
import statistics
import subprocess
import sys
import time

MIB = 1024 * 1024
SLACK = 64 * MIB  # the driver's own bookkeeping moves by a few MiB
LIMIT = 120  # seconds: no step takes as long


class Gpu:
    """The first GPU's memory, by libnvidia-ml."""

    class Memory(ctypes.Structure):
        _fields_ = [("total", ctypes.c_ulonglong), ("free", ctypes.c_ulonglong), ("used", ctypes.c_ulonglong)]

    def __init__(self):
        self.nvml = ctypes.CDLL("libnvidia-ml.so.1")
        self.handle = ctypes.c_void_p()
        self.call("nvmlInit_v2")
        self.call("nvmlDeviceGetHandleByIndex_v2", 0, ctypes.byref(self.handle))

    def call(self, name, *arguments):
        error = getattr(self.nvml, name)(*arguments)
        if error:
            sys.exit(f"{name}: error {error}")

    def memory(self):
        memory = self.Memory()
        self.call("nvmlDeviceGetMemoryInfo", self.handle, ctypes.byref(memory))
        return memory

    def used(self):
        return self.memory().used

    def most(self):
        """What the two processes have taken at least."""
        return self.memory().total * 3 // 4

    def name(self):
        text = ctypes.create_string_buffer(96)
        self.call("nvmlDeviceGetName", self.handle, text, 96)
        return text.value.decode()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(word) for word in file.read().split()]


def command(pid):
    with open(f"/proc/{pid}/cmdline", "rb") as file:
        return file.read()


class Run:
    """The test says "up" and its pid, then waits for a line and goes on as `then` says."""

    def __init__(self, vlmshim, hold, then, *options):
        self.process = subprocess.Popen(
            [vlmshim, "--no-config", "-qq", "-g", "200ms", "-p", str(free_port()), "-s", f"{hold} {{port}}", *options,
             "--", "sh", "-c", f"echo up $$; read line; {then}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        words = self.process.stdout.readline().split()
        if len(words) != 2:
            sys.exit(f"the test did not start; vlmshim ended with {self.process.wait(LIMIT)}")
        self.test = int(words[1])
        (self.supervisor,) = children(self.process.pid)
        (self.server,) = [pid for pid in children(self.supervisor) if hold.encode() in command(pid)]

    def go_on(self):
        self.process.stdin.write(b"\n")
        self.process.stdin.close()

    def wait(self):
        return self.process.wait(LIMIT)


def send(number, name):
    """name: whom, of a Run; "process" is vlmshim's pid, the keeper's."""
    def act(run):
        target = run.process.pid if name == "process" else getattr(run, name)
        os.kill(target, number)
    return act


# The test's end as a user knows it: what the shell does then, vlmshim's options, what is done to the run, its status.
ENDINGS = {
    "test passes": ("exit 0", (), Run.go_on, 0),
    "test fails": ("exit 3", (), Run.go_on, 3),
    "test crashes": ("kill -SEGV $$", (), Run.go_on, -signal.SIGSEGV),
    "time limit": ("sleep 1000", ("-t", "300ms"), Run.go_on, 124),
    "SIGINT": ("sleep 1000", (), send(signal.SIGINT, "process"), -signal.SIGINT),
    "SIGTERM": ("sleep 1000", (), send(signal.SIGTERM, "process"), -signal.SIGTERM),
    "kill -9 of the test": ("sleep 1000", (), send(signal.SIGKILL, "test"), -signal.SIGKILL),
    "kill -9 of the server": ("sleep 1000", (), send(signal.SIGKILL, "server"), 125),
    "kill -9 of the supervisor": ("sleep 1000", (), send(signal.SIGKILL, "supervisor"), 125),
}


def settled(gpu, at_most, limit=10):
    """Seconds until no more than that is in use; None: it stayed."""
    begin = time.monotonic()
    while gpu.used() > at_most:
        if time.monotonic() - begin > limit:
            return None
        time.sleep(0.001)
    return time.monotonic() - begin


class Row:
    def __init__(self, name):
        self.name = name
        self.before, self.during, self.after, self.took, self.late = [], [], [], [], []

    def add(self, before, during, after, took, late):
        self.before.append(before)
        self.during.append(during)
        self.after.append(after)
        self.took.append(took)
        self.late.append(late)

    def kept(self):
        return max(after - before for after, before in zip(self.after, self.before))

    def text(self):
        def mib(value):
            return f"{value / MIB:,.0f}"
        late = "never" if None in self.late else f"{max(self.late) * 1000:.0f} ms"
        return (f"| {self.name} | {len(self.took)} | {mib(max(self.before))} | {mib(min(self.during))} | {mib(max(self.after))} "
                f"| {late} | {statistics.median(self.took) * 1000:.0f} ms | {max(self.took) * 1000:.0f} ms |")


def measure(gpu, row, start, act):
    before = gpu.used()
    run = start()
    during = gpu.used()
    begin = time.monotonic()
    act(run)
    status = run.wait()
    took = time.monotonic() - begin
    after = gpu.used()
    row.add(before, during, after, took, settled(gpu, before + SLACK))
    return status


def measure_by_hand(gpu, row, hold):
    """What a script does that keeps the pid of its server; the server's child stays, and is ended after the measurement."""
    before = gpu.used()
    port = free_port()
    server = subprocess.Popen([hold, str(port)])
    deadline = time.monotonic() + LIMIT
    while socket.socket().connect_ex(("127.0.0.1", port)) != 0:
        if server.poll() is not None or time.monotonic() > deadline:
            sys.exit("the server alone did not listen")
        time.sleep(0.01)
    (child,) = children(server.pid)
    during = gpu.used()
    begin = time.monotonic()
    server.kill()
    server.wait()
    took = time.monotonic() - begin
    row.add(before, during, gpu.used(), took, settled(gpu, before + SLACK, 0.5))
    os.kill(child, signal.SIGKILL)
    settled(gpu, before + SLACK)


def main(vlmshim, hold, runs=20):
    gpu = Gpu()
    hold = os.path.abspath(hold)
    print(f"{gpu.name()}, {runs} runs each; MiB in use as the driver counts them\n")
    print("| ending | runs | before, most | during, least | when vlmshim returns, most | back as before after, worst "
          "| vlmshim ends in, median | worst |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|", flush=True)
    good = True
    for name, (then, options, act, expected) in ENDINGS.items():
        row = Row(name)
        for _ in range(runs):
            status = measure(gpu, row, lambda: Run(vlmshim, hold, then, *options), act)
            if status != expected:
                print(f"{name}: status {status} instead of {expected}", file=sys.stderr)
                good = False
        print(row.text(), flush=True)
        good = good and row.kept() <= SLACK and min(row.during) - max(row.before) > gpu.most()

    # The keeper is what the caller waits for: killed, it cannot wait any more, and the supervisor goes on alone.
    row = Row("kill -9 of vlmshim itself")
    for _ in range(runs):
        measure(gpu, row, lambda: Run(vlmshim, hold, "sleep 1000"), send(signal.SIGKILL, "process"))
    print(row.text(), flush=True)
    good = good and None not in row.late

    row = Row("by hand: kill -9 SERVER; wait")
    for _ in range(runs):
        measure_by_hand(gpu, row, hold)
    print(row.text(), flush=True)
    print("\n" + ("every run gave back what it took" if good else "NOT every run gave back what it took"))
    return 0 if good else 1


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])))
