#include <doctest/doctest.h>

#include <string>

#include "vlmshim/core/values/address.hpp"
#include "vlmshim/core/values/listener.hpp"

using namespace vlmshim;

namespace {

std::string shown(std::string_view text) {
    const auto address = Address::parse(text);
    return address ? address->text() : "refused";
}

Listener listening(std::string_view address) {
    return {.port = Port{8080}, .address = Address::parse(address).value()};
}

/// The listeners that answer at `address`.
std::string answering(std::string_view address, const std::vector<std::string>& listened) {
    std::vector<Listener> listeners;
    for (const std::string& one : listened) {
        listeners.push_back(listening(one));
    }
    std::string found;
    for (const Listener& listener : listeners_for(listeners, Address::parse(address).value())) {
        found += (found.empty() ? "" : " ") + describe_address(listener);
    }
    return found;
}

}  // namespace

TEST_CASE("an address is the same however it is written") {
    CHECK(Address::parse("::ffff:127.0.0.1") == Address::parse("127.0.0.1"));
    CHECK(Address::parse("::FFFF:7f00:1") == Address::parse("127.0.0.1"));
    CHECK(Address::parse("0:0:0:0:0:0:0:1") == Address::parse("::1"));
    CHECK(Address::parse("127.0.0.1") == Address::loopback(IpVersion::V4));
    CHECK(Address::parse("::1") == Address::loopback(IpVersion::V6));
    CHECK(Address::parse("::1") != Address::parse("0.0.0.1"));
    CHECK(Address::parse("::127.0.0.1") != Address::parse("127.0.0.1"));
    CHECK(Address::of(Address::V4Bytes{127, 0, 0, 2}) == Address::parse("127.0.0.2"));
    CHECK(Address::parse("127.0.0.2")->v4_bytes() == Address::V4Bytes{127, 0, 0, 2});
}

TEST_CASE("the version of an address, and its wildcard") {
    CHECK(Address::parse("10.0.0.1")->is_v4());
    CHECK(Address::parse("::ffff:10.0.0.1")->is_v4());
    CHECK_FALSE(Address::parse("::10.0.0.1")->is_v4());
    CHECK(Address::parse("0.0.0.0")->is_wildcard());
    CHECK(Address::parse("::")->is_wildcard());
    CHECK(Address::parse("::ffff:0.0.0.0")->is_wildcard());
    CHECK_FALSE(Address::parse("::1")->is_wildcard());
    CHECK(Address::parse("::") != Address::parse("0.0.0.0"));
}

TEST_CASE("an address in its short form") {
    CHECK(shown("127.0.0.1") == "127.0.0.1");
    CHECK(shown("::ffff:127.0.0.1") == "127.0.0.1");
    CHECK(shown("0:0::0:0") == "::");
    CHECK(shown("FE80:0:0:0:1:0:0:2") == "fe80::1:0:0:2");
    CHECK(shown("2001:db8:0:1:1:1:1:0") == "2001:db8:0:1:1:1:1:0");
    CHECK(shown("1:2:3:4:5:6:1.2.3.4") == "1:2:3:4:5:6:102:304");
    for (const char* text :
         {"", "localhost", "[::1]", "::1%lo", " ::1", "127.0.0.1 ", "127.0.0.01", "127.1", "0x7f.0.0.1", "1.2.3.4::"}) {
        CAPTURE(text);
        CHECK(shown(text) == "refused");
    }
    CHECK(shown(std::string_view("127.0.0.1\0x", 11)) == "refused");
}

TEST_CASE("a listener's address as text") {
    CHECK(describe_address(listening("127.0.0.1")) == "127.0.0.1:8080");
    CHECK(describe_address(listening("::")) == "[::]:8080");
    CHECK(describe_address(listening("::ffff:0.0.0.0")) == "0.0.0.0:8080");
}

TEST_CASE("the listeners that a connection reaches") {
    CHECK(answering("127.0.0.1", {"127.0.0.1", "0.0.0.0", "::", "127.0.0.2"}) == "127.0.0.1:8080");
    CHECK(answering("127.0.0.1", {"0.0.0.0", "::", "127.0.0.2"}) == "0.0.0.0:8080");
    CHECK(answering("127.0.0.1", {"::", "127.0.0.2"}) == "[::]:8080");
    CHECK(answering("::1", {"0.0.0.0", "::"}) == "[::]:8080");
    CHECK(answering("::1", {"0.0.0.0"}).empty());
    CHECK(answering("127.0.0.1", {"127.0.0.2", "::1"}).empty());
    CHECK(answering("127.0.0.1", {"127.0.0.1", "127.0.0.1"}) == "127.0.0.1:8080 127.0.0.1:8080");
    CHECK(listeners_for({listening("::1"), listening("10.0.0.1")}, std::nullopt).size() == 2);
}

// Addresses were compared as text, in the version of each socket.
TEST_CASE("an IPv6 socket at a mapped address answers IPv4") {
    CHECK(answering("127.0.0.1", {"0.0.0.0", "::ffff:127.0.0.1"}) == "127.0.0.1:8080");
    CHECK(answering("::ffff:127.0.0.1", {"0.0.0.0", "127.0.0.1"}) == "127.0.0.1:8080");
    CHECK(answering("::ffff:127.0.0.1", {"0.0.0.0", "::"}) == "0.0.0.0:8080");
    CHECK(answering("0:0:0:0:0:0:0:1", {"::", "::1"}) == "[::1]:8080");
}

TEST_CASE("a connection to a wildcard address reaches loopback") {
    CHECK(answering("0.0.0.0", {"0.0.0.0", "127.0.0.1"}) == "127.0.0.1:8080");
    CHECK(answering("::", {"0.0.0.0", "::", "::1"}) == "[::1]:8080");
    CHECK(answering("0.0.0.0", {"0.0.0.0"}) == "0.0.0.0:8080");
}
