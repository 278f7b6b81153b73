#include "vlmshim/os/first_look.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>

#include "vlmshim/os/directory.hpp"
#include "vlmshim/os/fd.hpp"
#include "vlmshim/os/last_error.hpp"
#include "vlmshim/os/outlet.hpp"

namespace vlmshim::os {

std::error_code write_new_file(const std::string& path, std::string_view text) {
    constexpr mode_t mode = 0644;
    Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY, mode));
    if (!file) {
        return last_error();
    }
    const Outlet::Written written = Outlet(file.get()).write(text);  // to a regular file: all of it, or it fails
    if (written.state == Outlet::State::Failed) {
        ::unlink(path.c_str());
    }
    return written.error;
}

std::vector<std::string> files_in(const std::string& folder, std::size_t limit) {
    std::vector<std::string> names;
    Directory entries(folder.c_str());
    for (const char* name = entries.next(); name != nullptr && names.size() < limit; name = entries.next()) {
        struct stat info {};
        if (::fstatat(entries.fd(), name, &info, 0) == 0 && S_ISREG(info.st_mode)) {
            names.emplace_back(name);
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::string own_program() {
    std::array<char, PATH_MAX> path{};
    const ssize_t length = ::readlink("/proc/self/exe", path.data(), path.size());
    return length > 0 ? std::string(path.data(), static_cast<std::size_t>(length)) : std::string();
}

}  // namespace vlmshim::os
