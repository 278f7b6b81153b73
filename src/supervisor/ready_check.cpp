#include "vlmshim/supervisor/ready_check.hpp"

#include "vlmshim/core/config/ready_problems.hpp"

namespace vlmshim {

ReadyAnswer http_answer(const Ready& ready, int status) {
    const bool is_ready = counts_as_ready(ready, status);
    return {is_ready ? ProbeResult::Ready : ProbeResult::NotReady, "HTTP " + std::to_string(status), status};
}

}  // namespace vlmshim
