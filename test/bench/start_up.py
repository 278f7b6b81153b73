"""What the prefix costs: `vlmshim -- true` beside the same of its peers."""

import json
import shutil

from common import Aim, Series, VLMSHIM, compare, free_port

CONFIG = """[test]
timeout = "30m"
grace = "5s"
[ports]
guard = [{port}]
busy = "fail"
spare = ["docker-proxy", "sshd"]
[shutdown]
grace = "3s"
[signals]
rewrite = {{ SIGTERM = "SIGINT" }}
[log]
level = "info"
"""


def run(bench):
    port = free_port()
    config = bench.folder / "start-up.toml"
    config.write_text(CONFIG.format(port=port), encoding="utf-8")
    commands, missing = bench.peers({
        "bare": ["true"],
        "tini": ["tini", "-s", "-g", "--", "true"],
        "dumb-init": ["dumb-init", "true"],
        "catatonit": ["catatonit", "true"],
        "vlmshim": [VLMSHIM, "-p", port, "--", "true"],
        "vlmshim, config": [VLMSHIM, "-c", config, "--", "true"],
    })
    wall, cpu = bench.time(commands, bench.runs(500, 100, 3), bench.runs(20, 10, 0))
    tables = [
        compare("Start-up, wall time",
                "From fork to the reaped exit of `WRAPPER true`, in turns. vlmshim: keeper, supervisor, port guard; without a "
                "configuration file, and with one. What is above tini, in a profile of the runs: the second process (fork, its page "
                "faults, its exit; 0.3 ms), the run's name from /proc (0.2 ms), two looks at the port (0.15 ms) and libuv's loop (0.06 "
                "ms); the static binary gives back 0.3 ms, since nothing is linked at the start. Each is what a promise rests on, so "
                "1.00 is not to be had.", wall, "tini", missing),
        compare("Start-up, CPU time", "The same runs: user and system time of all their processes (wait4).", cpu, "tini", missing),
    ]
    aims = []
    medians = {one.name: one.median for one in wall}
    for name, limit in (("vlmshim", 1.10), ("vlmshim, config", 1.25)):
        if "tini" in medians:
            share = medians[name] / medians["tini"]
            aims.append(Aim(2, f"`{name} -- true`, wall time", f"≤ {limit:.2f} × tini", f"{share:.2f}", share <= limit))
    if bench.pace != "smoke":
        tables += second_opinion(bench, commands)
    return tables, aims


def second_opinion(bench, commands):
    """hyperfine's figures, measured without our helper; not in turns."""
    names = [name for name in ("bare", "tini", "vlmshim") if name in commands]
    how = "A second opinion: `hyperfine -N`, one after the other."
    if not shutil.which("hyperfine"):
        return [compare("Start-up by hyperfine", how, [], "tini", ["hyperfine"])]
    results = bench.file("hyperfine")
    lines = [" ".join(str(word) for word in commands[name]) for name in names]
    bench.output(["hyperfine", "-N", "--warmup", "20", "--runs", bench.runs(300, 50), "--style", "none",
                  "--export-json", results, *lines])
    read = json.loads(results.read_text(encoding="utf-8"))["results"]
    series = [Series(name, [round(value * 1e9) for value in one["times"]]) for name, one in zip(names, read)]
    return [compare("Start-up by hyperfine", how, series, "tini")]
