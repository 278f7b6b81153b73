// What stat(2) says of a file.
#pragma once

#include <cstdint>

namespace vlmshim {

enum class FileKind { None, Regular, Folder, Link, Fifo, Socket, Device };

struct FileFacts {
    FileKind kind = FileKind::None;  // None: there is no such file, and the other members mean nothing
    unsigned owner = 0;
    unsigned group = 0;
    unsigned mode = 0;        // the permissions, at most 07777
    std::uint64_t names = 1;  // hard links
    std::uint64_t device = 0;
    std::uint64_t inode = 0;

    bool everybody_writes() const { return (mode & 02U) != 0; }
    bool is_same_file(const FileFacts& other) const { return device == other.device && inode == other.inode; }
};

}  // namespace vlmshim
