// The machine that this process runs on, uname(2) and sched_getaffinity(2).
#pragma once

#include <cstddef>
#include <string>

namespace vlmshim::os {

struct Machine {
    std::string kernel;          // "Linux 6.1.0-18-amd64"; empty: not known
    std::string machine;         // "x86_64"
    std::size_t processors = 0;  // that this process may run on; 0: not known
};
Machine machine();

}  // namespace vlmshim::os
