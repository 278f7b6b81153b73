// What is known before the first write.
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "vlmshim/os/folder.hpp"
#include "vlmshim/os/last_error.hpp"
#include "vlmshim/os/written_file.hpp"

namespace vlmshim::os {

std::error_code WrittenFile::refusal() {
    if (const std::error_code error = look()) {
        const bool may_be_made_later = error == std::errc::no_such_file_or_directory;
        return may_be_made_later ? std::error_code{} : error;
    }
    if (there_.kind == FileKind::Folder) {
        return std::make_error_code(std::errc::is_a_directory);
    }
    const auto way = plan();
    const auto* refused = std::get_if<NotWritten>(&way);
    return refused == nullptr ? missing_permission(std::get<WritingWay>(way)) : make_error_code(*refused);
}

/// Other errors than these two say nothing: old kernels answer faccessat2(2) with ENOSYS, old filters of containers
/// with EPERM.
std::error_code WrittenFile::missing_permission(WritingWay way) const {
    const auto refused = [this](const char* name) -> std::error_code {
        // Not faccessat(3): without the system call it looks at the mode only, and knows no ACL and no capability.
        if (::syscall(SYS_faccessat2, folder_.get(), name, W_OK, AT_EACCESS | AT_SYMLINK_NOFOLLOW) == 0) {
            return {};
        }
        const std::error_code error = last_error();
        const bool is_permission = error == std::errc::permission_denied || error == std::errc::read_only_file_system;
        return is_permission ? error : std::error_code{};
    };
    if (way == WritingWay::Open) {
        return refused(name_.c_str());
    }
    const std::error_code error = refused(".");
    if (!error || there_.kind == FileKind::None) {
        return error;
    }
    const auto problem = problem_in_place(
        there_, is_mount_point(folder_.get(), name_) ? NoNewFile::Mounted : NoNewFile::NotAllowed, ::geteuid());
    return problem ? make_error_code(*problem) : refused(name_.c_str());
}

}  // namespace vlmshim::os
