// Feeds the kept corpus to the fuzz targets: fuzz-replay CORPUS_FOLDER. Each file once, and once cut
// off at every length up to 256 bytes: what arrives in pieces is where parsers trip.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "fuzz.hpp"

namespace {

struct Target {
    const char* name;
    void (*run)(std::string_view);
};

constexpr Target targets[] = {
    {"config", fuzz::config},
    {"command_line", fuzz::command_line},
    {"proc_text", fuzz::proc_text},
    {"netlink", fuzz::netlink},
    {"http_answer", fuzz::http_answer},
    {"words", fuzz::words},
    {"display_text", fuzz::display_text},
    {"first_config", fuzz::first_config},
    {"report", fuzz::report},
    {"output", fuzz::output},
    {"port_text", fuzz::port_text},
    {"run_id", fuzz::run_id},
};

/// In memory of exactly its size, so that AddressSanitizer sees a read behind the end.
void feed(const Target& target, std::string_view data) {
    const std::vector<char> exact(data.begin(), data.end());
    target.run({exact.data(), exact.size()});
}

std::size_t replay(const Target& target, const std::filesystem::path& folder) {
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        std::ifstream file(entry.path(), std::ios::binary);
        const std::string data{std::istreambuf_iterator<char>(file), {}};
        // The last line before a crash names the file.
        std::printf("%s\n", entry.path().c_str());
        std::fflush(stdout);
        feed(target, data);
        constexpr std::size_t longest_cut = 256;
        for (std::size_t size = 0; size < std::min(data.size(), longest_cut); ++size) {
            feed(target, std::string_view(data).substr(0, size));
        }
        ++files;
    }
    return files;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: fuzz-replay CORPUS_FOLDER\n");
        return 2;
    }
    bool complete = true;
    for (const Target& target : targets) {
        const std::size_t files = replay(target, std::filesystem::path(argv[1]) / target.name);
        std::printf("%s: %zu files\n", target.name, files);
        complete = complete && files > 0;
    }
    return complete ? 0 : 1;
}
