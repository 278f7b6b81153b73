// Which processes a listening socket was passed on to.
#include <doctest/doctest.h>

#include "fake_processes.hpp"
#include "vlmshim/cleanup/passed_socket.hpp"

using namespace vlmshim;
using namespace vlmshim::test;

namespace {

constexpr unsigned lena = 1000;
constexpr unsigned messagebus = 100;
constexpr unsigned mallory = 1111;

/// dbus-daemon 30 and a child of it 31; a server 40 of mallory with a child 41 that has another user.
struct Machine {
    FakeProcesses processes;

    Machine() {
        add(30, FakeProcesses::init, {messagebus, messagebus, messagebus});
        add(31, Pid{30}, {messagebus, messagebus, messagebus});
        add(40, FakeProcesses::init, {mallory, mallory, mallory});
        add(41, Pid{40}, {lena, lena, lena});
        add(42, Pid{41}, {messagebus, messagebus, messagebus});
    }
    void add(int pid, Pid parent, ProcUids uids) { processes.add(pid, {.parent = parent, .uids = uids}); }
    /// "30 31"
    std::string passed_to(std::optional<std::uint32_t> uid, const std::vector<int>& holders) const {
        Listener listener;
        listener.uid = uid;
        std::vector<Pid> pids;
        for (const int pid : holders) {
            pids.push_back(Pid{pid});
        }
        std::string text;
        for (const Pid pid : holders_passed_to(processes, listener, pids)) {
            text += (text.empty() ? "" : " ") + std::to_string(pid.value);
        }
        return text;
    }
};

}  // namespace

TEST_CASE("a holder of the user who made the socket is rightful, and so are its descendants") {
    const Machine machine;
    CHECK(machine.passed_to(messagebus, {30}).empty());
    CHECK(machine.passed_to(mallory, {30}) == "30");
    CHECK(machine.passed_to(mallory, {30, 31}) == "30 31");
    CHECK(machine.passed_to(mallory, {40, 41, 42}).empty());
    CHECK(machine.passed_to(mallory, {40, 30, 42}) == "30");
    CHECK(machine.passed_to(mallory, {41}) == "41");  // its parent holds nothing
}

TEST_CASE("a user that a process has been, or can be again, is its own") {
    Machine machine;
    machine.add(60, FakeProcesses::init, {lena, lena, mallory});
    machine.add(61, FakeProcesses::init, {lena, mallory, lena});
    machine.add(62, FakeProcesses::init, {mallory, lena, lena});
    CHECK(machine.passed_to(mallory, {60, 61, 62}).empty());
}

TEST_CASE("every holder of root's socket is rightful: a server binds, then drops its user") {
    CHECK(Machine{}.passed_to(0, {30, 41}).empty());
}

TEST_CASE("with socket activation no holder is rightful") {
    Machine machine;
    CHECK(machine.passed_to(mallory, {1, 40}) == "1 40");
    CHECK(machine.passed_to(0, {50, 40}) == "50 40");       // the shell that started us
    CHECK(machine.passed_to(mallory, {100, 40}) == "100");  // we hold it: that is the caller's doing
}

TEST_CASE("where the user is not known no holder is rightful") {
    CHECK(Machine{}.passed_to(std::nullopt, {30, 40}) == "30 40");
}

TEST_CASE("a holder that has exited is not rightful") {
    CHECK(Machine{}.passed_to(mallory, {999}) == "999");
}
