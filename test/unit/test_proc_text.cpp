#include <doctest/doctest.h>

#include <string>

#include "vlmshim/core/values/proc_text.hpp"

using namespace vlmshim;
using namespace std::string_literals;

namespace {

std::string stat_line(const std::string& name, const std::string& state = "S") {
    return "42 (" + name + ") " + state + " 7 40 40 0 -1 4194304 100 0 0 0 0 0 0 0 20 0 1 0 987654 1000 200\n";
}
}  // namespace

TEST_CASE("stat of an ordinary process") {
    const auto stat = parse_stat(stat_line("llama-server"));
    REQUIRE(stat);
    CHECK(stat->pid == Pid{42});
    CHECK(stat->comm == "llama-server");
    CHECK(stat->state == ProcessState::Sleeping);
    CHECK(stat->parent == Pid{7});
    CHECK(stat->group == Pgid{40});
    CHECK(stat->start_ticks == 987654);
    CHECK_FALSE(stat->dead());
}

TEST_CASE("a process name may look like the rest of the line") {
    const auto stat = parse_stat(stat_line(") R 1 1 ("));
    REQUIRE(stat);
    CHECK(stat->parent == Pid{7});
    CHECK(stat->comm == ") R 1 1 (");
    CHECK(parse_stat(stat_line("a\nb"))->comm == "a\nb");
}

TEST_CASE("states of a process") {
    CHECK(parse_stat(stat_line("x", "R"))->state == ProcessState::Running);
    CHECK(parse_stat(stat_line("x", "D"))->state == ProcessState::Uninterruptible);
    CHECK(parse_stat(stat_line("x", "T"))->state == ProcessState::Stopped);
    CHECK(parse_stat(stat_line("x", "t"))->state == ProcessState::Traced);
    CHECK(parse_stat(stat_line("x", "I"))->state == ProcessState::Other);
}

TEST_CASE("a zombie is dead") {
    CHECK(parse_stat(stat_line("x", "Z"))->dead());
}

TEST_CASE("stat that is cut short, and text that is no stat") {
    CHECK_FALSE(parse_stat(""));
    CHECK_FALSE(parse_stat("42 (x"));
    CHECK_FALSE(parse_stat("42 (x) S 1"));
    CHECK_FALSE(parse_stat("42 (x) S 7 40 40 0"));
    CHECK_FALSE(parse_stat(")("));
}

TEST_CASE("children lists") {
    CHECK(parse_children("").empty());
    CHECK(parse_children("12 345 6 ") == std::vector<Pid>{Pid{12}, Pid{345}, Pid{6}});
    CHECK(parse_children("12 x -3 0 9999999999999 7") == std::vector<Pid>{Pid{12}, Pid{7}});
}

TEST_CASE("variables of an environment") {
    const std::string environ = "A=1\0VLMSHIM_RUN_X=no\0VLMSHIM_RUN=boot.1.2\0EMPTY=\0"s;
    CHECK(find_variable(environ, "VLMSHIM_RUN") == "boot.1.2");
    CHECK(find_variable(environ, "EMPTY") == "");
    CHECK_FALSE(find_variable(environ, "B"));
    CHECK_FALSE(find_variable("", "A"));
}

TEST_CASE("command lines as text") {
    CHECK(describe_cmdline(std::string("sh\0-c\0true\0", 11)) == "sh -c true");
    CHECK(describe_cmdline("evil\033[2J") == "evil\033[2J");  // as it is: who shows it, escapes it
    CHECK(describe_cmdline("0123456789", 4) == "0123...");
    CHECK(describe_cmdline("012\u00e9", 4) == "012...");
}

TEST_CASE("listeners of /proc/net/tcp") {
    const std::string text =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
        "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0 100 0\n"
        "   1: 0100007F:1F90 0100007F:9999 01 00000000:00000000 00:00000000 00000000  1000        0 4712 1 0 100 0\n"
        "   2: 0100007F:1F91 0100007F:9999 06 00000000:00000000 00:00000000 00000000  0        0 0 1 0 100 0\n"
        "   3: garbage\n";
    const auto listeners = parse_net_tcp(text, IpVersion::V4);
    REQUIRE(listeners.size() == 1);  // neither the connection nor the one in TIME_WAIT
    CHECK(listeners[0].port == Port{8080});
    CHECK(listeners[0].inode == 4711);
    CHECK(listeners[0].uid == 1000);
    CHECK(describe_address(listeners[0]) == "127.0.0.1:8080");
}

