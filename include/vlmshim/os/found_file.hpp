// A file that is opened for reading once, so that whoever may replace its name cannot change what was looked at.
#pragma once

#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "vlmshim/core/values/file_facts.hpp"
#include "vlmshim/os/fd.hpp"

namespace vlmshim::os {

struct FoundFile {
    Fd descriptor;                 // for reading, and does not wait (O_NONBLOCK); none: `error` says why
    FileFacts facts;               // of the descriptor; without one, of what could not be opened
    std::vector<FileFacts> links;  // what the name is, when it is a link, and that link's name, and so on
    std::error_code error;

    /// No such file (ENOENT, ENOTDIR), or a folder that may not be searched. With `links`, behind the last of them.
    bool is_absent() const { return !descriptor && facts.kind == FileKind::None && is_absence(error); }
    static bool is_absence(std::error_code error);
};

/// Links are followed one by one, each by itself (O_PATH, O_NOFOLLOW): the kernel would not say whose they are.
/// `folder` is borrowed.
FoundFile find_file(int folder, const std::string& name);

/// Opens a file that somebody has named, as open(2) does, but without waiting for the writer of a FIFO. A path that
/// means a descriptor of ours is opened anew where that can be done, so that it is our own O_NONBLOCK; else it is
/// that descriptor.
Fd open_named(const std::string& path, std::error_code& error);

/// What a read brought. `more`: nothing yet, wait until it is readable.
struct ReadSome {
    std::string bytes;  // empty without `more` and without `error`: its end
    bool more = false;
    std::error_code error;
};
ReadSome read_some(int descriptor);

}  // namespace vlmshim::os
