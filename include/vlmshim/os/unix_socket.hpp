// Unix sockets, unix(7).
#pragma once

#include <string>
#include <system_error>

namespace vlmshim::os {

/// Connects to the stream or packet socket at this path, and closes. Never waits. No error: accepted, or queued to be
/// accepted. EAGAIN: the queue is full. The path may be longer than a sockaddr_un takes.
std::error_code try_unix_socket(const std::string& path);

}  // namespace vlmshim::os
