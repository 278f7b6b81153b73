#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>

#include <cstring>
#include <string>

#include "vlmshim/os/sock_diag.hpp"

using namespace vlmshim;
using os::DumpStep;

namespace {

/// A message whose header claims `claimed` bytes.
std::string message(int type, const std::string& body, std::size_t claimed) {
    nlmsghdr header{};
    header.nlmsg_type = static_cast<__u16>(type);
    header.nlmsg_len = static_cast<__u32>(claimed);
    return std::string(reinterpret_cast<const char*>(&header), sizeof header) + body;
}

std::string message(int type, const std::string& body) {
    return message(type, body, sizeof(nlmsghdr) + body.size());
}

std::string socket_on(std::uint16_t port, int family = AF_INET) {
    inet_diag_msg body{};
    body.idiag_family = static_cast<__u8>(family);
    body.id.idiag_sport = htons(port);
    body.id.idiag_src[0] = htonl(0x7f000001);
    body.idiag_inode = 77;
    return message(SOCK_DIAG_BY_FAMILY, {reinterpret_cast<const char*>(&body), sizeof body});
}

}  // namespace

TEST_CASE("a dump is taken message by message") {
    std::vector<Listener> found;
    CHECK(os::take_messages(socket_on(8080) + socket_on(8081, AF_INET6), found) == DumpStep::More);
    CHECK(os::take_messages(socket_on(8082) + message(NLMSG_DONE, "1234"), found) == DumpStep::Done);
    REQUIRE(found.size() == 3);
    CHECK(describe_address(found[0]) == "127.0.0.1:8080");
    CHECK(found[0].inode == 77);
    CHECK(describe_address(found[1]) == "[7f00:1::]:8081");
    CHECK(found[2].port == Port{8082});
}

TEST_CASE("a dump that no kernel writes is refused") {
    std::vector<Listener> found;
    const std::string good = socket_on(8080);
    CHECK(os::take_messages(message(NLMSG_ERROR, std::string(20, '\0')), found) == DumpStep::Failed);
    CHECK(os::take_messages(socket_on(8080, AF_UNIX), found) == DumpStep::Failed);
    for (std::size_t size = 1; size < good.size(); ++size) {
        CHECK(os::take_messages(good.substr(0, size), found) == DumpStep::Failed);
    }
    for (const std::size_t claimed : {0UL, 1UL, 15UL, 16UL, 0xffffffffUL}) {
        CHECK(os::take_messages(message(SOCK_DIAG_BY_FAMILY, std::string(100, 'x'), claimed), found) ==
              DumpStep::Failed);
    }
    CHECK(found.empty());
}

TEST_CASE("a last message of odd length, without its padding") {
    std::vector<Listener> found;
    std::string odd = socket_on(8080) + "x";
    const auto claimed = static_cast<__u32>(odd.size());
    std::memcpy(odd.data(), &claimed, sizeof claimed);
    CHECK(os::take_messages(odd, found) == DumpStep::More);
    CHECK(found.size() == 1);
}
