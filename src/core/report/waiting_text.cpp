#include "vlmshim/core/report/waiting_text.hpp"

#include <algorithm>
#include <string_view>

#include "vlmshim/core/values/duration.hpp"
#include "vlmshim/core/values/words.hpp"

namespace vlmshim {

namespace {

Millis whole_seconds(Millis time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time);
}

/// "3.2 s", from a minute on "1 min 4 s".
std::string running_time(Millis time) {
    constexpr Millis minute{60'000};
    if (time >= minute) {
        return describe_duration(whole_seconds(time));
    }
    const auto tenths = time.count() / 100;
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

struct Awaited {
    std::string what;
    std::optional<Millis> left;

    std::string fate() const {
        if (!left) {
            return "killed, not gone yet";
        }
        const Millis up{std::chrono::ceil<std::chrono::seconds>(std::max(*left, Millis{1}))};
        return "killed in " + describe_duration(up);
    }
};

std::vector<Awaited> awaited_in(const Ending& ending) {
    std::vector<Awaited> awaited;
    const auto add = [&](std::string what, std::optional<Millis> left) {
        if (ending.phase == Phase::Killing) {
            left.reset();
        } else if (left && ending.drain_left) {
            left = std::min(*left, *ending.drain_left);
        }
        awaited.push_back({std::move(what), left});
    };
    switch (ending.phase) {
        case Phase::Draining:
        case Phase::Killing:
            for (const Ending::Server& server : ending.servers) {
                add("server " + server.name, server.left);
            }
            if (!ending.leftovers.empty()) {
                add(ending.leftovers, ending.leftovers_left);
            }
            break;
        case Phase::Verifying:
            if (!ending.ports.empty()) {
                awaited.push_back({"the holder of " + list_ports(ending.ports), ending.holders_left});
            }
            break;
        case Phase::Claiming:
        case Phase::Starting:
        case Phase::Testing:
        case Phase::Serving:
        case Phase::Stopping:
        case Phase::Done:
            break;
    }
    return awaited;
}

/// The first ^C is a request to end, which changes nothing any more; the second one kills.
std::string_view about_typing(const Ending& ending, const std::vector<Awaited>& awaited) {
    if (std::none_of(awaited.begin(), awaited.end(), [](const Awaited& one) { return one.left.has_value(); })) {
        return "";
    }
    return ending.was_signalled || ending.phase == Phase::Verifying ? ", ^C kills now" : ", ^C twice kills now";
}

}  // namespace

WaitingText waiting_for_servers(const std::vector<UnreadyServer>& servers) {
    WaitingText text;
    for (const UnreadyServer& server : servers) {
        text.plain.push_back(server.name + ": not ready after " + describe_duration(whole_seconds(server.waited)) +
                             " (" + server.target + "), last answer: " + server.last_answer);
        const std::string state = (text.live.empty() ? "" : " | ") + server.name + " " + running_time(server.waited) +
                                  ": " + server.last_answer;
        text.live += state + " (" + server.target + ")";
        text.shorter += state;
    }
    return text;
}

WaitingText waiting_for_end(const Ending& ending) {
    const std::vector<Awaited> awaited = awaited_in(ending);
    if (awaited.empty() || ending.test_lives) {
        return {};
    }
    const bool alike = std::all_of(awaited.begin(), awaited.end(),
                                   [&](const Awaited& one) { return one.fate() == awaited.front().fate(); });
    std::string list;
    for (const Awaited& one : awaited) {
        list += (list.empty() ? "" : ", ") + one.what + (alike ? "" : " (" + one.fate() + ")");
    }
    const std::string fate = alike ? ": " + awaited.front().fate() : "";
    const std::string all = "waiting for " + list + " to end" + fate;
    const std::string typing(about_typing(ending, awaited));
    return {.live = all + typing, .shorter = list + fate + typing, .plain = {all}};
}

}  // namespace vlmshim
