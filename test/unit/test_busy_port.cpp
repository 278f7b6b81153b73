// The sentences about the holder of a port that a run needs: every way in which a port can be busy.
#include <doctest/doctest.h>

#include "vlmshim/core/report/busy_port.hpp"

using namespace vlmshim;

namespace {

const RunOfProcess living{RunOfProcess::State::Alive, "some-run", Pid{77}, Pgid{}};
const RunOfProcess living_unseen{RunOfProcess::State::Alive, "some-run", Pid{}, Pgid{}};
const RunOfProcess unknown{RunOfProcess::State::Unknown, "some-run", Pid{}, Pgid{}};
const RunOfProcess dead{RunOfProcess::State::Dead, "some-run", Pid{}, Pgid{}};

BusyHolder seen(HolderFacts facts, int pid = 30, RunOfProcess run = {}) {
    facts.visible = true;
    BusyHolder holder{.port = Port{8080}, .pid = Pid{pid}, .description = "WHO", .addresses = {"127.0.0.1:8080"}};
    holder.facts = facts;
    holder.run = std::move(run);
    holder.may_be_signalled = !facts.other_user;
    return holder;
}

BusyHolder named(BusyHolder holder, const char* short_name) {
    holder.short_name = short_name;
    return holder;
}

BusyHolder around_us(BusyHolder holder) {
    holder.run_is_ours = true;
    return holder;
}

BusyHolder for_root(BusyHolder holder) {
    holder.may_be_signalled = true;
    return holder;
}

BusyHolder unseen(HiddenFacts facts) {
    BusyHolder holder{.port = Port{8080}, .description = "WHO", .addresses = {"127.0.0.1:8080"}};
    holder.not_visible_because = hidden_because(facts);
    holder.root_would_see = root_would_see(facts);
    return holder;
}

BusyHolder published(BusyHolder holder) {
    holder.published_by_docker = true;
    return holder;
}

BusyHolder not_looked_up() {
    BusyHolder holder{.port = Port{8080}, .description = "WHO", .addresses = {"127.0.0.1:8080"}};
    holder.is_looked_up = false;
    return holder;
}

}  // namespace

TEST_CASE("a busy port: why its holder stays, what helps, and nothing that would be refused") {
    using Viewer = HiddenFacts::Viewer;
    const std::string others = "use it as it is (--busy=reuse), or choose another port (--port)";
    const std::string only_others = "use it as it is (--busy=reuse) or choose another port (--port)";
    const std::string kill = "have it ended (--busy=kill), ";
    struct Row {
        BusyHolder holder;
        std::string why;   // behind "port 8080 is busy: WHO listens on 127.0.0.1:8080"
        std::string fail;  // the ways out with busy = "fail"
        std::string kill;  // and where it was "kill" that was refused
    };
    const Row rows[]{
        {seen({}), "", "end it (kill 30), " + kill + others, "end it (kill 30), " + others},
        {seen({.other_user = true}), "", "end it as root (sudo vlmshim --free 8080), " + others,
         "end it as root (sudo vlmshim --free 8080), " + others},
        {for_root(seen({.other_user = true})), "", "end it (kill 30), " + kill + others, "end it (kill 30), " + others},
        // spared: the user may know better
        {seen({.spared = true}), ", and is never ended for it: [ports] spare names it", "end it (kill 30), " + others,
         "end it (kill 30), " + others},
        {seen({.spared = true, .other_user = true}), ", and is never ended for it: [ports] spare names it", only_others,
         only_others},
        {named(for_root(seen({.spared = true, .other_user = true})), "docker-proxy"),
         ", and is never ended for it: [ports] spare names it",
         "stop what is behind it (docker ps --filter publish=8080 shows that), " + others,
         "stop what is behind it (docker ps --filter publish=8080 shows that), " + others},
        // its end would be ours, too
        {seen({.ancestor_or_init = true}), ", and is never ended for it: it is an ancestor of this command",
         only_others, only_others},
        {seen({.ancestor_or_init = true}, 50, dead), ", and is never ended for it: it is an ancestor of this command",
         only_others, only_others},
        {seen({.ancestor_or_init = true}, 1), ", and is never ended for it: it is PID 1", only_others, only_others},
        {named(seen({.ancestor_or_init = true}, 1), "systemd"), ", and is never ended for it: it is PID 1",
         "stop what is behind it (systemctl list-sockets shows that), " + others,
         "stop what is behind it (systemctl list-sockets shows that), " + others},
        {seen({.passed_on = true}),
         ", and is never ended for it: the socket is not its own: end the process that has passed it on", only_others,
         only_others},
        // runs
        {seen({.of_live_run = true}, 30, living), "; it belongs to the vlmshim run of pid 77, which is still alive",
         "end that run (kill 77), " + others, "end that run (kill 77), " + others},
        {around_us(seen({.of_live_run = true}, 30, living)),
         "; it belongs to the vlmshim run of pid 77, which this command is part of", only_others, only_others},
        {seen({.of_live_run = true}, 30, living_unseen), "; it belongs to a vlmshim run, which is still alive",
         "end it (kill 30), " + others, "end it (kill 30), " + others},
        {seen({.of_live_run = true}, 30, unknown),
         "; it belongs to a vlmshim run, which may still be alive (that cannot be known from here)",
         "end it (kill 30), " + kill + others, "end it (kill 30), " + others},
        // not visible
        {unseen({.user = "root", .refused = 3}), ": only root may look into the processes of root",
         "end it as root (sudo vlmshim --free 8080), " + others,
         "end it as root (sudo vlmshim --free 8080), " + others},
        {unseen({.user = "lena", .refused = 3, .viewer = Viewer::Owner}),
         ": only root may look into those processes of lena that are not dumpable (prctl(2)); it may be in another PID "
         "namespace, too",
         "end it as root (sudo vlmshim --free 8080), " + others,
         "end it as root (sudo vlmshim --free 8080), " + others},
        {unseen({.user = "root", .proc_hides = true}), ": /proc hides the processes of other users (hidepid)",
         "end it as root (sudo vlmshim --free 8080), " + others,
         "end it as root (sudo vlmshim --free 8080), " + others},
        {published(unseen({.user = "root", .refused = 3})), ": only root may look into the processes of root",
         "stop what is behind it (docker ps --filter publish=8080 shows that), " + others,
         "stop what is behind it (docker ps --filter publish=8080 shows that), " + others},
        {unseen({.user = "root"}),
         ": no process of this PID namespace has the socket: it is in another one, or in the kernel", only_others,
         only_others},
        {unseen({.user = "lena", .refused = 3, .viewer = Viewer::RootWithoutTrace}),
         ": without CAP_SYS_PTRACE root may not look into every process; it may be in another PID namespace, too",
         only_others, only_others},
        {unseen({.has_inode = false, .user = "root", .refused = 3}),
         ": no process has the socket: it is the kernel's, or its process has just ended", only_others, only_others},
        {unseen({.table_was_read = false, .refused = 3}),
         ": the kernel's list of listeners cannot be read: only a bind failed", only_others, only_others},
        {not_looked_up(), "", "", ""},
    };
    for (const Row& row : rows) {
        CAPTURE(&row - rows);
        CHECK(describe_busy(row.holder) == "port 8080 is busy: WHO listens on 127.0.0.1:8080" + row.why);
        CHECK(ways_out_of_busy({row.holder}, Busy::Fail) == row.fail);
        CHECK(ways_out_of_busy({row.holder}, Busy::Kill) == row.kill);
    }
}

