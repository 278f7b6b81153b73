// Files that are written by name, so that nobody who may write in their folder gains by it: the folder is opened once
// and everything is done in it; a new file of a name that nobody can guess takes the name, and what had it, a link
// above all, is untouched.
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
    /// Opens the folder. Where there is none yet, and where it has been removed since, that is done again when the file
    /// is written.
    explicit WrittenFile(const std::string& path);

    /// Why it can never be written by this name: known before anything is done.
    std::error_code refusal();

    /// What has the name is a FIFO, a device or the like: it is opened, and written to as a stream.
    bool is_stream();

    /// The whole file: readers see the old text or the new one. `unfinished` is its name meanwhile. Where the file
    /// cannot be replaced it is written as it stands, under a lock that `reader` waits for. New files have mode 0666
    /// less umask.
    std::error_code replace(std::string_view text, const std::string& unfinished, ReaderWait& reader);

    /// An empty file for appending, or one of those that are `begun` already, as it stands. A FIFO, a device or the
    /// like is opened for writing, without waiting for a reader: who writes to it may wait.
    Fd open_anew(const std::vector<FileFacts>& begun, std::error_code& error);

    /// For a stream; O_NONBLOCK. A FIFO's reader is waited for.
    Fd open_stream(ReaderWait& reader, std::error_code& error);

    /// Of a process that was killed in the middle of replace().
    void remove(const std::string& unfinished);

private:
    using Fill = std::function<std::error_code(int)>;

    std::error_code look();
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
    FileFacts there_;  // has the name, at the last look
};

}  // namespace vlmshim::os
