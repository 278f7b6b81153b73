// VLMSHIM_RUN, and whether the run that it names is alive.
#include <doctest/doctest.h>

#include <optional>

#include "vlmshim/core/lifecycle/run_life.hpp"

using namespace vlmshim;

namespace {

constexpr std::uint64_t born = 5'000;
const RunId example{"0b038691-577b", Pid{4711}, Pid{4712}, born, 4026531836, 3, "14a2e95e95da8beb"};

}  // namespace

TEST_CASE("run ids survive the way through an environment") {
    CHECK(to_string(example) == "0b038691-577b.4711.4712.5000.4026531836.3.14a2e95e95da8beb");
    CHECK(parse_run_id(to_string(example)) == example);
    RunId little = example;  // without /proc, before Linux 5.14
    little.boot.clear();
    little.start_ticks = little.pid_namespace = little.network = 0;
    CHECK(to_string(little) == "-.4711.4712.0.0.0.14a2e95e95da8beb");
    CHECK(parse_run_id(to_string(little)) == little);
}

TEST_CASE("what is no run id") {
    for (const char* text : {"",
                             "a",
                             "......",
                             "boot.4711.987",  // as the first versions wrote it
                             "b.1.2.3.4.5",
                             "b.1.2.3.4.5.",
                             ".1.2.3.4.5.aa",
                             "b.0.2.3.4.5.aa",
                             "b.1.0.3.4.5.aa",
                             "b.-1.2.3.4.5.aa",
                             "b.1.2.x.4.5.aa",
                             "b.1.2.3.-4.5.aa",
                             "b.1.2.3.4..aa",
                             "b.1.2.3.4.5.aa.",
                             "b.1.2.3.4.5.a.a",
                             "b.1.2.3.4.5.AA",
                             "b.1.2.3.4.5.a/a",
                             "b.99999999999.2.3.4.5.aa",
                             "b.1.2.3.4.99999999999999999999.aa",
                             "b.1.2.3.4.5.000000000000000000000000000000000000000000000"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_run_id(text));
    }
}

namespace {

using Kind = NumberAnswer::Kind;
constexpr NumberAnswer nobody{Kind::Nobody};
constexpr NumberAnswer unclear{Kind::Unclear};
constexpr NumberAnswer itself{Kind::Someone, born};
constexpr NumberAnswer earlier{Kind::Someone, born - 2};
constexpr NumberAnswer later{Kind::Someone, born + 2};
constexpr NumberAnswer ageless{Kind::Someone, 0};

enum class Boot { Same, Other, NotRead };
enum class Network { Same, Other, NotGiven, NotKnownHere };
enum class Pids { Same, Other, NotGiven };

RunLife classify(Boot boot, Network network, NameAnswer name, Pids pids, NumberAnswer keeper, NumberAnswer supervisor) {
    RunId run = example;
    RunClues clues{{example.boot, example.network, example.pid_namespace}, name, keeper, supervisor};
    if (boot != Boot::Same) {
        clues.here.boot = boot == Boot::Other ? "another" : "";
    }
    if (network == Network::Other || network == Network::NotKnownHere) {
        clues.here.network = network == Network::Other ? example.network + 1 : 0;
    } else if (network == Network::NotGiven) {
        run.network = 0;
    }
    if (pids == Pids::Other) {
        clues.here.pid_namespace += 1;
    } else if (pids == Pids::NotGiven) {
        run.pid_namespace = 0;
    }
    return classify_life(run, clues);
}

}  // namespace

TEST_CASE("another boot, or one that cannot be read, says nothing") {
    for (const Boot boot : {Boot::Other, Boot::NotRead}) {
        for (const Network network : {Network::Same, Network::Other}) {
            for (const NameAnswer name : {NameAnswer::Held, NameAnswer::Nobody}) {
                CHECK(classify(boot, network, name, Pids::Same, nobody, nobody) == RunLife::Unknown);
                CHECK(classify(boot, network, name, Pids::Same, itself, itself) == RunLife::Unknown);
            }
        }
    }
    RunId run = example;
    run.boot.clear();  // written where it could not be read: that is no boot that we are in
    CHECK(classify_life(run, {{"", run.network, run.pid_namespace}, NameAnswer::Nobody, nobody, nobody}) ==
          RunLife::Unknown);
}

TEST_CASE("in the run's network namespace its name decides, whatever has its numbers") {
    for (const Pids pids : {Pids::Same, Pids::Other, Pids::NotGiven}) {
        for (const NumberAnswer& number : {nobody, unclear, itself, later}) {
            const auto named = [&](NameAnswer name) {
                return classify(Boot::Same, Network::Same, name, pids, number, number);
            };
            CHECK(named(NameAnswer::Held) == RunLife::Alive);
            CHECK(named(NameAnswer::Nobody) == RunLife::Dead);
            CHECK(named(NameAnswer::Unclear) == RunLife::Unknown);
        }
    }
}

TEST_CASE("in another network namespace the numbers decide, if they are of our PID namespace") {
    struct Row {
        NumberAnswer keeper;
        NumberAnswer supervisor;
        RunLife life;
    };
    const Row rows[]{
        {nobody, nobody, RunLife::Dead},     {later, later, RunLife::Dead},  // recycled
        {nobody, later, RunLife::Dead},      {itself, itself, RunLife::Alive},
        {nobody, itself, RunLife::Alive},                                        // it ends the run
        {itself, nobody, RunLife::Alive},    {earlier, itself, RunLife::Alive},  // a shell that has exec'd
        {nobody, earlier, RunLife::Unknown}, {nobody, ageless, RunLife::Unknown},
        {nobody, unclear, RunLife::Unknown}, {unclear, nobody, RunLife::Unknown},
        {unclear, itself, RunLife::Alive},
    };
    for (const Row& row : rows) {
        CAPTURE(&row - rows);
        for (const Network network : {Network::Other, Network::NotGiven, Network::NotKnownHere}) {
            // The name means nothing here: no process has it in another network namespace.
            for (const NameAnswer name : {NameAnswer::Held, NameAnswer::Nobody, NameAnswer::Unclear}) {
                CHECK(classify(Boot::Same, network, name, Pids::Same, row.keeper, row.supervisor) == row.life);
                for (const Pids pids : {Pids::Other, Pids::NotGiven}) {
                    CHECK(classify(Boot::Same, network, name, pids, row.keeper, row.supervisor) == RunLife::Unknown);
                }
            }
        }
    }
}

TEST_CASE("a start that is one tick off is the same one: offsets of time namespaces are no whole ticks") {
    for (const std::uint64_t ticks : {born - 1, born, born + 1}) {
        CHECK(classify(Boot::Same, Network::Other, NameAnswer::Nobody, Pids::Same, nobody, {Kind::Someone, ticks}) ==
              RunLife::Alive);
    }
    RunId run = example;
    run.start_ticks = 0;  // written without /proc
    const RunClues clues{{run.boot, 0, run.pid_namespace}, NameAnswer::Nobody, nobody, itself};
    CHECK(classify_life(run, clues) == RunLife::Unknown);
}
