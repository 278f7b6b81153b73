// Files that are written by name, safely in a folder where other users may write: the folder is opened once, a new file
// of a random name is written in it and takes the name, and the old file, a link above all, is not touched.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <variant>
#include <vector>

#include "vlmshim/core/values/written_file.hpp"
#include "vlmshim/os/fd.hpp"
#include "vlmshim/os/not_written.hpp"
#include "vlmshim/os/reader_wait.hpp"

namespace vlmshim::os {

/// ".vlmshim-<32 hex digits>.tmp"
std::string random_file_name();

class WrittenFile {
public:
    /// Opens the folder. Where it does not exist yet, or is removed later, it is opened when the file is written.
    explicit WrittenFile(const std::string& path);

    /// Why this name can never be written, as far as known before the first write.
    std::error_code refusal();

    /// Whether the name is a FIFO, a device or the like, which is opened and written to.
    bool is_stream();

    /// By the last look.
    WrittenTarget target() const { return {place_.folder, name_, there_}; }

    /// Replaces the file, rename(2): readers see the old text or the new one. `unfinished` is the new file's name
    /// meanwhile. A file that cannot be replaced is written in place, under a flock(2) that `reader` waits for. A new
    /// file has mode 0666 less umask.
    std::error_code replace(std::string_view text, const std::string& unfinished, ReaderWait& reader);

    /// A new empty file for appending; one of those already `begun` is opened as it is. A FIFO, a device or the like is
    /// opened without waiting for a reader, but without O_NONBLOCK for its writer.
    Fd open_anew(const std::vector<FileFacts>& begun, std::error_code& error);

    /// Of a stream; O_NONBLOCK. Waits with `reader` for the reader of a FIFO.
    Fd open_stream(ReaderWait& reader, std::error_code& error);

    /// Removes the new file of a process that was killed during replace().
    void remove(const std::string& unfinished);

private:
    using Fill = std::function<std::error_code(int)>;

    std::error_code look();
    std::error_code missing_permission(WritingWay way) const;
    std::variant<WritingWay, NotWritten> plan() const { return plan_writing(there_, place_); }
    Fd make(const std::string& unfinished, std::error_code& error) const;
    Fd take_name(const std::string& unfinished, const Fill& fill, std::optional<NoNewFile>& why_not,
                 std::error_code& error);
    Fd put_in_place(const std::string& unfinished, const Fill& fill, ReaderWait* lock_with, std::error_code& error);
    Fd open_as_it_stands(NoNewFile why, ReaderWait* lock_with, std::error_code& error) const;
    Fd open_what_is_there(int flags, std::error_code& error) const;

    std::string path_of_folder_;
    std::string name_;
    Fd folder_;
    WritingPlace place_;
    FileFacts there_;  // the file that had the name at the last look
};

}  // namespace vlmshim::os
