// What one question to a server came to.
#pragma once

namespace vlmshim {

enum class ProbeResult { Ready, NotReady };

}  // namespace vlmshim
