// What every fuzz target is: a function that must come back from any bytes. Built twice: with
// libFuzzer (./dev fuzz) and, with any compiler, to replay the kept corpus in the tests.
#pragma once

#include <cstddef>
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

/// Aborts with `what` when a promise does not hold: to libFuzzer that is a crash.
void require(bool holds, std::string_view what);

/// Nothing that a terminal or a CI runner would act on.
void require_printable(std::string_view text, std::string_view what);

std::vector<std::string_view> split(std::string_view data, char separator);

}  // namespace fuzz
