#include <doctest/doctest.h>

#include "vlmshim/core/signal_mask.hpp"
#include "vlmshim/core/signal_numbers.hpp"

using namespace vlmshim;

namespace {

constexpr Signal sigusr1{10};
constexpr Signal sigusr2{12};
constexpr Signal sigwinch{28};
constexpr Signal last_real_time{64};

}  // namespace

TEST_CASE("what only has to reach the test goes there straight") {
    const SignalMask mask = straight_to_test({});
    for (const Signal signal : {sigusr1, sigusr2, sigwinch, last_real_time}) {
        CHECK(contains(mask, signal));
    }
}

TEST_CASE("what the run itself depends on does not") {
    const SignalMask mask = straight_to_test({});
    for (const Signal signal :
         {sighup, sigint, sigquit, sigterm, sigchld, sigcont, sigtstp, sigttin, sigttou, sigpipe}) {
        CHECK_FALSE(contains(mask, signal));
    }
}

TEST_CASE("nor what is rewritten, nor anything where all go to the group") {
    SignalsConfig signals;
    signals.rewrite = {{sigusr1, sigterm}};
    CHECK_FALSE(contains(straight_to_test(signals), sigusr1));
    CHECK(contains(straight_to_test(signals), sigusr2));
    signals.forward = Forward::Group;
    CHECK(straight_to_test(signals) == 0);
}

TEST_CASE("no number outside 1 to 64 is in a mask") {
    for (const int number : {-1, 0, 65}) {
        CHECK_FALSE(contains(~SignalMask{0}, Signal{number}));
    }
}
