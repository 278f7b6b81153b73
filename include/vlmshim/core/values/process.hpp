// One process, and where it stands in a tree.
#pragma once

#include <cstdint>
#include <vector>

#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

/// A pid alone may be another process a moment later; with its start time it is not.
struct ProcessIdentity {
    Pid pid;
    std::uint64_t start_ticks = 0;  // 0: unknown, /proc could not be read

    friend auto operator<=>(const ProcessIdentity&, const ProcessIdentity&) = default;
};

enum class Life {
    Living,
    Dead,  // a zombie: not reaped by its parent yet
};

struct Descendant {
    ProcessIdentity identity;
    Pid parent;
    Life life = Life::Living;

    bool lives() const { return life == Life::Living; }
};

/// Those of `all` that are neither among the roots nor below them. Parents come before their children, so one
/// pass marks whole trees.
std::vector<Descendant> outside_of(const std::vector<Pid>& roots, std::vector<Descendant> all);

}  // namespace vlmshim
