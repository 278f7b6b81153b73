// What every fuzz target is: a function that must come back from any bytes. Built twice: with
// libFuzzer (./dev fuzz) and, with any compiler, to replay the kept corpus in the tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fuzz {

void config(std::string_view data);
void command_line(std::string_view data);
void proc_text(std::string_view data);
void netlink(std::string_view data);
void http_answer(std::string_view data);
void words(std::string_view data);
void display_text(std::string_view data);
void first_config(std::string_view data);
void report(std::string_view data);
void output(std::string_view data);
void port_text(std::string_view data);
void run_id(std::string_view data);

/// Aborts with `what` when a promise does not hold: to libFuzzer that is a crash.
void require(bool holds, std::string_view what);

/// Nothing that a terminal or a CI runner would act on.
void require_printable(std::string_view text, std::string_view what);

/// Values from the bytes, one after the other; zeros when they are used up.
class Feed {
public:
    explicit Feed(std::string_view data) : data_(data) {}

    template <typename Number>
    Number number() {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < sizeof(Number); ++i) {
            value = value << 8 | byte();
        }
        return static_cast<Number>(value);
    }
    bool flag() { return (byte() & 1) != 0; }
    /// `limit` is not 0.
    std::size_t below(std::size_t limit) { return number<std::uint16_t>() % limit; }
    /// Its length comes first, in a byte.
    std::string text() { return take(byte()); }
    std::string rest() { return take(data_.size()); }

private:
    std::uint8_t byte() {
        const std::string one = take(1);
        return one.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(one.front());
    }
    std::string take(std::size_t size) {
        const std::string taken(data_.substr(0, size));
        data_.remove_prefix(taken.size());
        return taken;
    }

    std::string_view data_;
};

std::vector<std::string_view> split(std::string_view data, char separator);

}  // namespace fuzz
