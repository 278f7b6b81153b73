"""The listener of a port: looked up by vlmshim itself, and on the command line among thousands of processes."""

import contextlib
import subprocess

from bulk import Bulk
from common import Aim, LOOKUP, Series, VLMSHIM, compare, duration, free_port, helper, wait_for

QUESTIONS = {"table": "the listener table", "before": "the guard's look before the run", "after": "... after the run (with a trial bind)"}


@contextlib.contextmanager
def held_port(bench):
    """A port that a server of ours listens on."""
    port, ready = free_port(), bench.file("ready")
    server = subprocess.Popen(helper("serve", port, 0, ready, bench.file("end")), stdin=subprocess.DEVNULL)
    try:
        wait_for(lambda: ready.exists() and ready.read_bytes(), "the server")
        yield port
    finally:
        server.terminate()
        server.wait()


def inside(bench, port, questions, runs):
    """The program's own functions, in a loop -> {question: Series}"""
    series = {name: Series(name, []) for name in questions}
    for line in bench.output([LOOKUP, port, runs, *questions]).splitlines():
        name, nanoseconds = line.split()
        series[name].values.append(int(nanoseconds))
    return series


def askers(port):
    return {
        "vlmshim --who": [VLMSHIM, "--who", port],
        "lsof": ["lsof", "-ti", f":{port}", "-sTCP:LISTEN"],
        "ss": ["ss", "-Hltnp", f"sport = :{port}"],
        "ss, no filter": ["ss", "-ltnp"],
        "fuser": ["fuser", f"{port}/tcp"],
    }


def run(bench):
    crowd, descriptors = bench.runs(2000, 2000, 100), 20
    with Bulk(bench) as bulk, held_port(bench) as held:
        crowd = min(crowd, bulk.most)
        alone = inside(bench, free_port(), QUESTIONS, bench.runs(3000, 1000, 50))
        with bulk.crowd(crowd, descriptors):
            among = inside(bench, free_port(), QUESTIONS, bench.runs(3000, 1000, 50))
            owner = inside(bench, free_port(), ["owner"], bench.runs(30, 10, 2))["owner"]
            commands, missing = bench.peers(askers(held))
            wall, _cpu = bench.time(commands, bench.runs(25, 7, 1), bench.runs(2, 1, 0))
    for question, text in QUESTIONS.items():
        alone[question].name = text
        among[question].name = f"{text}, {crowd} processes"
    owner.name = f"held by our server? {crowd} processes"
    first = QUESTIONS["table"]
    tables = [
        compare("Is the guarded port free?", f"The program's own functions, called in a loop: with the machine as it is, and with {crowd} "
                f"processes of {descriptors} descriptors each more. The last row: does the listener belong to our server, as a run checks when it is ready.",
                [*alone.values(), *among.values(), owner], first),
        compare(f"Who listens? Among {crowd} processes", f"Whole commands, in turns, for a held port, with {crowd} processes of {descriptors} "
                "descriptors each: `vlmshim --who PORT`, `lsof -ti :PORT -sTCP:LISTEN`, `ss -Hltnp 'sport = :PORT'` and `ss -ltnp`, "
                "`fuser PORT/tcp`.", wall, "vlmshim --who", missing),
    ]
    return tables, aims(among, wall, crowd)


def aims(among, wall, crowd):
    slowest = max(among[question].median for question in QUESTIONS)
    found = [Aim(7, f"is the port free, {crowd} processes", "< 100 µs", duration(slowest), slowest < 100e3)]
    medians = {one.name: one.median for one in wall}
    who = medians.pop("vlmshim --who")
    for name, limit in (("lsof", 20.0), ("ss", 1.0), ("fuser", 1.0)):
        if name in medians:
            times = medians[name] / who
            found.append(Aim(7, f"`--who` beside {name}", f"≥ {limit:.0f} times as fast" if limit > 1 else "faster",
                             f"{times:.1f} times", times >= limit))
    return found
