#include "vlmshim/os/folder.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include "vlmshim/os/last_error.hpp"

namespace vlmshim::os {

namespace {

FileKind kind_of(mode_t mode) {
    switch (mode & S_IFMT) {
        case S_IFREG:
            return FileKind::Regular;
        case S_IFDIR:
            return FileKind::Folder;
        case S_IFLNK:
            return FileKind::Link;
        case S_IFIFO:
            return FileKind::Fifo;
        case S_IFSOCK:
            return FileKind::Socket;
        default:
            return FileKind::Device;
    }
}

FileFacts to_facts(const struct stat& info) {
    return {.kind = kind_of(info.st_mode),
            .owner = info.st_uid,
            .group = info.st_gid,
            .mode = info.st_mode & 07777U,
            .names = info.st_nlink,
            .device = info.st_dev,
            .inode = info.st_ino};
}

FileFacts follow(const char* path) {
    struct stat info {};
    return ::stat(path, &info) == 0 ? to_facts(info) : FileFacts{};
}

}  // namespace

Fd open_folder(const std::string& path, std::error_code& error) {
    return open_folder(AT_FDCWD, path, error);
}

Fd open_folder(int below, const std::string& path, std::error_code& error) {
    Fd folder(::openat(below, path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    error = folder ? std::error_code{} : last_error();
    return folder;
}

FileFacts facts_of(int descriptor) {
    struct stat info {};
    return ::fstat(descriptor, &info) == 0 ? to_facts(info) : FileFacts{};
}

FileFacts facts_of(int folder, const std::string& name) {
    struct stat info {};
    return ::fstatat(folder, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 ? to_facts(info) : FileFacts{};
}

bool is_mount_point(int folder, const std::string& name) {
    struct statx info {};
    return ::statx(folder, name.c_str(), AT_SYMLINK_NOFOLLOW, 0, &info) == 0 &&
           (info.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

bool is_removed(int folder) {
    return facts_of(folder).names == 0;
}

bool is_for_devices(int folder) {
    struct statfs system {};
    if (::fstatfs(folder, &system) == 0 && system.f_type == PROC_SUPER_MAGIC) {
        return true;
    }
    const FileFacts here = facts_of(folder);
    const FileFacts dev = follow("/dev");
    if (dev.kind == FileKind::None || here.is_same_file(dev)) {
        return dev.kind != FileKind::None;
    }
    // /dev/shm is often a mount of its own; where it is none, all users may write in it, unlike in a folder of devices.
    return here.device == dev.device && dev.device != follow("/").device && !here.everybody_writes();
}

}  // namespace vlmshim::os
