// Probes that are stopped or paused, and those that run a command.
#include <doctest/doctest.h>

#include <algorithm>

#include "fake_asker.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"

using namespace vlmshim;
using namespace vlmshim::test;

TEST_CASE_FIXTURE(Asker, "a probe that was stopped asks nothing and waits for no answer") {
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

TEST_CASE_FIXTURE(Asker, "a probe that is paused asks nothing, and its time does not count") {
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
    CHECK(asked == 3);  // with the pauses after 0.1 s of waiting
}

TEST_CASE_FIXTURE(Asker, "a question that was open when the job was stopped is asked again") {
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

TEST_CASE_FIXTURE(Asker, "only a probe that ran before a pause runs after it") {
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

// ^Z, then SIGTERM: the run stops its probes first, and then ends the pause.
TEST_CASE_FIXTURE(Asker, "a probe that is stopped during a pause does not run after it") {
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
    Readiness& probe = exec({"check"});
    probe.start();
    CHECK(asked == 1);
    probe.command_ended(ExitStatus::exited(1));
    CHECK(probe.last_answer() == "the probe command exited with 1");
    clock.advance(Millis{5});
    CHECK(asked == 2);
    probe.command_ended(ExitStatus::signaled(Signal{9}));
    CHECK(probe.last_answer() == "the probe command was killed by SIGKILL");
    CHECK(ready == 0);
    clock.advance(Millis{5});
    CHECK(asked == 3);
    probe.command_ended(ExitStatus::exited(0));
    CHECK(ready == 1);
}

TEST_CASE_FIXTURE(Asker, "a command that cannot be started is tried again") {
    not_started_because = "it is not there";
    Readiness& probe = exec({"check"});
    probe.start();
    CHECK(probe.last_answer() == "the probe command could not be started: it is not there");
    CHECK(ready == 0);
    clock.advance(Millis{5});
    CHECK(asked == 2);
}

TEST_CASE_FIXTURE(Asker, "a command that ends after its probe was stopped is ignored") {
    Readiness& probe = exec({"check"});
    probe.start();
    probe.stop();
    probe.command_ended(ExitStatus::exited(0));
    CHECK(ready == 0);
    CHECK(probe.last_answer() == "listens");
    clock.advance(Millis{1'000});
    CHECK(asked == 1);
}

TEST_CASE_FIXTURE(Asker, "a command that outlives a pause is waited for, not started again") {
    Readiness& probe = exec({"check"});
    probe.start();
    probe.pause();
    probe.resume();
    clock.advance(Millis{0});
    CHECK(asked == 1);
    probe.command_ended(ExitStatus::exited(0));
    CHECK(ready == 1);
}

TEST_CASE_FIXTURE(Asker, "a command that hangs is killed, and the next one has twice the time") {
    Readiness& probe = exec({"check"});
    probe.start();
    clock.advance(probe_command_limit - Millis{1});
    CHECK(killed == 0);
    clock.advance(Millis{1});
    CHECK(killed == 1);
    probe.command_ended(ExitStatus::signaled(Signal{9}));
    CHECK(probe.last_answer() == "the probe command did not end within 10 s: killed");
    clock.advance(Millis{200});
    CHECK(asked == 2);
    clock.advance(2 * probe_command_limit - Millis{1});
    CHECK(killed == 1);
    clock.advance(Millis{1});
    CHECK(killed == 2);
}

TEST_CASE_FIXTURE(Asker, "https is asked through curl, its headers by its standard input") {
    Ready when;
    when.http = "https://127.0.0.1:{port}/health";
    when.headers = {{"Authorization", "Bearer secret"}};
    when.insecure = true;
    Readiness& probe = probe_of(when);
    probe.start();
    CHECK(command.kind == ProbeCommand::Kind::Curl);
    CHECK(command.words.front() == "curl");
    CHECK(command.words[1] == "-q");
    CHECK(command.words.back() == "https://127.0.0.1:8080/health");
    CHECK(std::find(command.words.begin(), command.words.end(), "--insecure") != command.words.end());
    CHECK(command.input == "Authorization: Bearer secret\n");
    for (const std::string& word : command.words) {
        CHECK(word.find("secret") == std::string::npos);
    }
    probe.command_ended(ExitStatus::exited(60), "curl: (60) SSL certificate problem\n\n000\n");
    CHECK(probe.last_answer() == "curl: (60) SSL certificate problem");
    clock.advance(Millis{5});
    probe.command_ended(ExitStatus::exited(0), "\n503\n");
    CHECK(probe.last_answer() == "HTTP 503");
    clock.advance(Millis{100});
    probe.command_ended(ExitStatus::exited(0), "\n200\n");
    CHECK(ready == 1);
}
