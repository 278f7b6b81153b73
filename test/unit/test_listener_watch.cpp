// When it is noticed that no process listens on a port any more.
#include <doctest/doctest.h>

#include "fake_clock.hpp"
#include "fake_sockets.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"
#include "vlmshim/supervisor/listener_watch.hpp"

using namespace vlmshim;
using namespace vlmshim::test;

namespace {

constexpr int port = 8080;

struct Fixture {
    FakeProcesses processes;
    FakeSockets sockets{processes};
    FakeClock clock;
    std::map<Pid, std::function<void()>> watched;
    std::set<Pid> unwatchable;
    std::vector<Pid> its{Pid{110}, Pid{111}, Pid{112}};
    std::string said;

    struct Watch final : ProcessWatch {
        Watch(Fixture& its_fixture, Pid its_pid) : fixture(its_fixture), pid(its_pid) {}
        ~Watch() override { fixture.watched.erase(pid); }
        Fixture& fixture;
        Pid pid;
    };
    ListenerWatch::Hooks hooks(bool waits_for_more) {
        ListenerWatch::Hooks hooks;
        hooks.holders = [this, waits_for_more](const std::vector<Listener>& listeners) {
            return waits_for_more ? sockets.holders_among(its, listeners) : sockets.holders_of(listeners);
        };
        hooks.watch = [this](const ProcessIdentity& process, std::function<void()> ended) {
            if (unwatchable.contains(process.pid)) {
                return std::unique_ptr<ProcessWatch>();
            }
            watched.emplace(process.pid, std::move(ended));
            return std::unique_ptr<ProcessWatch>(std::make_unique<Watch>(*this, process.pid));
        };
        hooks.lost = [this](std::optional<ProcessIdentity> last) {
            said += " lost:" + (last ? std::to_string(last->pid.value) : "nobody");
        };
        if (waits_for_more) {
            hooks.found = [this](const ProcessIdentity& process) {
                said += " found:" + std::to_string(process.pid.value);
            };
        }
        return hooks;
    }
    ListenerWatch watch(bool waits_for_more) { return {clock, sockets, Port{port}, hooks(waits_for_more)}; }
    void end(int pid) {
        processes.end(pid);
        const auto ended = watched.at(Pid{pid});
        ended();
    }
    std::string take() { return std::exchange(said, {}); }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "the oldest holder is watched, then the next, until none is left") {
    processes.add(110);
    processes.add(111);
    sockets.listen(port, {111, 110});
    ListenerWatch one = watch(false);
    one.look();
    CHECK(watched.size() == 1);
    end(110);
    CHECK(watched.contains(Pid{111}));
    CHECK(take().empty());
    end(111);
    CHECK(take() == " lost:111");
    clock.advance(Millis{60'000});
    CHECK(take().empty());
    CHECK(watched.empty());
}

TEST_CASE_FIXTURE(Fixture, "no listener from the start") {
    watch(false).look();
    CHECK(take() == " lost:nobody");
    watch(true).look();
    CHECK(take() == " lost:nobody");
}

TEST_CASE_FIXTURE(Fixture, "an error of the table is no news") {
    sockets.error = std::make_error_code(std::errc::operation_not_permitted);
    watch(false).look();
    CHECK(take().empty());
}

TEST_CASE_FIXTURE(Fixture, "a holder that cannot be seen is looked for several times, then no more") {
    sockets.listen(port, {});
    ListenerWatch one = watch(false);
    one.look();
    clock.advance(Millis{60'000});
    CHECK(take().empty());
    CHECK(sockets.looks == most_unseen_owners);
}

TEST_CASE_FIXTURE(Fixture, "a holder that is just ending is looked at again") {
    processes.add(110);
    const std::uint64_t inode = sockets.listen(port, {110});
    unwatchable = {Pid{110}};
    ListenerWatch one = watch(false);
    one.look();
    CHECK(take().empty());
    sockets.close(inode);
    clock.advance(unseen_owner_pause);
    CHECK(take() == " lost:110");
}

TEST_CASE_FIXTURE(Fixture, "where only some processes matter, others do not count, and a new one is found") {
    processes.add(110);
    processes.add(200);
    sockets.listen(port, {110});
    ListenerWatch one = watch(true);
    one.look();
    sockets.listen(port, {200});
    end(110);
    CHECK(take() == " lost:110");
    clock.advance(2 * listens_again_pause);
    CHECK(take().empty());  // reported once
    processes.add(112);
    sockets.listen(port, {112});
    clock.advance(listens_again_pause);
    CHECK(take() == " found:112");
    end(112);
    CHECK(take() == " lost:112");
}

TEST_CASE_FIXTURE(Fixture, "after stop() nothing is looked at") {
    processes.add(110);
    sockets.listen(port, {110});
    ListenerWatch one = watch(true);
    one.look();
    one.stop();
    CHECK(watched.empty());
    clock.advance(Millis{60'000});
    CHECK(take().empty());
}
