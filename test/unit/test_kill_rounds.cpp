// When killing goes on, and when it is hopeless.
#include <doctest/doctest.h>

#include "vlmshim/core/lifecycle/kill_rounds.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"

using namespace vlmshim;

namespace {

using Kill = SurvivorFacts::Kill;
using State = ProcessState;

const Millis start{10'000};
const Millis limit = start + kill_give_up;

}  // namespace

TEST_CASE("only a process that was killed and can run is dying") {
    struct Row {
        std::vector<SurvivorFacts> survivors;
        Survivors expected;
    };
    const std::vector<Row> rows{
        {{{Kill::Taken, State::Running}}, Survivors::Dying},
        {{{Kill::Taken, State::Uninterruptible}}, Survivors::Unkillable},
        {{{Kill::Taken, State::Traced}}, Survivors::Unkillable},
        {{{Kill::Taken, State::Stopped}}, Survivors::Unkillable},
        {{{Kill::Taken, State::Sleeping}}, Survivors::Unkillable},
        {{{Kill::Taken, State::Zombie}}, Survivors::Unkillable},
        {{{Kill::Taken, State::Other}}, Survivors::Unkillable},
        // it runs, but not to its end
        {{{Kill::Refused, State::Running}}, Survivors::Unkillable},
        {{{Kill::NotTried, State::Running}}, Survivors::Unkillable},
        // one that is dying is worth waiting for
        {{{Kill::Refused, State::Sleeping}, {Kill::Taken, State::Running}}, Survivors::Dying},
        {{{Kill::Refused, State::Running}, {Kill::Taken, State::Uninterruptible}}, Survivors::Unkillable},
        {{}, Survivors::Unkillable},
    };
    for (std::size_t i = 0; i < rows.size(); ++i) {
        CAPTURE(i);
        CHECK(classify(rows[i].survivors) == rows[i].expected);
    }
}

TEST_CASE("killing is late when nothing has ended for the whole time limit") {
    const KillRounds rounds(start);
    CHECK_FALSE(rounds.is_late(start));
    CHECK_FALSE(rounds.is_late(limit - Millis{1}));
    CHECK(rounds.is_late(limit));
}

TEST_CASE("each end of a process gives the others the whole time again") {
    KillRounds rounds(start);
    rounds.progress(limit - Millis{1});
    CHECK_FALSE(rounds.is_late(limit));
    CHECK_FALSE(rounds.is_late(limit - Millis{2} + kill_give_up));
    CHECK(rounds.is_late(limit - Millis{1} + kill_give_up));
}

TEST_CASE("what cannot be killed is given up at once") {
    KillRounds rounds(start);
    CHECK(rounds.decide(Survivors::Unkillable, limit) == KillRounds::Verdict::GiveUp);
}

TEST_CASE("what is dying is waited for, but not for ever") {
    KillRounds rounds(start);
    Millis now = start;
    for (int i = 0; i < most_waits_for_dying; ++i) {
        now += kill_give_up;
        REQUIRE(rounds.is_late(now));
        CHECK(rounds.decide(Survivors::Dying, now) == KillRounds::Verdict::GoOn);
        CHECK_FALSE(rounds.is_late(now));  // each wait is a whole one
    }
    CHECK(rounds.decide(Survivors::Dying, now + kill_give_up) == KillRounds::Verdict::GiveUp);
}

TEST_CASE("an end in between does not give the dying more waits") {
    // Otherwise a process that forks for ever would be waited for as long.
    KillRounds rounds(start);
    for (int i = 0; i < most_waits_for_dying; ++i) {
        (void)rounds.decide(Survivors::Dying, limit);
        rounds.progress(limit);
    }
    CHECK(rounds.decide(Survivors::Dying, limit) == KillRounds::Verdict::GiveUp);
}
