// Which processes listen on a port, and whose socket would have answered a connection.
#include <doctest/doctest.h>

#include "fake_processes.hpp"
#include "fake_sockets.hpp"
#include "vlmshim/cleanup/listener_owner.hpp"
#include "vlmshim/cleanup/port_lookup.hpp"

using namespace vlmshim;
using namespace vlmshim::test;

namespace {

using Kind = ListenerOwner::Kind;

constexpr Port port{8080};
constexpr int unseen = -1;
constexpr int server = 110;
constexpr int worker = 111;
constexpr int other_server = 120;
constexpr int others_worker = 121;
constexpr int stranger = 30;

struct Machine {
    FakeProcesses processes;
    FakeSockets sockets{processes};

    Machine() {
        processes.add(server);
        processes.add(worker, {.parent = Pid{server}});
        processes.add(other_server);
        processes.add(others_worker, {.parent = Pid{other_server}});
        processes.add(stranger, {.parent = FakeProcesses::init, .command = "httpd"});
    }
    void listen(int pid, const std::string& address) {
        sockets.listen(port.number, pid == unseen ? std::vector<int>{} : std::vector<int>{pid}, address);
    }
    ListenerOwner owner(const char* asked) const {
        const auto address = asked == nullptr ? std::nullopt : Address::parse(asked);
        return owner_of(sockets, processes, address, port, [] {
            return PortOwners{{Pid{server}, Pid{worker}}, {1000}};
        });
    }
};

}  // namespace

TEST_CASE("an answer is ours when every socket that could have given it is") {
    struct Socket {
        int pid;
        const char* address;
    };
    struct Row {
        std::vector<Socket> sockets;
        const char* asked;  // nullptr: any address
        Kind kind;
    };
    const std::vector<Row> rows{
        {{}, "127.0.0.1", Kind::None},
        {{{server, "0.0.0.0"}}, "127.0.0.1", Kind::Ours},
        {{{worker, "127.0.0.1"}}, "127.0.0.1", Kind::Ours},
        {{{worker, "::"}}, "127.0.0.1", Kind::Ours},  // takes IPv4 too
        {{{worker, "127.0.0.1"}}, nullptr, Kind::Ours},
        {{{worker, "127.0.0.1"}}, "::1", Kind::None},
        // what the other server started is not this server's
        {{{other_server, "0.0.0.0"}}, "127.0.0.1", Kind::Foreign},
        {{{others_worker, "0.0.0.0"}}, "127.0.0.1", Kind::Foreign},
        {{{stranger, "0.0.0.0"}}, "127.0.0.1", Kind::Foreign},
        {{{unseen, "0.0.0.0"}}, "127.0.0.1", Kind::Foreign},  // all of ours could be looked into
        // on whatever address: a test that says "localhost" may get to either
        {{{server, "0.0.0.0"}, {stranger, "127.0.0.1"}}, "127.0.0.1", Kind::Foreign},
        {{{stranger, "0.0.0.0"}, {server, "127.0.0.1"}}, "127.0.0.1", Kind::Foreign},
        {{{server, "127.0.0.1"}, {stranger, "::1"}}, "127.0.0.1", Kind::Foreign},
        {{{server, "0.0.0.0"}, {stranger, "::"}}, "127.0.0.1", Kind::Foreign},
        {{{server, "0.0.0.0"}, {stranger, "127.0.0.2"}}, "127.0.0.1", Kind::Foreign},
        {{{server, "0.0.0.0"}, {stranger, "::1"}}, nullptr, Kind::Foreign},
        {{{server, "0.0.0.0"}, {unseen, "::1"}}, "127.0.0.1", Kind::Foreign},
        // several that share an address: the kernel picks one
        {{{server, "0.0.0.0"}, {worker, "0.0.0.0"}}, "127.0.0.1", Kind::Ours},
        {{{server, "0.0.0.0"}, {worker, "::"}}, "127.0.0.1", Kind::Ours},
        {{{server, "0.0.0.0"}, {stranger, "0.0.0.0"}}, "127.0.0.1", Kind::Foreign},
        {{{stranger, "0.0.0.0"}, {unseen, "0.0.0.0"}}, "127.0.0.1", Kind::Foreign},
    };
    for (std::size_t i = 0; i < rows.size(); ++i) {
        CAPTURE(i);
        Machine machine;
        for (const Socket& socket : rows[i].sockets) {
            machine.listen(socket.pid, socket.address);
        }
        CHECK(machine.owner(rows[i].asked).kind == rows[i].kind);
    }
}

TEST_CASE("a stranger is named, with where it listens") {
    Machine machine;
    machine.listen(stranger, "0.0.0.0");
    CHECK(machine.owner("127.0.0.1").description == "pid 30 (httpd), user lena on 0.0.0.0:8080");
    CHECK_FALSE(machine.owner("127.0.0.1").is_beside_ours);
    machine.listen(server, "127.0.0.1");
    CHECK(machine.owner("127.0.0.1").is_beside_ours);
}

