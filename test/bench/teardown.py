"""From the test's last instruction to the exit of the wrapper, with all other processes ended."""

import sys

from bulk import Bulk, unshare, writable_cgroup2
from common import Aim, HELPER, HERE, NOT_HERE, Series, Table, VLMSHIM, compare, duration, free_port, helper, ratio

CGROUP = "cgroup.kill"
UNSHARE = "unshare --kill-child"
ROUNDS = {1: (60, 15, 2), 100: (60, 10, 2), 1000: (30, 5, 1), 10000: (11, 2, 1)}


def ways(port):
    """{name: wrapper}; and the name of the kernel's own way to compare with."""
    commands = {"vlmshim": [VLMSHIM, "-p", port, "--"]}
    folder = writable_cgroup2()
    if folder:
        commands[CGROUP] = helper("cgroup", folder / "FOLDER", "--")
    namespace = unshare()
    if namespace:
        commands[UNSHARE] = namespace
    return commands, CGROUP if folder else UNSHARE if namespace else None


def run(bench):
    with Bulk(bench) as bulk:
        table, aims = descendants(bench, bulk)
    more, more_aims = server(bench)
    return [table, *more], aims + more_aims


def descendants(bench, bulk):
    commands, base = ways(free_port())
    sizes = bulk.sizes([1, 100] if bench.pace == "smoke" else list(ROUNDS), "teardown")
    rows, data, aims = [], [], []
    for count in sizes:
        rounds = bench.runs(*ROUNDS[count])
        series, left = bulk.teardown(commands, count, rounds)
        medians = {one.name: one.median for one in series}
        row = [f"{count}"]
        for name in ("vlmshim", CGROUP, UNSHARE):
            one = next((one for one in series if one.name == name), None)
            row += [duration(one.median), duration(min(one.values))] if one else [NOT_HERE, ""]
        rows.append(row + [ratio(medians["vlmshim"], medians.get(base)), str(rounds)])
        data += [{**one.as_json(), "descendants": count, "left": left[one.name]} for one in series]
        if base:
            share = medians["vlmshim"] / medians[base]
            aims.append(Aim(6, f"teardown of {count} descendant{'s' * (count > 1)}", f"≤ 1.30 × {base}", f"{share:.2f}", share <= 1.3))
        if left["vlmshim"]:
            bench.note(f"teardown of {count}: vlmshim left {left['vlmshim']} behind")
    how = ("The test has so many descendants (workers with nine children each, every other process in a session of its own, none ignores "
           "SIGTERM), stamps the time, exits. Measured until the wrapper's exit. Peers: `cgroup.kill`, then poll until the cgroup v2 is "
           "empty (the reaping is not in that time); a PID namespace (the kernel kills and reaps). "
           "vlmshim sends each process a stop signal and waits for its exit: one look at /proc for each. Stop signals in batches, "
           "without that look, took 1.2 to 1.4 times cgroup.kill; they were given up because of the state they need.")
    columns = ["descendants", "vlmshim", "min", CGROUP, "min", UNSHARE, "min", f"× {base}" if base else "-", "runs"]
    return Table("Teardown", how, columns, rows, data), aims


def server(bench):
    """One server that exits at its stop signal."""
    port = free_port()
    beyond, whole = Series("vlmshim, beyond the server's own end", []), Series("vlmshim, from the test's end", [])
    for _ in range(bench.runs(60, 15, 2)):
        ready, end, test = bench.file("ready"), bench.file("end"), bench.file("test")
        serve = f"{HELPER} serve {{port}} 0 {ready} {end}"
        out = bench.output(helper("until-exit", end, "--", VLMSHIM, "-p", port, "-s", serve, "-r", "/", "--") + helper("stamp", test))
        taken, _left, _status, ended = map(int, out.split())
        beyond.values.append(taken)
        whole.values.append(ended - int(test.read_text(encoding="ascii")))
    hand = Series("by hand", [])
    for _ in range(bench.runs(3, 1, 0)):
        ready, end, test = bench.file("ready"), bench.file("end"), bench.file("test")
        script = [sys.executable, HERE / "by_hand.py", port, test, *helper("serve", port, 0, ready, end)]
        hand.values.append(int(bench.output(helper("until-exit", test, "--") + script).split()[0]))
    table = compare("Teardown of one server",
                    "The server exits when it gets SIGTERM and stamps that. By hand: what test files do themselves (terminate, sleep 2, "
                    "`lsof -ti | xargs kill -9`, sleep 1, does it still answer?), from the test's last line to the script's exit.",
                    [beyond, whole, hand], whole.name)
    aims = [Aim(6, "beyond the end of a well-behaved server", "< 5 ms", duration(beyond.median), beyond.median < 5e6)]
    if hand.values:
        aims.append(Aim(6, "the hand-written way", "over 3 s", duration(hand.median), hand.median > 3e9))
    return [table], aims
