#include <doctest/doctest.h>

#include "vlmshim/core/values/url.hpp"

using namespace vlmshim;

namespace {

std::string shown(std::string_view text) {
    const auto url = parse_http_url(text);
    return url ? url->host.text + " " + std::to_string(url->port.number) + " " + url->path : "refused";
}

std::string shown_address(std::string_view text) {
    const auto address = parse_host_port(text);
    return address ? address->host.text + " " + std::to_string(address->port.number) : "refused";
}

}  // namespace

TEST_CASE("a probe's URL is taken apart") {
    CHECK(shown("http://127.0.0.1:8080/health") == "127.0.0.1 8080 /health");
    CHECK(shown("http://localhost") == "localhost 80 /");
    CHECK(shown("HTTP://LocalHost:1/") == "localhost 1 /");
    CHECK(shown("http://[::1]:8080/v1/models?a=1&b=2") == "[::1] 8080 /v1/models?a=1&b=2");
    CHECK(shown("http://[::1]") == "[::1] 80 /");
    CHECK(shown("http://[::ffff:127.0.0.1]:80/") == "[::ffff:127.0.0.1] 80 /");
    CHECK(shown("http://0.0.0.0:65535?x") == "0.0.0.0 65535 /?x");
    CHECK(shown("http://127.0.0.1:8080/a#frag") == "127.0.0.1 8080 /a");
    CHECK(shown("http://127.0.0.1/a:b@c") == "127.0.0.1 80 /a:b@c");
}

TEST_CASE("TLS and names of other machines are understood, and left to curl") {
    CHECK(shown("https://localhost/x") == "localhost 443 /x");
    CHECK(shown("HTTPS://[::1]:8443") == "[::1] 8443 /");
    CHECK(shown("http://web:3000/") == "web 3000 /");
    CHECK(shown("http://my_db-1.example.com") == "my_db-1.example.com 80 /");
    CHECK(needs_curl(parse_http_url("https://localhost/").value()));
    CHECK(needs_curl(parse_http_url("http://web/").value()));
    CHECK_FALSE(needs_curl(parse_http_url("http://localhost/").value()));
    CHECK_FALSE(parse_host_port("web:80").has_value());
}

TEST_CASE("other texts are refused") {
    for (const char* text : {"",
                             "http://",
                             "http:///x",
                             "localhost:8080",
                             "ftp://localhost",
                             "https://",
                             "httpss://localhost/",
                             "http://-web/",
                             "http://web..local/",
                             "http://.web/",
                             "http://web.7/",
                             "http://w\xc3\xa9\x62/",
                             "http://user@localhost/",
                             "http://localhost:/",
                             "http://localhost:0/",
                             "http://localhost:65536/",
                             "http://localhost:+1/",
                             "http://localhost:-1/",
                             "http://localhost: 80/",
                             "http://localhost:80x/",
                             "http://127.0.0/",
                             "http://127.0.0.1.1/",
                             "http://256.0.0.1/",
                             "http://127.0.0.01/",
                             "http://127..0.1/",
                             "http://::1/",
                             "http://[::1/",
                             "http://[]/",
                             "http://[:::]/",
                             "http://[1:2:3]/",
                             "http://[1:2:3:4:5:6:7:8:9]/",
                             "http://[::g]/",
                             "http://[12345::]/",
                             "http://[127.0.0.1::1]/",
                             "http://[127.0.0.1]/",
                             "http://[localhost]/",
                             "http://[::1%lo]/",
                             "http://[::1]8080/",
                             "http://localhost/a b",
                             "http://localhost/a\r\nX: y",
                             "http://localhost/\xc3\xa9",
                             "http://local host/",
                             " http://localhost/",
                             "http://localhost:{port}/"}) {
        CAPTURE(text);
        CHECK(shown(text) == "refused");
    }
}

TEST_CASE("the addresses that a host stands for") {
    const auto addresses = [](std::string_view text) { return parse_host_port(text).value().host.addresses; };
    const Address four = Address::loopback(IpVersion::V4);
    const Address six = Address::loopback(IpVersion::V6);
    CHECK(addresses("LOCALHOST:1") == std::vector{four, six});
    CHECK(addresses("127.0.0.1:1") == std::vector{four});
    CHECK(addresses("[::ffff:127.0.0.1]:1") == std::vector{four});
    CHECK(addresses("[0:0:0:0:0:0:0:1]:1") == std::vector{six});
}

TEST_CASE("IPv6 literals") {
    for (const char* text : {"::", "::1", "1::", "1:2:3:4:5:6:7:8", "1::8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8",
                             "::1.2.3.4", "1:2:3:4:5:6:1.2.3.4", "FE80::abcd"}) {
        CAPTURE(text);
        CHECK(shown_address("[" + std::string(text) + "]:1") == "[" + std::string(text) + "] 1");
    }
    for (const char* text : {":", ":1", "1:", "1:2:3:4:5:6:7:", ":1:2:3:4:5:6:7", "1::2::3", "1:2:3:4::5:6:7:8",
                             "1:2:3:4:5:6:7:1.2.3.4", "1.2.3.4", "+1::", "1:2:3:4:5:6:7:8:"}) {
        CAPTURE(text);
        CHECK(shown_address("[" + std::string(text) + "]:1") == "refused");
    }
}

TEST_CASE("host:port") {
    CHECK(shown_address("127.0.0.1:8080") == "127.0.0.1 8080");
    CHECK(shown_address("localhost:8080") == "localhost 8080");
    CHECK(shown_address("[::1]:8080") == "[::1] 8080");
    for (const char* text : {"", ":", ":8080", "8080", "localhost", "localhost:", "localhost:0", "::1:8080", "[::1]",
                             "example.com:80", "localhost:80/", "localhost:80 "}) {
        CAPTURE(text);
        CHECK(shown_address(text) == "refused");
    }
}

TEST_CASE("ports") {
    CHECK(parse_port("1") == Port{1});
    CHECK(parse_port("65535") == Port{65535});
    for (const char* text : {"", "0", "65536", "-1", "+1", " 1", "1 ", "1a", "99999999999999999999"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_port(text).has_value());
    }
}

TEST_CASE("every {port} is replaced, nothing else") {
    CHECK(substitute_port("a{port}b{port}", Port{8080}) == "a8080b8080");
    CHECK(substitute_port("{port", Port{1}) == "{port");
    CHECK(substitute_port("{\"a\": {port}}", Port{1}) == "{\"a\": 1}");
    CHECK(substitute_port("{{port}}", Port{1}) == "{1}");
    CHECK(substitute_port("", Port{1}).empty());
}
