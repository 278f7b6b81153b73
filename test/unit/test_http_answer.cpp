// An HTTP answer: its status, and where it ends.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "vlmshim/core/values/http_answer.hpp"

using namespace vlmshim;

namespace {

enum class Pieces { Whole, Bytes };

HttpAnswer read(const std::string& text, Pieces pieces = Pieces::Whole) {
    HttpAnswer answer;
    switch (pieces) {
        case Pieces::Whole:
            answer.take(text);
            break;
        case Pieces::Bytes:
            for (const char byte : text) {
                answer.take({&byte, 1});
            }
            break;
    }
    return answer;
}

}  // namespace

TEST_CASE("the status is known when its line is complete") {
    CHECK(read("").status() == 0);
    CHECK(read("HTT").status() == 0);
    CHECK(read("HTTP/1.1 200 OK").status() == 0);
    CHECK(read("HTTP/1.1 200 OK\r\n").status() == 200);
    CHECK(read("HTTP/1.0 204\n").status() == 204);
    CHECK(read("HTTP/1.1 503 Service Unavailable\r\n").status() == 503);
    CHECK(read("HTTP/1.1 302 Found\r\nLocation: /\r\n").status() == 302);
    CHECK_FALSE(read("HTTP/1.1 200 OK").is_invalid());
}

TEST_CASE("where an answer ends") {
    struct Row {
        const char* text;
        bool complete;
        bool complete_when_closed;
    };
    const Row rows[]{
        {"HTTP/1.1 200 OK\r\n", false, false},
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n", false, false},
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", true, true},
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na", false, false},
        {"HTTP/1.1 200 OK\r\ncontent-length:2\r\n\r\nab", true, true},
        {"HTTP/1.1 200 OK\nContent-Length: 2 \n\nab", true, true},
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab and more", true, true},
        {"HTTP/1.1 200 OK\r\n\r\n", false, true},
        {"HTTP/1.0 200 OK\r\n\r\nuntil it is closed", false, true},
        {"HTTP/1.1 204 No Content\r\n\r\n", true, true},
        {"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", true, true},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", false, false},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n2\r\nab\r\n", false, false},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n", false, false},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n", true, true},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nA;x=y\r\n0123456789\r\n0\r\nT: 1\r\n\r\n", true, true},
        // both: chunked counts, RFC 9112 section 6.3
        {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n", true, true},
    };
    for (const Row& row : rows) {
        CAPTURE(row.text);
        for (const Pieces pieces : {Pieces::Whole, Pieces::Bytes}) {
            HttpAnswer answer = read(row.text, pieces);
            CHECK(answer.is_complete() == row.complete);
            CHECK_FALSE(answer.is_invalid());
            answer.end();
            CHECK(answer.is_complete() == row.complete_when_closed);
            CHECK(answer.is_invalid() != row.complete_when_closed);
        }
    }
}

TEST_CASE("informational answers are skipped") {
    const std::string hints = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\nContent-Length: 7\r\n\r\n";
    for (const Pieces pieces : {Pieces::Whole, Pieces::Bytes}) {
        CHECK(read(hints, pieces).status() == 0);
        CHECK_FALSE(read(hints, pieces).is_complete());
        CHECK(read(hints + "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", pieces)
                  .status() == 200);
        CHECK(read(hints + "HTTP/1.1 503 No\r\n\r\n", pieces).status() == 503);
        CHECK(read(hints + "SSH-2.0", pieces).is_invalid());
    }
}

TEST_CASE("an answer that is not HTTP") {
    const std::vector<std::string> rows{"SSH-2.0-OpenSSH\r\n",
                                        "\r\n",
                                        "HTTP/2 200\r\n",
                                        "HTTP/1.1 20 OK\r\n",
                                        "HTTP/1.1 2000 OK\r\n",
                                        "HTTP/1.1 099 x\r\n",
                                        "HTTP/1.1 600 x\r\n",
                                        "HTTP/1.1  200 OK\r\n",
                                        "HTTP/1.x 200 OK\r\n",
                                        "hTTP/1.1 200 OK\r\n",
                                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
                                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
                                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000\r\n",
                                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n"};
    for (const std::string& row : rows) {
        CAPTURE(row);
        CHECK(read(row).is_invalid());
        CHECK(read(row, Pieces::Bytes).is_invalid());
    }
    CHECK(read("HTTP/1.1 " + std::string(2'000, 'x')).is_invalid());
    CHECK(read("HTTP/1.1 " + std::string(2'000, 'x') + "\r\n").is_invalid());
    CHECK(read("HTTP/1.1 200 OK\r\nX: " + std::string(20'000, 'x')).is_invalid());
    CHECK_FALSE(read("SSH").status() != 0);
    CHECK(read("S").is_invalid());  // it need not be waited for
}
