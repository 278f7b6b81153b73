// Where a time is in a picture, and where its label is.
#include <doctest/doctest.h>

#include <random>

#include "vlmshim/core/report/time_axis.hpp"

using namespace vlmshim;

namespace {

TimeWindow window(std::int64_t from, std::int64_t to) {
    return {Millis{from}, Millis{to}};
}

std::vector<std::int64_t> counts(const std::vector<Millis>& times) {
    std::vector<std::int64_t> found;
    for (const Millis time : times) {
        found.push_back(time.count());
    }
    return found;
}

}  // namespace

TEST_CASE("the points of an axis are round, and not many") {
    struct Row {
        TimeWindow window;
        std::vector<std::int64_t> ticks;
    };
    const Row rows[] = {
        {window(0, 0), {0}},
        {window(0, 4), {0, 1, 2, 3, 4}},
        {window(0, 9), {0, 2, 4, 6, 8}},
        {window(0, 1'000), {0, 200, 400, 600, 800, 1'000}},
        {window(-5, 47), {0, 10, 20, 30, 40}},
        {window(0, 61'000), {0, 10'000, 20'000, 30'000, 40'000, 50'000, 60'000}},
        {window(0, 2'400'060), {0, 600'000, 1'200'000, 1'800'000, 2'400'000}},
        {window(59'990, 60'041), {59'990, 60'000, 60'010, 60'020, 60'030, 60'040}},
        {window(1, 0), {}},
    };
    for (const Row& row : rows) {
        CAPTURE(row.window.to.count());
        CHECK(counts(ticks(row.window, 9)) == row.ticks);
    }
    for (std::int64_t length = 1; length < 40'000'000'000; length = length * 3 + 1) {
        const std::size_t many = ticks(window(0, length), 9).size();
        CAPTURE(length);
        CHECK(many >= 2);
        CHECK(many <= 9);
    }
}

TEST_CASE("a time is put on a linear axis") {
    const TimeAxis axis(window(100, 200), 10, 110);
    CHECK(axis.x(Millis{100}) == 10);
    CHECK(axis.x(Millis{150}) == 60);
    CHECK(axis.x(Millis{200}) == 110);
    CHECK(axis.x(Millis{-7}) == 10);
    CHECK(axis.x(Millis{1'000'000'000}) == 110);
    CHECK(TimeAxis(window(5, 5), 10, 110).x(Millis{5}) == 10);
}

TEST_CASE("labels are put below each other where they are close") {
    const auto places = place_labels({{10, 50}, {12, 50}, {200, 50}}, 300, 4);
    REQUIRE(places[0]);
    REQUIRE(places[1]);
    REQUIRE(places[2]);
    CHECK(places[0]->row == 1);  // the line to it passes left of the other one
    CHECK(places[1]->row == 0);
    CHECK(places[2]->row == 0);
    CHECK_FALSE(places[2]->before);
    const auto at_edge = place_labels({{280, 50}, {299, 50}}, 300, 4);
    CHECK((at_edge[0]->before && at_edge[1]->before));
    CHECK(at_edge[0]->row == 0);
    CHECK(at_edge[1]->row == 1);
    const auto too_many = place_labels({{10, 50}, {11, 50}, {12, 50}}, 300, 2);
    CHECK_FALSE(too_many[0]);
    CHECK((too_many[1] && too_many[2]));
    CHECK(place_labels({}, 300, 2).empty());
}

TEST_CASE("no two labels overlap") {
    std::mt19937 random(7);
    constexpr int right = 888;
    for (int round = 0; round < 200; ++round) {
        std::vector<Label> labels;
        int at = 12;
        while (at < right) {
            labels.push_back({at, static_cast<int>(random() % 300)});
            at += static_cast<int>(random() % 60);
        }
        const auto places = place_labels(labels, right, 4);
        for (std::size_t i = 0; i < labels.size(); ++i) {
            for (std::size_t k = 0; k < i; ++k) {
                if (!places[i] || !places[k] || places[i]->row != places[k]->row) {
                    continue;
                }
                const auto begin = [&](std::size_t one) {
                    return labels[one].at - (places[one]->before ? labels[one].width + 6 : -6);
                };
                CHECK((begin(i) >= begin(k) + labels[k].width || begin(k) >= begin(i) + labels[i].width));
            }
        }
    }
}

TEST_CASE("how wide a text is") {
    CHECK(width_of_text("") == 0);
    CHECK(width_of_text("ill") < width_of_text("www"));
    CHECK(width_of_text("\xe6\xb8\xac") > width_of_text("a"));
    CHECK(width_of_text("\xe6\xb8\xac") == width_of_text("\xd0\x96"));
}
