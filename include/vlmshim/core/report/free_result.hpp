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
    std::vector<EndedProcess> ended;  // EndedHow::Survived among them
    std::vector<Stays> stays;         // they still listen
    std::vector<Port> ports;

    bool is_free(Port port) const;
    /// The ports are free and nothing that was to end is left.
    bool complete() const;
};

/// One object a line: what ended, who stays, and each port.
std::string json_lines(const FreeResult& result);

}  // namespace vlmshim
