// What this process inherited and the test has to find unchanged.
#pragma once

#include <vector>

#include "vlmshim/os/descriptors.hpp"
#include "vlmshim/os/process_title.hpp"
#include "vlmshim/os/signals.hpp"

namespace vlmshim::os {

struct Inheritance {
    InheritedSignals signals;
    ClosedStdio closed_stdio;
    std::vector<int> descriptors;  // from 3 on
    ArgumentMemory arguments;
};

}  // namespace vlmshim::os
