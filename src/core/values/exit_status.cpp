#include "vlmshim/core/values/exit_status.hpp"

#include "vlmshim/core/values/signal_names.hpp"

namespace vlmshim {

std::string describe(ExitStatus status) {
    if (status.kind == ExitStatus::Kind::Exited) {
        return "exited with " + std::to_string(status.value);
    }
    return "was killed by " + signal_name(Signal{status.value});
}

}  // namespace vlmshim
