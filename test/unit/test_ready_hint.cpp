// Why a server may not become ready, in words.
#include <doctest/doctest.h>

#include <algorithm>
#include <utility>

#include "vlmshim/core/lifecycle/time_limits.hpp"
#include "vlmshim/core/report/ready_hint.hpp"
#include "vlmshim/core/values/curl.hpp"
#include "vlmshim/core/values/http_request.hpp"

using namespace vlmshim;

namespace {

ServerConfig server_with(std::vector<std::string> command) {
    ServerConfig server;
    server.command = std::move(command);
    return server;
}

const ServerConfig without_port = server_with({"llama-server"});
const ServerConfig with_port = server_with({"llama-server", "--port", "{port}"});

UnreadyFacts facts(Millis waited = Millis{300}) {
    return {.port = Port{8080}, .waited = waited};
}

}  // namespace

TEST_CASE("that a server listens elsewhere is a hint at once, with what its command may lack") {
    UnreadyFacts some = facts();
    some.elsewhere = {"127.0.0.1:9931"};
    CHECK(ready_hint(without_port, some) ==
          "it listens on 127.0.0.1:9931, not on port 8080: does its command have --port {port}?");
    CHECK(ready_hint(with_port, some) == "it listens on 127.0.0.1:9931, not on port 8080");
    ServerConfig by_env = without_port;
    by_env.env["PORT"] = "{port}";
    CHECK(ready_hint(by_env, some) == "it listens on 127.0.0.1:9931, not on port 8080");
    some.elsewhere = {"127.0.0.1:1", "[::1]:1", "[::]:2", "0.0.0.0:3", "0.0.0.0:4"};
    CHECK(ready_hint(with_port, some) ==
          "it listens on 127.0.0.1:1, [::1]:1, [::]:2, 0.0.0.0:3, ..., not on port 8080");
    some.listens = true;
    CHECK(ready_hint(without_port, some).empty());
}

TEST_CASE("what may still change by itself is a late hint") {
    struct Row {
        int status;
        bool is_told;
    };
    for (const Row row : {Row{404, true}, Row{401, true}, Row{302, true}, Row{503, false}, Row{500, false}}) {
        CAPTURE(row.status);
        UnreadyFacts early = facts(ready_hint_late - Millis{1});
        early.listens = true;
        early.unwanted_status = row.status;
        CHECK(ready_hint(with_port, early).empty());
        early.waited = ready_hint_late;
        CHECK(ready_hint(with_port, early).empty() != row.is_told);
    }
    UnreadyFacts some = facts(ready_hint_late);
    some.listens = true;
    some.unwanted_status = 404;
    CHECK(ready_hint(with_port, some) == "it answers HTTP 404: only 2xx counts as ready, see status in [server.ready]");
    ServerConfig more = with_port;
    more.ready.status = {{200, 200}, {300, 399}};
    CHECK(ready_hint(more, some) == "it answers HTTP 404: only 200, 3xx count as ready, see status in [server.ready]");
}

TEST_CASE("a Unix socket alone, and a probe that asks another port") {
    UnreadyFacts some = facts(ready_hint_late);
    some.unix_sockets = {"/run/x.sock"};
    CHECK(
        ready_hint(with_port, some) ==
        "it listens on the Unix socket /run/x.sock, not on port 8080: unix in [server.ready] and port = \"none\" wait "
        "for that");
    ServerConfig other = with_port;
    other.ready.http = "http://localhost:3000/";
    some.unix_sockets.clear();
    CHECK(ready_hint(other, some) == "its probe asks port 3000, its port is 8080: it has to listen on both");
    CHECK(ready_hint(with_port, some).empty());
}

TEST_CASE("the request of a probe, and the headers that take the place of its own") {
    CHECK(http_request("/x", "localhost:1", {}) ==
          "GET /x HTTP/1.1\r\nHost: localhost:1\r\nUser-Agent: vlmshim\r\nAccept: */*\r\nConnection: close\r\n\r\n");
    CHECK(http_request("/", "localhost:1", {{"HOST", "web"}, {"Authorization", "Bearer x"}}) ==
          "GET / HTTP/1.1\r\nUser-Agent: vlmshim\r\nAccept: */*\r\nConnection: close\r\nAuthorization: Bearer "
          "x\r\nHOST: web\r\n\r\n");
}

TEST_CASE("how curl is asked, and what it answers") {
    const auto has = [](const std::vector<std::string>& words, const std::string& word) {
        return std::find(words.begin(), words.end(), word) != words.end();
    };
    const auto local = curl_command(parse_http_url("https://127.0.0.1/").value(), "https://127.0.0.1/", false);
    CHECK(local[0] == "curl");
    CHECK(local[1] == "-q");  // only as the first one
    CHECK(has(local, "--noproxy"));
    CHECK_FALSE(has(local, "--insecure"));
    CHECK_FALSE(has(curl_command(parse_http_url("http://web/").value(), "http://web/", true), "--noproxy"));
    CHECK(curl_headers({{"A", "b"}, {"Empty", ""}}) == "A: b\nEmpty;\n");
    CHECK(read_curl_output("\n200\n").status == 200);
    CHECK(read_curl_output("curl: (7) Failed to connect\n\n000\n").status == 0);
    CHECK(read_curl_output("curl: (7) Failed to connect\n\n000\n").error == "curl: (7) Failed to connect");
    CHECK(read_curl_output("\n000\ncurl: (60) x\n").error == "curl: (60) x");
    CHECK(read_curl_output("").error == "curl: no answer");
}
