// How a file comes to be written: what a name may be replaced with, what is written as it stands, and what is refused.
#pragma once

#include <optional>
#include <variant>

#include "vlmshim/core/values/file_facts.hpp"

namespace vlmshim {

/// Why a file is not written, where the kernel alone would have done it. Never 0, which is no error.
enum class NotWritten {
    DeviceFolder = 1,  // a link or a new file in /dev or /proc
    ForeignFile,       // the folder takes no new file, and the file that is there is not ours
    LinkInPlace,       // ... is a link
    SeveralNames,      // ... has hard links
    SocketFile,        // nobody can open it
    NoReader,          // a FIFO that nobody reads
    Locked,            // somebody else writes it as it stands
    ChangedMeanwhile,
    GivenUp,  // a signal ended the waiting
};

/// The folder that a name stands in.
struct WritingPlace {
    FileFacts folder;
    bool of_devices = false;  // /dev or /proc: nothing in there is made or replaced
};

enum class WritingWay {
    Replace,  // a new file takes the name: what had it before is untouched
    AsItStands,
    Open,  // a FIFO, a device: it is written to
};

/// `there` has the name now. A folder is opened, which the kernel refuses.
std::variant<WritingWay, NotWritten> plan_writing(const FileFacts& there, const WritingPlace& place);

/// Why no new file could take the name.
enum class NoNewFile {
    Mounted,     // the file itself is a mount point, as a container's bind mount is: EBUSY
    NotAllowed,  // EACCES, EPERM, EROFS
};

/// Whether a file that cannot be replaced is written as it stands. `user`: our effective uid. Whoever may write in a
/// folder could have laid a trap there; only who may mount can have made a mount point.
std::optional<NotWritten> problem_as_it_stands(const FileFacts& there, NoNewFile why, unsigned user);

/// What a new file takes over from the one that had its name.
enum class TakenOver {
    Nothing,
    ModeAtMost,  // no permission that the old one did not give: who owns it may want to read what is written
    Mode,
    ModeAndOwner,  // in a folder that is ours alone
};
TakenOver taken_over(const FileFacts& there, const FileFacts& folder, unsigned user);

}  // namespace vlmshim
