// vlmshim-bench-lookup PORT RUNS WHAT...: the time of vlmshim's own questions about a port, asked in a loop.
// table: the listener table; before, after: the whole look of the port guard, for a free port only;
// owner: whose server answers, for a held one. A line a run: WHAT NANOSECONDS.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "vlmshim/cleanup/port_guard.hpp"
#include "vlmshim/log/log.hpp"

namespace {

using namespace vlmshim;

template <typename Work>
void measure(const std::string& what, int runs, Work work) {
    for (int run = -runs / 10; run < runs; ++run) {
        const auto begin = std::chrono::steady_clock::now();
        work();
        const auto end = std::chrono::steady_clock::now();
        if (run >= 0) {
            std::printf("%s %lld\n", what.c_str(), static_cast<long long>((end - begin) / std::chrono::nanoseconds(1)));
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4) {
        std::fputs("usage: vlmshim-bench-lookup PORT RUNS table|before|after|owner...\n", stderr);
        return 98;
    }
    PortsConfig config;
    config.guard = {Port{static_cast<std::uint16_t>(std::atoi(argv[1]))}};
    const int runs = std::atoi(argv[2]);
    const auto log = log::make_logger({});
    PortGuard guard(config, *log);
    for (int i = 3; i < argc; ++i) {
        const std::string what = argv[i];
        if (what == "table") {
            measure(what, runs, [&] { os::listeners_on(config.guard); });
        } else if (what == "before") {
            measure(what, runs, [&] { guard.look_before(); });
        } else if (what == "after") {
            measure(what, runs, [&] { guard.look_after(); });
        } else if (what == "owner") {
            measure(what, runs, [&] { PortGuard::owner_of("127.0.0.1", config.guard.front(), {}); });
        }
    }
    return 0;
}
