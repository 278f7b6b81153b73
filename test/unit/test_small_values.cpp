// Values that need only a few lines each.
#include <doctest/doctest.h>

#include "vlmshim/core/lifecycle/port_policy.hpp"
#include "vlmshim/core/lifecycle/probe_schedule.hpp"
#include "vlmshim/core/values/colour.hpp"
#include "vlmshim/core/values/exit_status.hpp"
#include "vlmshim/core/values/run_id.hpp"
#include "vlmshim/core/values/server_name.hpp"
#include "vlmshim/core/values/words.hpp"

using namespace vlmshim;

TEST_CASE("exit status as a shell shows it") {
    CHECK(shell_status(ExitStatus::exited(137)) == 137);
    CHECK(shell_status(ExitStatus::signaled(Signal{9})) == 137);
    CHECK_FALSE(ExitStatus::signaled(Signal{0}).success());
    CHECK(describe(ExitStatus::exited(3)) == "exited with 3");
    CHECK(describe(ExitStatus::signaled(Signal{11})) == "was killed by SIGSEGV");
}

TEST_CASE("when messages are coloured") {
    struct Row {
        std::string_view no_color;
        std::string_view force_color;
        Colour on_terminal;
        Colour elsewhere;
    };
    using enum Colour;
    for (const Row& row : {
             Row{"", "", Yes, No},
             Row{"1", "", No, No},
             Row{"", "1", Yes, Yes},
             Row{"", "3", Yes, Yes},
             Row{"", "true", Yes, Yes},
             Row{"", "0", No, No},
             Row{"", "false", No, No},
             Row{"1", "1", No, No},
         }) {
        CAPTURE(row.no_color);
        CAPTURE(row.force_color);
        const ColourFacts facts{row.no_color, row.force_color, true};
        CHECK(choose_colour(facts) == row.on_terminal);
        CHECK(choose_colour({facts.no_color, facts.force_color, false}) == row.elsewhere);
    }
}

TEST_CASE("counts and lists for sentences") {
    CHECK(count_of(0, "process") == "0 processes");
    CHECK(count_of(1, "process") == "1 process");
    CHECK(count_of(3, "process") == "3 processes");
    CHECK(count_of(1, "line") == "1 line");
    CHECK(count_of(2, "line") == "2 lines");
    CHECK(list_ports({Port{8080}}) == "port 8080");
    CHECK(list_ports({Port{8080}, Port{9000}}) == "ports 8080, 9000");
}

TEST_CASE("probes come often at first, then about every 2 %") {
    CHECK(next_probe_delay(Millis{0}, Logs::No) == Millis{5});
    CHECK(next_probe_delay(Millis{500}, Logs::No) == Millis{10});
    CHECK(next_probe_delay(Millis{5'000}, Logs::No) == Millis{100});
    CHECK(next_probe_delay(Millis{600'000}, Logs::No) == Millis{250});
}

TEST_CASE("who may be ended before the run") {
    const HolderFacts stranger{.visible = true};
    CHECK(classify_before(stranger, Busy::Fail) == HolderVerdict::Refuse);
    CHECK(classify_before(stranger, Busy::Kill) == HolderVerdict::End);
    CHECK(classify_before(stranger, Busy::Reuse) == HolderVerdict::Reuse);

    HolderFacts leftover{.visible = true, .of_dead_run = true};
    CHECK(classify_before(leftover, Busy::Fail) == HolderVerdict::End);
    CHECK(classify_before(leftover, Busy::Reuse) == HolderVerdict::End);

    // never, whatever is configured
    for (const HolderFacts holder :
         {HolderFacts{}, HolderFacts{.visible = true, .ancestor_or_init = true},
          HolderFacts{.visible = true, .spared = true}, HolderFacts{.visible = true, .passed_on = true},
          HolderFacts{.visible = true, .passed_on = true, .of_dead_run = true},
          HolderFacts{.visible = true, .spared = true, .of_dead_run = true}}) {
        CHECK(classify_before(holder, Busy::Fail) == HolderVerdict::Refuse);
        CHECK(classify_before(holder, Busy::Kill) == HolderVerdict::Refuse);
    }
    CHECK(classify_before({.visible = true, .self = true}, Busy::Kill) == HolderVerdict::Ignore);
}

TEST_CASE("who may be ended after the run") {
    CHECK(classify_after({.visible = true}, Outsiders::End) == HolderVerdict::End);
    CHECK(classify_after({.visible = true}, Outsiders::Own) == HolderVerdict::End);
    CHECK(classify_after({.visible = true, .other_user = true}, Outsiders::Own) == HolderVerdict::Refuse);
    CHECK(classify_after({.visible = true, .other_user = true}, Outsiders::End) == HolderVerdict::End);
    CHECK(classify_after({.visible = true}, Outsiders::Report) == HolderVerdict::Refuse);
    for (const HolderFacts holder :
         {HolderFacts{}, HolderFacts{.visible = true, .self = true},
          HolderFacts{.visible = true, .ancestor_or_init = true}, HolderFacts{.visible = true, .spared = true},
          HolderFacts{.visible = true, .passed_on = true}}) {
        CHECK(classify_after(holder, Outsiders::End) == HolderVerdict::Refuse);
    }
}

TEST_CASE("a server's name has letters, digits, '-' and '_'") {
    for (const char* name : {"a", "Z", "0", "-", "_", "llama-server_2"}) {
        CHECK(is_server_name(name));
    }
    for (const std::string_view other : {"", " ", "a b", "a.b", "a/b", "a=b", "a\n", "\x1b[2J", "\xc3\xa4", "[a]"}) {
        CHECK_FALSE(is_server_name(other));
    }
    CHECK_FALSE(is_server_name(std::string_view("a\0", 2)));
}

TEST_CASE("the name of a run is its prefix and a token, nothing else") {
    CHECK(is_run_name(run_name("0123456789abcdef")));
    for (const std::string_view other :
         {"", "vlmshim-run", "vlmshim-run.", "vlmshim-run.0123456789abcdef ", "vlmshim-run.0123456789abcde",
          "vlmshim-run.0123456789abcdeg", "vlmshim-run.0123456789abcdef0", "vlmshim-run.0123456789ABCDEF",
          "vlmshim-run.0123456789abcdef@", " vlmshim-run.0123456789abcdef"}) {
        CAPTURE(other);
        CHECK_FALSE(is_run_name(other));
    }
}
