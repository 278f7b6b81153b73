// Ownership of an open folder, and its entries one after the other, readdir(3).
#pragma once

#include <dirent.h>

#include <memory>

#include "vlmshim/os/fd.hpp"

namespace vlmshim::os {

class Directory {
public:
    /// Where the folder cannot be opened, the object is false and has no entries.
    explicit Directory(const char* path) : dir_(::opendir(path)) {}
    explicit Directory(Fd folder) : dir_(folder ? ::fdopendir(folder.get()) : nullptr) {
        if (dir_) {
            folder.release();
        }
    }

    explicit operator bool() const { return dir_ != nullptr; }
    int fd() const { return ::dirfd(dir_.get()); }

    /// The name of the next entry, "." and ".." included; valid until the next call. nullptr: no more.
    const char* next() {
        const dirent* const entry = dir_ ? ::readdir(dir_.get()) : nullptr;
        return entry == nullptr ? nullptr : entry->d_name;
    }

private:
    struct Close {
        void operator()(DIR* dir) const { ::closedir(dir); }
    };
    std::unique_ptr<DIR, Close> dir_;
};

}  // namespace vlmshim::os
