#include "bench.hpp"

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace bench {

namespace {

constexpr const char* help = R"(usage: vlmshim-bench ACTION ...
measures    time RUNS WARMUPS -- COMMAND... [+++ COMMAND...]...
              one after the other, RUNS times; a line a run: INDEX WALL CPU STATUS
            until-exit STAMP -- COMMAND...
              from what was stamped to the command's end: TIME LEFT STATUS ENDED; who is left is ended
            latency ROUNDS WARMUPS FOLDER -- WRAPPER... [+++ WRAPPER...]...
              from kill(2) to the handler of the `target` below each wrapper; a line a round: INDEX TIME
peer        cgroup FOLDER -- COMMAND...   in a new cgroup v2; then cgroup.kill, and until it is empty
measured    target FILE | pause FILE | stamp FILE
            tree COUNT STAMP        COUNT descendants, every other one in a session of its own; stamps and exits
            crowd COUNT DESCRIPTORS FILE    so many processes, until stdin ends
            serve PORT MS READY END [late]   503, after MS 200 (READY is stamped); on SIGTERM stamps END and exits;
                                             late: listens after MS only
)";

}  // namespace

void usage() {
    std::fputs(help, stderr);
    std::exit(98);
}

namespace {

int run(Words words) {
    const std::string action = next(words);
    constexpr std::pair<const char*, int (*)(Words)> actions[] = {{"time", time_commands}, {"until-exit", until_exit},
                                                                  {"latency", latency},    {"cgroup", in_cgroup},
                                                                  {"target", target},      {"pause", pause_ready},
                                                                  {"stamp", stamp_now},    {"tree", tree},
                                                                  {"crowd", crowd},        {"serve", serve}};
    for (const auto& [name, function] : actions) {
        if (action == name) {
            return function(std::move(words));
        }
    }
    usage();
}

}  // namespace

}  // namespace bench

int main(int argc, char** argv) {
    return bench::run(bench::Words(argv + 1, argv + argc));
}
