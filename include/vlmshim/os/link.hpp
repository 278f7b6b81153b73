// The socket between keeper and supervisor. Its end of file is how each learns that the other died.
#pragma once

#include <optional>
#include <system_error>

#include "vlmshim/core/values/exit_status.hpp"
#include "vlmshim/os/fd.hpp"
#include "vlmshim/os/signals.hpp"

namespace vlmshim::os {

struct LinkMessage {
    enum class Kind {
        Relay,     // keeper -> supervisor: `signal` reached the keeper
        Continue,  // keeper -> supervisor: the job goes on
        Typed,     // supervisor -> keeper: the terminal gave `signal` to the run's group
        Stopped,   // supervisor -> keeper: the test was stopped by `signal`
        Verdict,   // supervisor -> keeper: nothing is left; end as `status` says
        GaveUp,    // supervisor -> keeper: end as `status` says, and look whether anything is left
    };
    Kind kind;
    SignalInfo signal;
    ExitStatus status;
};

struct LinkEnds {
    Fd keeper;
    Fd supervisor;
};

/// A SOCK_SEQPACKET pair, closed on exec: whole messages, and an end of file when a side is gone.
LinkEnds open_link(std::error_code& error);

enum class Sent { Yes, Full, Gone };
/// Without waiting. Full: the other side has some hundred messages to read yet, and does not get this one.
Sent send_message(int link, const LinkMessage& message);

enum class Received { Message, Nothing, EndOfFile };
/// Without waiting.
Received receive_message(int link, LinkMessage& message);

}  // namespace vlmshim::os
