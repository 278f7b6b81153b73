// Folders that are opened once, and facts of the files in them.
#pragma once

#include <string>
#include <system_error>

#include "vlmshim/core/values/file_facts.hpp"
#include "vlmshim/os/fd.hpp"

namespace vlmshim::os {

/// Only for looking up names in it (O_PATH), so no permission to read it is needed, open(2). `path` is relative to the
/// folder `below` (borrowed).
Fd open_folder(const std::string& path, std::error_code& error);
Fd open_folder(int below, const std::string& path, std::error_code& error);

/// fstat(2). FileKind::None: it is no open descriptor.
FileFacts facts_of(int descriptor);
/// Of the name itself, not of a link's target, fstatat(2). FileKind::None: nothing is there, or we may not look.
FileFacts facts_of(int folder, const std::string& name);

/// Whether another file is mounted on this name, as a container's bind mount is: STATX_ATTR_MOUNT_ROOT in statx(2),
/// since Linux 5.8.
bool is_mount_point(int folder, const std::string& name);

/// Whether the folder has been removed since it was opened.
bool is_removed(int folder);

/// Whether it is in /proc, or in /dev and the mounts that belong to it: names there are not files of a user.
bool is_for_devices(int folder);

}  // namespace vlmshim::os
