// How a file is written: replaced by a new one, written in place, or not at all.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "vlmshim/core/values/file_facts.hpp"

namespace vlmshim {

/// Why we refuse to write a file that the kernel would let us write. Never 0, which means no error.
enum class NotWritten {
    DeviceFolder = 1,  // a link or a new file in /dev or /proc
    ForeignFile,       // the folder takes no new file, and the file that is there is not ours
    LinkInPlace,       // ... is a link
    SeveralNames,      // ... has hard links
    SocketFile,        // cannot be opened
    NoReader,          // a FIFO without a reader
    Locked,            // another process is writing it in place
    ChangedMeanwhile,
    GivenUp,   // a signal ended the wait
    NotPlain,  // text is only appended to a regular file that has one name
};

/// The folder that contains the name.
struct WritingPlace {
    FileFacts folder;
    bool of_devices = false;  // /dev or /proc: nothing there is created or replaced
};

enum class WritingWay {
    Replace,  // a new file takes the name; the old one is not changed
    InPlace,  // a regular file is truncated and written
    Open,     // a FIFO, a device
};

/// `there` has the name now. A folder gets Open, which the kernel refuses.
std::variant<WritingWay, NotWritten> plan_writing(const FileFacts& there, const WritingPlace& place);

/// What a path leads to: a name in a folder, or a descriptor, which has no name.
struct WrittenTarget {
    FileFacts folder{};
    std::string name{};
    FileFacts there{};  // the file that has the name, or that the descriptor leads to
};

/// Whether one would be written where the other is. Two hard links are not the same: each name is replaced.
bool is_same_target(const WrittenTarget& one, const WrittenTarget& other);

/// Why no new file could take the name.
enum class NoNewFile {
    Mounted,     // the file itself is a mount point, such as a bind mount of a container: EBUSY
    NotAllowed,  // EACCES, EPERM, EROFS
};

/// Why a file that cannot be replaced must not be written in place either; nullopt: it may. `user`: our effective uid.
/// Any user who may write in the folder could have laid a trap there, but a mount point takes the right to mount.
std::optional<NotWritten> problem_in_place(const FileFacts& there, NoNewFile why, unsigned user);

/// What a new file takes over from the one that it replaces.
enum class TakenOver {
    Nothing,
    ModeAtMost,  // no permission that the old one did not give, less our umask
    Mode,
    ModeAndOwner,  // in a folder where only we may write
};
TakenOver taken_over(const FileFacts& there, const FileFacts& folder, unsigned user);

}  // namespace vlmshim
