// The socket between keeper and supervisor. Its end of file tells each that the other has ended.
#pragma once

#include <optional>
#include <system_error>
#include <variant>

#include "vlmshim/core/values/exit_status.hpp"
#include "vlmshim/core/values/signal_info.hpp"
#include "vlmshim/os/fd.hpp"

namespace vlmshim::os {

namespace to_supervisor {
struct Relayed {  // a signal that reached the keeper
    SignalInfo info;
};
struct Continued {};  // the job goes on after a stop
}  // namespace to_supervisor
using ToSupervisor = std::variant<to_supervisor::Relayed, to_supervisor::Continued>;

namespace to_keeper {
struct Shared {  // sent by the terminal to the run's group; without us the caller's group would have got it too
    Signal signal;
};
struct Stopped {  // the test was stopped by it: the shell's job has to be stopped, too
    Signal signal;
};
struct Verdict {  // no descendant is left; end with this status
    ExitStatus status;
};
struct GaveUp {  // the same, but check whether a descendant is left
    ExitStatus status;
    bool is_reported;  // in the report and the summary of the run
};
}  // namespace to_keeper
using ToKeeper = std::variant<to_keeper::Shared, to_keeper::Stopped, to_keeper::Verdict, to_keeper::GaveUp>;

struct LinkEnds {
    Fd keeper;
    Fd supervisor;
};

/// A SOCK_SEQPACKET pair, closed on exec: whole messages, and an end of file when a side is closed, unix(7).
LinkEnds open_link(std::error_code& error);

enum class Sent { Yes, Full, Gone };
/// Without waiting. Full: some hundred messages are unread, and this one is not sent. Gone: the other side is closed.
Sent send_message(int link, const ToSupervisor& message);
Sent send_message(int link, const ToKeeper& message);

enum class Received { Message, Nothing, EndOfFile };
/// Without waiting.
Received receive_message(int link, ToSupervisor& message);
Received receive_message(int link, ToKeeper& message);

}  // namespace vlmshim::os
