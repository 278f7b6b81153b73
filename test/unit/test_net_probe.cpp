#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <optional>
#include <sstream>
#include <string>

#include "vlmshim/loop/net_probe.hpp"
#include "vlmshim/os/fd.hpp"
#include "vlmshim/os/file.hpp"
#include "vlmshim/os/socket_address.hpp"

using namespace vlmshim;

namespace {

constexpr Address here = Address::loopback(IpVersion::V4);

/// Closes each connection when the request has come.
struct SilentServer {
    explicit SilentServer(loop::Loop& its_loop) : loop(its_loop), listener(::socket(AF_INET, SOCK_STREAM, 0)) {
        const sockaddr_storage any = os::to_sockaddr(here, Port{});
        sockaddr_storage bound{};
        socklen_t size = sizeof bound;
        REQUIRE(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&any), sizeof any) == 0);
        REQUIRE(::listen(listener.get(), 8) == 0);
        REQUIRE(::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&bound), &size) == 0);
        port = os::to_port(bound);
        accepts.emplace(loop, listener.get(), [this] {
            connection = os::Fd(::accept(listener.get(), nullptr, nullptr));
            reads.emplace(loop, connection.get(), [this] {
                std::array<char, 4096> request;
                ++requests;
                CHECK(::read(connection.get(), request.data(), request.size()) > 0);
                reads.reset();
                connection.reset();
            });
        });
    }

    loop::Loop& loop;
    os::Fd listener;
    Port port;
    os::Fd connection;
    int requests = 0;
    std::optional<loop::ReadableWatcher> reads;
    std::optional<loop::ReadableWatcher> accepts;
};

int count_time_wait(Port port) {
    std::istringstream table(os::read_file("/proc/self/net/tcp").value_or(""));
    std::string line;
    int count = 0;
    while (std::getline(table, line)) {
        std::istringstream fields(line);
        std::string number;
        std::string local;
        std::string remote;
        std::string state;
        fields >> number >> local >> remote >> state;
        const bool on_port = local.find(':') != std::string::npos &&
                             std::strtoul(local.c_str() + local.find(':') + 1, nullptr, 16) == port.number;
        count += on_port && state == "06" ? 1 : 0;
    }
    return count;
}

}  // namespace

// With two addresses of localhost, each probe of a server that was not ready left TIME_WAIT on its port: the connection
// to the first address was closed, and not reset, before the second was tried.
TEST_CASE("no TIME_WAIT is left on the server's port when the next address is tried") {
    loop::Loop loop;
    SilentServer server(loop);
    std::optional<NetAnswer> answer;
    const auto ask = loop::ask_network(loop);
    const Host host{.text = "localhost", .addresses = {here, Address::loopback(IpVersion::V6)}};
    const auto probe = ask({.host = host, .port = server.port, .http_path = "/"}, [&](const NetAnswer& said) {
        answer = said;
        loop.stop();
    });
    loop.run();
    REQUIRE(answer);
    CHECK(answer->result == ProbeResult::NotReady);
    CHECK(server.requests == 1);
    CHECK(count_time_wait(server.port) == 0);
}
