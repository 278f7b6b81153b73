// The controlling terminal's foreground process group, tcsetpgrp(3).
#pragma once

#include "vlmshim/core/types.hpp"

namespace vlmshim::os {

/// The group that owns the terminal on stdin when that is our controlling terminal; 0 otherwise.
Pgid foreground_group();

/// Hands the terminal on. SIGTTOU must be blocked or ignored by the caller's mask: it is blocked
/// here for the call.
void give_foreground(Pgid group);

}  // namespace vlmshim::os
