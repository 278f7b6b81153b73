"""From kill(2) on the wrapper to the handler of the test."""

from common import Aim, Series, VLMSHIM, compare, free_port, helper


# A rewritten signal passes through the supervisor, as SIGTERM does, which can be sent only once.
REWRITE = """[ports]
guard = [{port}]
[signals]
rewrite = {{ SIGUSR1 = "SIGUSR1" }}
"""


def run(bench):
    config = bench.file("signals.toml")
    config.write_text(REWRITE.format(port=free_port()), encoding="utf-8")
    wrappers, missing = bench.peers({
        "bare": ["env"],  # execs: no process in between
        "tini": ["tini", "-s", "-g", "--"],
        "dumb-init": ["dumb-init"],
        "catatonit": ["catatonit"],
        "vlmshim": [VLMSHIM, "-p", free_port(), "--"],
        "vlmshim, through the supervisor": [VLMSHIM, "-c", config, "--"],
    })
    words = []
    for command in wrappers.values():
        words += ["+++"] * bool(words) + command
    folder = bench.file("signals")
    folder.mkdir()
    series = [Series(name, []) for name in wrappers]
    rounds = bench.runs(2000, 300, 20)
    for line in bench.output(helper("latency", rounds, bench.runs(50, 20, 1), folder, "--", *words)).splitlines():
        index, nanoseconds = map(int, line.split())
        series[index].values.append(nanoseconds)
    table = compare("Signals", "SIGUSR1 to the wrapper, in turns, all processes asleep before: the time from kill(2) to the first line of "
                               "the test's handler. Keeper, supervisor, test: a direct way from the keeper took 1.07 times tini, and was "
                               "given up; the last row is rewritten.",
                    series, "tini", missing)
    aims = []
    medians = {one.name: one.median for one in series}
    if "tini" in medians:
        share = medians["vlmshim"] / medians["tini"]
        aims.append(Aim(4, "from kill(2) to the handler", "≤ 2.00 × tini", f"{share:.2f}", share <= 2.0))
    return [table], aims
