#include "vlmshim/os/unix_socket.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "vlmshim/os/fd.hpp"
#include "vlmshim/os/last_error.hpp"

namespace vlmshim::os {

namespace {

std::error_code connect_as(int type, const std::string& path) {
    const Fd socket(::socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket) {
        return last_error();
    }
    sockaddr_un where{};
    where.sun_family = AF_UNIX;
    if (path.size() >= sizeof where.sun_path) {
        return std::make_error_code(std::errc::filename_too_long);
    }
    std::memcpy(where.sun_path, path.c_str(), path.size());
    return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0 ? std::error_code{}
                                                                                                 : last_error();
}

std::error_code connect_to(const std::string& path) {
    const std::error_code error = connect_as(SOCK_STREAM, path);
    return error == std::errc::wrong_protocol_type ? connect_as(SOCK_SEQPACKET, path) : error;
}

}  // namespace

std::error_code try_unix_socket(const std::string& path) {
    if (path.size() < sizeof sockaddr_un{}.sun_path) {
        return connect_to(path);
    }
    const std::size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const Fd opened(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!opened) {
        return last_error();
    }
    return connect_to("/proc/self/fd/" + std::to_string(opened.get()) + "/" + path.substr(slash + 1));
}

}  // namespace vlmshim::os
