// Files that are opened for reading once, so that replacing the name does not change what was checked.
#pragma once

#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "vlmshim/core/values/file_facts.hpp"
#include "vlmshim/os/fd.hpp"

namespace vlmshim::os {

struct FoundFile {
    Fd descriptor;                 // for reading, O_NONBLOCK; none: `error` says why
    FileFacts facts;               // of the descriptor; without one, of what could not be opened
    std::vector<FileFacts> links;  // the symbolic links that were followed, in this order
    std::error_code error;

    /// No such file (ENOENT, ENOTDIR), or in a folder that we may not search. With `links`: the last one's target is.
    bool is_absent() const { return !descriptor && facts.kind == FileKind::None && is_absence(error); }
    static bool is_absence(std::error_code error);
};

/// Follows the links itself, one by one (O_PATH, O_NOFOLLOW): the kernel would not report their owners. `folder` is
/// borrowed.
FoundFile find_file(int folder, const std::string& name);

/// Opens a file that the user has named, as open(2) does, but without waiting for the writer of a FIFO. A path that
/// means a descriptor of ours (/dev/stdin) is opened anew where that is possible, to have O_NONBLOCK of our own; else
/// the descriptor is duplicated.
Fd open_named(const std::string& path, std::error_code& error);

struct ReadSome {
    std::string bytes;  // empty without `more` and without `error`: the end of file
    bool more = false;  // nothing yet: wait until it is readable
    std::error_code error;
};
/// One read(2) that never waits.
ReadSome read_some(int descriptor);

}  // namespace vlmshim::os
