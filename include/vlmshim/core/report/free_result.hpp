// What `vlmshim --free` did.
#pragma once

#include <string>
#include <vector>

#include "vlmshim/core/report/ended_process.hpp"
#include "vlmshim/core/report/port_holder.hpp"
#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

struct FreeResult {
    struct Stays {
        PortHolder holder;
        std::string because;
    };
    std::vector<EndedProcess> ended;  // with those of EndedHow::Survived
    std::vector<Stays> stays;         // holders that still listen
    std::vector<Port> ports;

    bool is_free(Port port) const;
    /// All ports are free, and all processes that were signalled have ended.
    bool complete() const;
};

/// An object a line: each process that ended, each holder that stays, each port.
std::string json_lines(const FreeResult& result);

}  // namespace vlmshim