TEST_CASE("an unseen holder may be ours if one of ours cannot be looked into and the socket is of a user of ours") {
    struct Row {
        std::size_t refused;
        std::optional<std::uint32_t> uid;
        Kind kind;
    };
    const Row rows[]{{1, 1000, Kind::Unknown},
                     {1, 33, Kind::Foreign},
                     {1, std::nullopt, Kind::Foreign},
                     {0, 1000, Kind::Foreign},
                     {1, 0, Kind::Foreign}};
    for (const Row& row : rows) {
        CAPTURE(&row - rows);
        Machine machine;
        machine.sockets.refused = row.refused;
        machine.sockets.listen(port.number, {}, "127.0.0.1", row.uid);
        CHECK(machine.owner("127.0.0.1").kind == row.kind);
    }
}

TEST_CASE("where the kernel's list cannot be read, no process is called a stranger") {
    Machine machine;
    machine.listen(stranger, "0.0.0.0");
    machine.sockets.source = os::ListenerSource::TrialBind;
    CHECK(machine.owner("127.0.0.1").kind == Kind::NoTable);
    machine.sockets.source = os::ListenerSource::ProcNet;
    CHECK(machine.owner("127.0.0.1").kind == Kind::Foreign);
    machine.sockets.error = std::make_error_code(std::errc::too_many_files_open);
    CHECK(machine.owner("127.0.0.1").kind == Kind::NoTable);
}

TEST_CASE("a socket that we share with a stranger is ours") {
    Machine machine;
    machine.sockets.listen(port.number, {stranger, worker});
    CHECK(machine.owner("127.0.0.1").kind == Kind::Ours);
}

TEST_CASE("listeners are sorted by port, address and pid, one entry for each holder") {
    Machine machine;
    machine.sockets.listen(9000, {stranger});
    machine.listen(unseen, "::");
    machine.sockets.listen(port.number, {worker, server}, "127.0.0.1");
    machine.listen(stranger, "0.0.0.0");
    std::string text;
    for (const PortHolder& holder : look_up(machine.sockets, machine.processes, {Port{9000}, port})) {
        text += describe_address(holder.listener) + " " + std::to_string(holder.pid.value) + "\n";
        CHECK(holder.not_visible_because.empty() == (holder.pid.value != 0));
    }
    CHECK(text ==
          "0.0.0.0:8080 30\n"
          "127.0.0.1:8080 110\n"
          "127.0.0.1:8080 111\n"
          "[::]:8080 0\n"
          "0.0.0.0:9000 30\n");
}

TEST_CASE("a holder of very many addresses is looked up once") {
    Machine machine;
    for (int i = 0; i < 200; ++i) {
        machine.listen(i % 2 == 0 ? stranger : unseen, "127.0.0." + std::to_string(i + 1));
    }
    const auto holders = look_up(machine.sockets, machine.processes, {port});
    CHECK(holders.size() == 200);
    CHECK(machine.processes.commands_read == 1);
    for (std::size_t i = 0; i < holders.size(); ++i) {
        CAPTURE(i);
        CHECK(describe_address(holders[i].listener) == "127.0.0." + std::to_string(i + 1) + ":8080");
        CHECK(holders[i].pid == Pid{i % 2 == 0 ? stranger : 0});
        CHECK(holders[i].command == (i % 2 == 0 ? "httpd" : ""));
    }
}

TEST_CASE("what the policy gets to know of a holder") {
    Machine machine;
    const auto facts = [&](int pid, RunOfProcess::State state = {}, const char* run = "") {
        return facts_of(machine.processes, Pid{pid}, {state, run}, {"httpd"});
    };
    using Run = RunOfProcess::State;
    CHECK(facts(stranger).visible);
    CHECK(facts(stranger).spared);
    CHECK_FALSE(facts(server).spared);
    CHECK(facts(100).self);
    CHECK_FALSE(facts(server).self);
    CHECK(facts(50).ancestor_or_init);
    CHECK_FALSE(facts(stranger).ancestor_or_init);
    CHECK(facts(stranger, Run::Dead, "r").of_dead_run);
    CHECK(facts(stranger, Run::Alive, "r").of_other_run);
    CHECK_FALSE(facts(stranger, Run::Alive, "own-run").of_other_run);
    CHECK(facts(stranger, Run::Alive, "own-run").of_live_run);
    CHECK(facts(stranger, Run::Unknown, "r").of_live_run);  // what is not known counts as alive
    CHECK(facts(stranger, Run::Unknown, "r").of_other_run);
    CHECK_FALSE(facts(stranger, Run::Unknown, "r").of_dead_run);
    CHECK_FALSE(facts(stranger, Run::Dead, "r").of_live_run);
    machine.processes.at(100).parent = Pid{0};  // as `docker exec` starts it: pid 1 is no ancestor then
    CHECK(facts(1).ancestor_or_init);
}

TEST_CASE("without a listener our own processes are not looked at") {
    Machine machine;
    int asked = 0;
    const auto own = [&] {
        ++asked;
        return PortOwners{{Pid{server}}, {1000}};
    };
    CHECK(owner_of(machine.sockets, machine.processes, std::nullopt, port, own).kind == Kind::None);
    CHECK(asked == 0);
    machine.listen(server, "0.0.0.0");
    CHECK(owner_of(machine.sockets, machine.processes, std::nullopt, port, own).kind == Kind::Ours);
    CHECK(asked == 1);
}
