"""Draws a scenario, and derives the statuses that are right for it."""

import random
import signal

from scenario import (ENDING_SIGNALS, FAILED, TIMED_OUT, Scenario, draw_ending_body, draw_failing_server, draw_left, draw_server,
                      draw_staying_body)

# act: how often. Acts are played by play.py under the same names.
ACTS = {
    "itself": 22, "signal": 12, "early_signal": 10, "twice": 4, "timeout": 5, "server_fails": 6, "server_killed": 5, "test_killed": 4,
    "descendant_killed": 8, "keeper_killed": 14, "supervisor_killed": 14, "both_killed": 10, "supervisor_stopped": 6, "newcomer": 3, "busy": 4, "no_command": 2,
    "repeated": 6, "stalled_reader": 6, "impostor": 4, "passed_on": 4, "pkill": 5,
}
MAY_MEET_A_FAILING_SERVER = ("early_signal", "descendant_killed", "keeper_killed", "supervisor_killed", "both_killed")
NEEDS_PIDS = ("server_killed", "test_killed")  # the pids that fixtures report: they differ in a PID namespace
NEEDS_ROOT = ("impostor", "passed_on", "pkill")  # other users; a namespace of its own
OF_OTHERS = ("newcomer", "busy", "impostor", "passed_on")  # another process takes the port
SIGNALLED = ("signal", "repeated", "stalled_reader")  # once the test is in place
KILLS = ("keeper_killed", "supervisor_killed", "both_killed")


def draw(seed, number):
    rng = random.Random(f"{seed}:{number}")
    scenario = Scenario(number, rng.choices(list(ACTS), list(ACTS.values()))[0])
    draw_players(rng, scenario)
    draw_act(rng, scenario)
    draw_settings(rng, scenario)
    scenario.isolate = scenario.act not in (*NEEDS_PIDS, *NEEDS_ROOT) and not scenario.stop_server and rng.random() < 0.12
    scenario.allowed = allowed_statuses(scenario)
    return scenario


def draw_settings(rng, scenario):
    def short():
        return rng.choice([15, 30, 60, 60, 120, 250])

    # A process that is expected to handle a signal gets the time for it, also on a busy machine.
    ignores = scenario.body.ignores and not (scenario.act in SIGNALLED and after_signal(scenario, scenario.signals[0]) != {-signal.SIGKILL})
    test_grace, scenario.shutdown_grace = short() if ignores or scenario.act == "timeout" else 10_000, short()
    if test_grace < 1000 and rng.random() < 0.5:
        scenario.options += ["-g", f"{scenario.shutdown_grace}ms"]
    else:
        scenario.config += ["[shutdown]", f'grace = "{scenario.shutdown_grace}ms"']
    scenario.config += ["[test]", f'grace = "{test_grace}ms"', f'leftovers = "{"fail" if scenario.leftovers_fail else "reap"}"']
    names = ", ".join(f'{a.name} = "{b.name}"' for a, b in scenario.rewrite.items())
    scenario.config += ["[signals]", f"rewrite = {{ {names} }}", f'forward = "{"group" if scenario.to_group else "test"}"']
    scenario.config += ["[log]", f'format = "{rng.choice(["text", "json"])}"', f'level = "{rng.choice(["debug", "info", "warning"])}"']


def draw_players(rng, scenario):
    act = scenario.act
    needs_server = act in ("server_fails", "server_killed")
    if act == "server_fails" or (act in MAY_MEET_A_FAILING_SERVER and rng.random() < 0.1):
        scenario.server = draw_failing_server(rng)
    elif act not in OF_OTHERS and (needs_server or rng.random() < 0.45):
        scenario.server = draw_server(rng)
        # After both were killed at once, the next run recognises descendants only by their marks.
        while act == "server_killed" and not scenario.server.killable or act == "both_killed" and scenario.server.wiped:
            scenario.server = draw_server(rng)
    if scenario.server is not None and act == "descendant_killed":  # a server with on_exit = "ignore" is waited for after its death
        scenario.server.probe += '\ntimeout = "2s"' if "timeout" not in scenario.server.probe else ""
    scenario.second_server = scenario.server is not None and rng.random() < 0.1
    stays = act in ("signal", "repeated", "pkill", "twice", "timeout", "server_killed", "test_killed") or (
        act in ("early_signal", "stalled_reader", "descendant_killed", "supervisor_stopped", *KILLS) and rng.random() < 0.6)
    scenario.body = draw_staying_body(rng) if stays else draw_ending_body(rng)
    while act == "twice" and not (scenario.body.ignores and not scenario.body.handles):
        scenario.body = draw_staying_body(rng)
    scenario.before = act in ("impostor", "passed_on") and rng.random() < 0.5
    if act in ("newcomer", "impostor", "passed_on"):
        status = rng.choice([0, 0, 9])
        scenario.body.words, scenario.body.natural = ["wait-file", "go", status, "--ready", "test.pid"], status
        scenario.body.ready, scenario.body.waits = True, True
    port_is_free = scenario.server is None and act not in OF_OTHERS
    for index in range(rng.choice([0, 0, 0, 1, 1, 1, 2, 3])):
        words, takes_port = draw_left(rng, index, port_is_free)
        port_is_free = port_is_free and not takes_port
        scenario.left += words


