#include <doctest/doctest.h>

#include "vlmshim/core/values/nearest.hpp"

using namespace vlmshim;

TEST_CASE("the candidate with the fewest changes is near") {
    const std::vector<std::string> keys{"server", "test", "ports", "signals", "log", "timeout"};
    CHECK(nearest("sever", keys) == "server");
    CHECK(nearest("tset", keys) == "test");
    CHECK(nearest("port", keys) == "ports");
    CHECK(nearest("Server", keys) == "server");
    CHECK(nearest("TIMEOUT", keys) == "timeout");
    CHECK(nearest("tiemout", keys) == "timeout");
    CHECK(nearest("lgo", keys) == "log");
}

TEST_CASE("the first of two equally near ones is taken") {
    CHECK(nearest("cat", {"bat", "hat"}) == "bat");
}

TEST_CASE("nothing is near when more than a third would have to change") {
    CHECK_FALSE(nearest("banana", {"server", "test"}).has_value());
    CHECK_FALSE(nearest("ab", {"ac"}).has_value());
    CHECK_FALSE(nearest("", {"a"}).has_value());
    CHECK_FALSE(nearest("x", {}).has_value());
    CHECK_FALSE(nearest(std::string(100'000, 'a'), {std::string(100'000, 'a')}).has_value());
}
