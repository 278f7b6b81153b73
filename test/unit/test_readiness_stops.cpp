// Probes that are stopped or paused, and those that run a command.
#include <doctest/doctest.h>

#include "fake_asker.hpp"

using namespace vlmshim;
using namespace vlmshim::test;

TEST_CASE_FIXTURE(Asker, "a probe that was stopped asks nobody and waits for no answer") {
    Readiness& probe = http();
    probe.start();
    CHECK(open == 1);
    probe.stop();
    CHECK(open == 0);

    probe.start();
    refuse();
    probe.stop();
    clock.advance(Millis{10'000});
    CHECK(asked == 2);
}

TEST_CASE_FIXTURE(Asker, "a probe that is paused asks nobody, and its time does not count") {
    Readiness& probe = http();
    probe.start();
    clock.advance(Millis{100});
    refuse();
    probe.pause();
    CHECK_FALSE(probe.running());
    clock.advance(Millis{60'000});
    CHECK(asked == 1);

    probe.resume();
    CHECK(probe.running());
    CHECK(probe.waited() == Millis{100});
    clock.advance(Millis{0});
    CHECK(asked == 2);
    refuse();
    clock.advance(Millis{5});
    CHECK(asked == 3);  // with the pauses of a server that was waited for 0.1 s
}

TEST_CASE_FIXTURE(Asker, "a question that was on its way when the job was stopped is asked anew") {
    Readiness& probe = http();
    probe.start();
    probe.pause();
    CHECK(open == 0);
    probe.resume();
    clock.advance(Millis{0});
    CHECK(open == 1);
    accept();
    CHECK(ready == 1);
}

TEST_CASE_FIXTURE(Asker, "only what ran before a pause goes on after it") {
    Readiness& probe = http();
    probe.pause();
    probe.resume();
    clock.advance(Millis{1'000});
    CHECK(asked == 0);

    probe.start();
    accept();
    probe.pause();
    probe.resume();
    clock.advance(Millis{1'000});
    CHECK(asked == 1);
}

// ^Z, then SIGTERM: the run ends its probes first, and then the pause.
TEST_CASE_FIXTURE(Asker, "a probe that is stopped during a pause does not go on after it") {
    Readiness& probe = http();
    probe.start();
    probe.pause();
    probe.stop();
    probe.resume();
    clock.advance(Millis{1'000});
    CHECK_FALSE(probe.running());
    CHECK(asked == 1);
}

TEST_CASE_FIXTURE(Asker, "a command is ready when it exits with 0") {
    Readiness& probe = probe_of(ExecProbe{{"check"}});
    probe.start();
    CHECK(asked == 1);
    probe.command_ended(ExitStatus::exited(1));
    CHECK(probe.last_answer() == "the probe command exited with 1");
    probe.command_ended(ExitStatus::signaled(Signal{9}));
    CHECK(probe.last_answer() == "the probe command was killed by SIGKILL");
    CHECK(ready == 0);
    clock.advance(Millis{5});
    CHECK(asked == 2);
    probe.command_ended(ExitStatus::exited(0));
    CHECK(ready == 1);
    // It names no address: any listener on the server's port may have been asked.
    REQUIRE(looked_up.size() == 1);
    CHECK_FALSE(looked_up[0].address.has_value());
    CHECK(looked_up[0].port == Port{8080});
}

TEST_CASE_FIXTURE(Asker, "a command that cannot be started is tried again") {
    starts = Readiness::Started::No;
    Readiness& probe = probe_of(ExecProbe{{"check"}});
    probe.start();
    CHECK(probe.last_answer() == "the probe command could not be started");
    CHECK(ready == 0);
    clock.advance(Millis{5});
    CHECK(asked == 2);
}

TEST_CASE_FIXTURE(Asker, "a command that ends after its probe was stopped means nothing any more") {
    Readiness& probe = probe_of(ExecProbe{{"check"}});
    probe.start();
    probe.stop();
    probe.command_ended(ExitStatus::exited(0));
    CHECK(ready == 0);
    CHECK(probe.last_answer() == "nothing yet");
    clock.advance(Millis{1'000});
    CHECK(asked == 1);
}