TEST_CASE("listeners of /proc/net/tcp6") {
    const std::string row =
        "   0: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 99 1 0\n";
    const auto listeners = parse_net_tcp(row, IpVersion::V6);
    REQUIRE(listeners.size() == 1);
    CHECK(describe_address(listeners[0]) == "[::1]:8080");
    CHECK(parse_net_tcp(row, IpVersion::V4).empty());
}

TEST_CASE("the user ids of a process") {
    const auto uids = parse_uids("Name:\tUid:\nTgid:\t1\nUid:\t1000\t0\t0\t0\nGid:\t5\t5\t5\t5\n");
    REQUIRE(uids);
    CHECK(uids->real == 1000);
    CHECK(uids->effective == 0);
    CHECK(uids->saved == 0);
    CHECK_FALSE(uids->are_all(0));
    CHECK(parse_uids("Uid:\t7\t7\t7\t8")->are_all(7));
    CHECK_FALSE(parse_uids("Uid:\t7\t7\t8\t7")->are_all(7));
    for (const char* text : {"", "Uid:", "Uid:\t1\t1\n", "Uid:\t-1\t1\t1\n", "Gid:\t1\t1\t1\n", " Uid:\t1\t1\t1\n"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_uids(text));
    }
}

TEST_CASE("the process of a thread") {
    CHECK(parse_thread_group("Name:\tTgid:\nTgid:\t4711\nNgid:\t0\nPid:\t4712\n") == Pid{4711});
    for (const char* text : {"", "Tgid:", "Tgid:\tx\n", "Pid:\t1\n", " Tgid:\t1\n"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_thread_group(text));
    }
}

TEST_CASE("how far the clock of a time namespace is ahead") {
    const auto offset = parse_boottime_offset("monotonic      172800         0\nboottime       -86400    500000\n");
    REQUIRE(offset);
    CHECK(offset->seconds == -86'400);
    CHECK(offset->nanoseconds == 500'000);
    for (const char* text : {"", "monotonic 1 1\n", "boottime\n", "boottime 1\n", "boottime x 1\n"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_boottime_offset(text));
    }
}

TEST_CASE("the users that a user namespace maps") {
    const std::string all = "         0          0 4294967295\n";
    CHECK(maps_user(all, 0));
    CHECK(maps_user(all, 65'534));
    const std::string some = "         0       1000          1\n      1000     100000      65536\n";
    CHECK(maps_user(some, 0));
    CHECK_FALSE(maps_user(some, 1));
    CHECK_FALSE(maps_user(some, 999));
    CHECK(maps_user(some, 1000));
    CHECK(maps_user(some, 65'534));
    CHECK(maps_user(some, 66'535));
    CHECK_FALSE(maps_user(some, 66'536));
    for (const char* text : {"", "\n", "x", "0 0\n", "-1 0 5\n"}) {
        CHECK_FALSE(maps_user(text, 0));
    }
}

TEST_CASE("of /proc/net/unix: sockets with a name, and whether they listen") {
    const auto sockets = parse_net_unix(
        "Num       RefCount Protocol Flags    Type St Inode Path\n"
        "00000000c68631ef: 00000002 00000000 00010000 0001 01  1052 /run/server.sock\n"
        "00000000c68631ef: 00000003 00000000 00000000 0001 03  1053\n"
        "00000000c68631ef: 00000003 00000000 00000000 0002 01 4711 @vlmshim-run.0123456789abcdef\n"
        "00000000c68631ef: 00000002 00000000 00010000 0001 01 x /run/broken\n");
    REQUIRE(sockets.size() == 2);
    CHECK((sockets[0].inode == 1052 && sockets[0].path == "/run/server.sock" && sockets[0].listens));
    // The kernel does not escape a name: one with a line end can forge a row, if not one with what follows it.
    for (const char* forged :
         {"@x\n: 1 2 3 4 5 4712 @vlmshim-run.0123456789abcdef\n", "4712 4712 4712 4712 4712 4712 4712 @x\n",
          "00000000c68631ef: 00000003 00000000 0000000g 0002 01 4711 @x\n",
          "00000000c68631ef  00000003 00000000 00000000 0002 01 4711 @x\n",
          "00000000c68631ef: 00000003 00000000 00000000 00002 01 4711 @x\n"}) {
        CAPTURE(forged);
        CHECK(parse_net_unix(forged).empty());
    }
    CHECK((sockets[1].inode == 4711 && sockets[1].path == "@vlmshim-run.0123456789abcdef" && !sockets[1].listens));
}
