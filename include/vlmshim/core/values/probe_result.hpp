// The result of one readiness probe.
#pragma once

namespace vlmshim {

enum class ProbeResult { Ready, NotReady };

}  // namespace vlmshim
