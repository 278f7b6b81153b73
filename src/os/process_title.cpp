#include "vlmshim/os/process_title.hpp"

#include <sys/prctl.h>

#include <algorithm>
#include <cstring>

namespace vlmshim::os {

ArgumentMemory::ArgumentMemory(int argc, char** argv) {
    if (argc == 0) {
        return;
    }
    char* end = argv[0];
    for (int i = 0; i < argc && argv[i] == end; ++i) {  // one after the other, as execve(2) puts them
        end += std::strlen(end) + 1;
    }
    memory_ = std::span(argv[0], end);
    command_line_.assign(memory_.begin(), memory_.end());
}

/// The last byte stays NUL: without it the kernel shows the environment, which follows, as part of the title.
void ArgumentMemory::show(std::string_view title) const {
    const std::string_view shown = title.substr(0, room());
    const auto rest = std::copy(shown.begin(), shown.end(), memory_.begin());
    std::fill(rest, memory_.end(), '\0');
}

void take_name(std::string_view name) {
    ::prctl(PR_SET_NAME, std::string(name).c_str());
}

}  // namespace vlmshim::os