def draw_act(rng, scenario):
    act = scenario.act
    scenario.leftovers_fail, scenario.to_group = rng.random() < 0.12, rng.random() < 0.35
    if rng.random() < 0.15:
        scenario.rewrite = {signal.SIGTERM: rng.choice(ENDING_SIGNALS)}
    scenario.signals = rng.choices(ENDING_SIGNALS, k=2)
    if act == "twice":  # a second hang-up is the same hang-up
        scenario.signals = rng.choices([signal.SIGTERM, signal.SIGINT, signal.SIGQUIT], k=2)
    if act == "repeated":
        draw_repetition(rng, scenario)
    scenario.early = not scenario.body.ready or scenario.body.natural is not None or rng.random() < 0.4
    longest = rng.choice([0.005, 0.03, 0.15]) if scenario.early else rng.choice([0.0, 0.002, 0.05])
    scenario.delay = rng.random() * longest
    scenario.gap = rng.choice([0, 0, 0, rng.random() * 0.03])
    if act == "twice":  # signals within half a second are the same request; more, since the first one may be late
        scenario.gap = 1.0
    scenario.supervisor_first = rng.random() < 0.5
    scenario.first_term = act in KILLS and rng.random() < 0.35
    scenario.stop_server = act == "signal" and rng.random() < 0.2
    scenario.busy = rng.choice(["fail", "kill", "reuse"])
    scenario.pick = rng.random()
    if act == "timeout":
        scenario.options += ["-t", f"{rng.randint(20, 150)}ms"]
    if act == "busy" or (act == "passed_on" and scenario.busy != "reuse"):
        scenario.options += ["-b", scenario.busy]


def draw_repetition(rng, scenario):
    """All signals count as one request; the test may still run when the last one arrives."""
    first = scenario.signals[0]
    arrives, status = scenario.rewrite.get(first, first), rng.choice([0, 3])
    scenario.times, scenario.gap = rng.randint(1, 6), rng.random() * 0.04
    scenario.body.words = ["count-signals", "test.log", "--exit-on", arrives.name[3:], "--status", status, "--linger", rng.randrange(400),
                           "--ready", "test.pid"]
    scenario.body.handles, scenario.body.ignores = (arrives, status), True


# --- which statuses are right ------------------------------------------------------------------


def clean(scenario, status):
    """leftovers = "fail" turns 0 into 125."""
    if status != 0 or not scenario.leftovers_fail:
        return {status}
    # The leftovers may have exited already.
    if scenario.body.words[0] == "orphans" or scenario.to_group or scenario.act == "descendant_killed":
        return {0, FAILED}
    return {FAILED} if scenario.left else {0}


def after_signal(scenario, number):
    """The statuses of a test that is in place and gets this signal."""
    arrives = scenario.rewrite.get(number, number)
    body = scenario.body
    if body.handles and body.handles[0] == arrives:
        return clean(scenario, body.handles[1])
    return {-signal.SIGKILL} if body.ignores else {-arrives}


def whenever_signalled(scenario, number):
    """... and if the signal may have arrived at any moment."""
    allowed = {-number, -scenario.rewrite.get(number, number)} | after_signal(scenario, number)
    if scenario.body.natural is not None:
        allowed |= clean(scenario, scenario.body.natural)
    if scenario.body.ignores:  # its grace may be shorter than the time it needs
        allowed.add(-signal.SIGKILL)
    return allowed


def undisturbed(scenario):
    if scenario.server is not None and scenario.server.fails:
        return {FAILED}
    return set() if scenario.body.natural is None else clean(scenario, scenario.body.natural)


def allowed_statuses(scenario):
    act, first = scenario.act, scenario.signals[0]
    if act in ("itself", "server_fails", "newcomer"):
        return undisturbed(scenario)
    if act in ("signal", "repeated"):
        return after_signal(scenario, first)
    if act == "stalled_reader":
        return after_signal(scenario, first) if scenario.body.natural is None else undisturbed(scenario)
    if act in ("impostor", "passed_on"):  # it is reported, and not signalled
        return {FAILED} if scenario.before else {scenario.body.natural or FAILED}
    if act == "pkill":  # the status of pkill.py, which looks for leftovers in the namespace
        return {0}
    if act == "early_signal":
        return whenever_signalled(scenario, first) | undisturbed(scenario)
    if act in ("twice", "test_killed"):
        return {-signal.SIGKILL}
    if act == "timeout":
        return {TIMED_OUT}
    if act == "server_killed":
        return {FAILED}
    if act == "busy":
        return {FAILED} if scenario.busy == "fail" else undisturbed(scenario)
    if act == "no_command":
        return {126, 127}
    # A run that would not end is ended with SIGTERM if the kill failed or the supervisor continues.
    allowed = undisturbed(scenario)
    if scenario.first_term or scenario.body.natural is None:
        allowed = allowed | whenever_signalled(scenario, signal.SIGTERM)
    if act == "descendant_killed":
        spawn_failed = 99
        return allowed | {-signal.SIGKILL, FAILED, spawn_failed}
    if act == "supervisor_stopped":
        return allowed
    if act in ("supervisor_killed", "both_killed"):  # the keeper may have ended the rest before its own turn came
        allowed = allowed | {FAILED}
    return allowed if act == "supervisor_killed" else allowed | {-signal.SIGKILL}
