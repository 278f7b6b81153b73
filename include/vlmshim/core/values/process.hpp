// One process, and its place in a tree.
#pragma once

#include <cstdint>
#include <vector>

#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

/// A pid can be reused; with the start time it is unique.
struct ProcessIdentity {
    Pid pid;
    std::uint64_t start_ticks = 0;  // 0: unknown, /proc could not be read

    friend auto operator<=>(const ProcessIdentity&, const ProcessIdentity&) = default;
};

enum class Life {
    Living,
    Dead,  // a zombie: its parent has not reaped it yet
};

struct Descendant {
    ProcessIdentity identity;
    Pid parent;
    Life life = Life::Living;

    bool lives() const { return life == Life::Living; }
};

/// The elements of `all` that are neither among the roots nor below them. Parents have to come before their children.
std::vector<Descendant> outside_of(const std::vector<Pid>& roots, std::vector<Descendant> all);

}  // namespace vlmshim