TEST_CASE("of several holders all have to be ended: else ending them is not named as a way out") {
    BusyHolder elsewhere = seen({}, 31);
    elsewhere.port = Port{9090};
    BusyHolder hidden = unseen({.user = "root", .refused = 3});
    BusyHolder hidden_elsewhere = hidden;
    hidden_elsewhere.port = Port{9090};
    const std::string others = "use it as it is (--busy=reuse), or choose another port (--port)";
    struct Row {
        std::vector<BusyHolder> holders;
        std::string ways;
    };
    const Row rows[]{
        {{seen({}), elsewhere}, "end them (kill 30 31), have it ended (--busy=kill), " + others},
        {{seen({}), seen({}, 32)}, "end them (kill 30 32), have it ended (--busy=kill), " + others},
        {{seen({.of_live_run = true}, 30, living), seen({.of_live_run = true}, 31, living)},
         "end that run (kill 77), " + others},
        {{seen({.of_live_run = true}, 30, living), elsewhere},
         "end that run (kill 77) and end it (kill 31), " + others},
        {{seen({}), hidden}, "end it (kill 30) and end it as root (sudo vlmshim --free 8080), " + others},
        {{hidden, hidden_elsewhere}, "end it as root (sudo vlmshim --free 8080 9090), " + others},
        {{seen({}), seen({.ancestor_or_init = true}, 50)},
         "use it as it is (--busy=reuse) or choose another port (--port)"},
    };
    for (const Row& row : rows) {
        CAPTURE(&row - rows);
        CHECK(ways_out_of_busy(row.holders, Busy::Fail) == row.ways);
    }
}

TEST_CASE("of very many addresses some are named") {
    struct Row {
        std::vector<std::string> addresses;
        const char* said;
    };
    const Row rows[]{{{"a"}, "a"},
                     {{"a", "b"}, "a and b"},
                     {{"a", "b", "c", "d"}, "a, b, c and d"},
                     {{"a", "b", "c", "d", "e"}, "a, b, c and 2 more"}};
    for (const Row& row : rows) {
        BusyHolder holder = seen({});
        holder.addresses = row.addresses;
        CHECK(describe_busy(holder) == std::string("port 8080 is busy: WHO listens on ") + row.said);
    }
}
