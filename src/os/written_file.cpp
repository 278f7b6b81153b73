#include "vlmshim/os/written_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "vlmshim/core/values/file_path.hpp"
#include "vlmshim/os/folder.hpp"
#include "vlmshim/os/last_error.hpp"
#include "vlmshim/os/random.hpp"
#include "vlmshim/os/write.hpp"

namespace vlmshim::os {

namespace {

std::optional<NoNewFile> why_no_new_file(std::error_code error) {
    if (error == std::errc::device_or_resource_busy) {
        return NoNewFile::Mounted;
    }
    if (error == std::errc::permission_denied || error == std::errc::operation_not_permitted ||
        error == std::errc::read_only_file_system) {
        return NoNewFile::NotAllowed;
    }
    return std::nullopt;
}

/// The new file was created with at most the old one's permissions.
void take_over(int fd, const FileFacts& old, TakenOver what) {
    constexpr auto same_owner = static_cast<uid_t>(-1);
    switch (what) {
        case TakenOver::Nothing:
        case TakenOver::ModeAtMost:
            return;
        case TakenOver::ModeAndOwner:
            if (::fchown(fd, old.owner, old.group) == 0) {
                break;
            }
            [[fallthrough]];
        case TakenOver::Mode:
            [[maybe_unused]] const int taken = ::fchown(fd, same_owner, old.group);
            break;
    }
    const bool same_group = facts_of(fd).group == old.group;
    ::fchmod(fd, old.mode & (same_group ? 0777U : 0707U));
}

/// Any process that may read the file can lock it, and for ever: so this waits for 1.5 s at most. A file system without
/// locks is no error.
std::error_code lock(int fd, ReaderWait& reader) {
    constexpr Millis look_again{20};
    constexpr int most_looks = 75;
    for (int look = 0; look < most_looks; ++look) {
        if (::flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) {
            return {};
        }
        if (reader.wait(-1, look_again) == ReaderWait::Answer::GivenUp) {
            break;
        }
    }
    return NotWritten::Locked;
}

}  // namespace

std::string random_file_name() {
    return ".vlmshim-" + random_hex(16) + ".tmp";
}

WrittenFile::WrittenFile(const std::string& path) {
    PathParts parts = split_path(path);
    path_of_folder_ = std::move(parts.folder);
    name_ = parts.name.empty() ? "." : std::move(parts.name);  // a folder: open(2) reports it
    look();
}

std::error_code WrittenFile::look() {
    std::error_code error;
    if (!folder_ || is_removed(folder_.get())) {
        folder_ = open_folder(path_of_folder_, error);
        if (!folder_) {
            return error;
        }
    }
    place_ = {.folder = facts_of(folder_.get()), .of_devices = is_for_devices(folder_.get())};
    there_ = facts_of(folder_.get(), name_);
    return error;
}

bool WrittenFile::is_stream() {
    if (look()) {
        return false;
    }
    const auto way = plan();
    return std::holds_alternative<WritingWay>(way) && std::get<WritingWay>(way) == WritingWay::Open;
}

Fd WrittenFile::make(const std::string& unfinished, std::error_code& error) const {
    constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_APPEND | O_CLOEXEC;
    const TakenOver what = taken_over(there_, place_.folder, ::geteuid());
    const mode_t mode = what == TakenOver::Nothing ? 0666 : there_.mode & 0666U;
    Fd file(::openat(folder_.get(), unfinished.c_str(), flags, mode));
    error = file ? std::error_code{} : last_error();
    if (file) {
        take_over(file.get(), there_, what);
    }
    return file;
}

Fd WrittenFile::open_what_is_there(int flags, std::error_code& error) const {
    Fd file(::openat(folder_.get(), name_.c_str(), O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC | flags));
    error = file ? std::error_code{} : last_error();
    if (file && !facts_of(file.get()).is_same_file(there_)) {
        error = NotWritten::ChangedMeanwhile;
        file.reset();
    }
    return file;
}

Fd WrittenFile::open_as_it_stands(NoNewFile why, ReaderWait* lock_with, std::error_code& error) const {
    if (const auto problem = problem_in_place(there_, why, ::geteuid())) {
        error = *problem;
        return {};
    }
    Fd file = open_what_is_there(O_APPEND, error);
    if (file && lock_with != nullptr) {
        error = lock(file.get(), *lock_with);
    }
    if (file && !error && ::ftruncate(file.get(), 0) != 0) {
        error = last_error();
    }
    return error ? Fd{} : std::move(file);
}

/// `why_not` is set where the folder takes no new file, and not where writing fails.
Fd WrittenFile::take_name(const std::string& unfinished, const Fill& fill, std::optional<NoNewFile>& why_not,
                          std::error_code& error) {
    Fd file = make(unfinished, error);
    if (!file) {
        why_not = why_no_new_file(error);
        return {};
    }
    error = fill(file.get());
    why_not.reset();
    if (!error && ::renameat(folder_.get(), unfinished.c_str(), folder_.get(), name_.c_str()) != 0) {
        error = last_error();
        why_not = why_no_new_file(error);
    }
    if (!error) {
        return file;
    }
    remove(unfinished);
    return {};
}

Fd WrittenFile::put_in_place(const std::string& unfinished, const Fill& fill, ReaderWait* lock_with,
                             std::error_code& error) {
    error = look();
    if (error) {
        return {};
    }
    const auto way = plan();
    if (const auto* refused = std::get_if<NotWritten>(&way)) {
        error = *refused;
        return {};
    }
    std::optional<NoNewFile> why_not = NoNewFile::NotAllowed;
    if (std::get<WritingWay>(way) == WritingWay::Replace) {
        Fd file = take_name(unfinished, fill, why_not, error);
        if (file || !why_not || there_.kind == FileKind::None) {
            return file;
        }
    }
    if (is_mount_point(folder_.get(), name_)) {
        why_not = NoNewFile::Mounted;
    }
    Fd file = open_as_it_stands(*why_not, lock_with, error);
    error = file ? fill(file.get()) : error;
    return error ? Fd{} : std::move(file);
}

std::error_code WrittenFile::replace(std::string_view text, const std::string& unfinished, ReaderWait& reader) {
    std::error_code error;
    put_in_place(
        unfinished, [&](int fd) { return write_all(fd, text, reader); }, &reader, error);
    return error;
}

Fd WrittenFile::open_anew(const std::vector<FileFacts>& begun, std::error_code& error) {
    const bool is_a_stream = is_stream();
    const auto is_there = [this](const FileFacts& file) { return file.is_same_file(there_); };
    Fd file;
    if (is_a_stream) {
        file = open_what_is_there(0, error);
    } else if (there_.kind == FileKind::Regular && std::any_of(begun.begin(), begun.end(), is_there)) {
        file = open_what_is_there(O_APPEND, error);
    } else {
        const Fill nothing = [](int) { return std::error_code{}; };
        file = put_in_place(random_file_name(), nothing, nullptr, error);
    }
    if (file) {
        ::fcntl(file.get(), F_SETFL, is_a_stream ? 0 : O_APPEND);  // without O_NONBLOCK: its writer may wait
    } else if (error == std::errc::no_such_device_or_address && there_.kind == FileKind::Fifo) {
        error = NotWritten::NoReader;
    }
    return file;
}

Fd WrittenFile::open_stream(ReaderWait& reader, std::error_code& error) {
    constexpr Millis look_again{100};
    for (;;) {
        Fd file = open_what_is_there(0, error);
        if (file || error != std::errc::no_such_device_or_address || there_.kind != FileKind::Fifo) {
            return file;
        }
        if (reader.wait(-1, look_again) == ReaderWait::Answer::GivenUp) {
            error = NotWritten::GivenUp;
            return {};
        }
    }
}

void WrittenFile::remove(const std::string& unfinished) {
    if (folder_) {
        ::unlinkat(folder_.get(), unfinished.c_str(), 0);
    }
}

}  // namespace vlmshim::os
