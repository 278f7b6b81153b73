"""How the costs grow: with the descendants of the run, and with the other processes of the machine."""

from bulk import Bulk
from common import Aim, Table, VLMSHIM, duration, free_port
from look_up import inside


def run(bench):
    with Bulk(bench) as bulk:
        teardown, aims = of_teardown(bench, bulk)
        look_up = of_look_up(bench, bulk)
    return [teardown, look_up[0]], aims + look_up[1]


def of_teardown(bench, bulk):
    sizes = bulk.sizes([10, 100] if bench.pace == "smoke" else [10, 100, 1000, 3000, 10000], "growth of teardown")
    crowd = bulk.sizes([100] if bench.pace == "smoke" else [4000], "growth of teardown, others")
    commands = {"vlmshim": [VLMSHIM, "-p", free_port(), "--"]}
    medians = {}
    data = []
    for others in [0, *crowd]:
        with bulk.crowd(others):
            for count in sizes:
                (series,), _left = bulk.teardown(commands, count, bench.runs(15, 3) if count < 3000 else bench.runs(5, 2))
                medians[count, others] = series.median
                data.append({**series.as_json(), "descendants": count, "others": others})
    rows = [[str(count)] + [word for others in [0, *crowd]
                            for word in (duration(medians[count, others]), duration(medians[count, others] / count))] for count in sizes]
    columns = ["descendants", "alone", "each"] + [word for others in crowd for word in (f"{others} others", "each")]
    table = Table("Growth of teardown", "As in Teardown: the median, and that divided by the number of descendants; then with so many "
                  "other processes on the machine.", columns, rows, data)
    return table, teardown_aims(medians, sizes, crowd)


def teardown_aims(medians, sizes, crowd):
    aims = []
    top = sizes[-1]
    if 1000 in sizes and top > 1000:
        growth = (medians[top, 0] / top) / (medians[1000, 0] / 1000)
        aims.append(Aim(8, f"teardown a descendant, {top} beside 1000", "linear: ≤ 1.30", f"{growth:.2f}", growth <= 1.3))
    for others in crowd:
        share = medians[top, others] / medians[top, 0]
        aims.append(Aim(8, f"teardown of {top}, {others} others beside none", "≤ 1.20", f"{share:.2f}", share <= 1.2))
    return aims


def of_look_up(bench, bulk):
    """The ports of a run cost the same, however many other processes the machine has."""
    sizes = [0, *bulk.sizes([100] if bench.pace == "smoke" else [500, 1000, 2000, 4000], "growth of look-up")]
    free, owner, rows, data = {}, {}, [], []
    for others in sizes:
        with bulk.crowd(others):
            free[others] = inside(bench, free_port(), ["after"], bench.runs(2000, 500))["after"]
            owner[others] = inside(bench, free_port(), ["owner"], bench.runs(1000, 100))["owner"]
        rows.append([str(others), duration(free[others].median), duration(owner[others].median)])
        data += [{**one.as_json(), "others": others} for one in (free[others], owner[others])]
    top = sizes[-1]
    share = free[top].median / free[0].median
    table = Table("Growth of look-up", "Inside the program: is the guarded port free, and does the listener belong to our server (checked when it is "
                  "ready), with so many other processes.", ["others", "free?", "ours?"], rows, data)
    whose = owner[top].median / owner[0].median
    return table, [Aim(8, f"is the port free, {top} others beside none", "≤ 1.20", f"{share:.2f}", share <= 1.2),
                   Aim(8, f"is the server ours, {top} others beside none", "≤ 1.20", f"{whose:.2f}", whose <= 1.2)]
