// Unix sockets, unix(7).
#pragma once

#include <string>
#include <system_error>

namespace vlmshim::os {

/// Connects to the stream or packet socket at this path and hangs up. No error: it was accepted, or waits in the
/// queue for that. EAGAIN: the queue is full. Never waits. The path may be longer than a sockaddr_un takes.
std::error_code try_unix_socket(const std::string& path);

}  // namespace vlmshim::os
