// Folders that are opened once, and what stands in them.
#pragma once

#include <string>
#include <system_error>

#include "vlmshim/core/values/file_facts.hpp"
#include "vlmshim/os/fd.hpp"

namespace vlmshim::os {

/// For looking names up in it, and nothing else (O_PATH): needs no permission to read it. `path` is relative to the
/// folder `below` (borrowed).
Fd open_folder(const std::string& path, std::error_code& error);
Fd open_folder(int below, const std::string& path, std::error_code& error);

/// fstat(2). FileKind::None: it is no descriptor.
FileFacts facts_of(int descriptor);
/// Of the name itself, not of what a link leads to. FileKind::None: nothing is there, or nobody may look.
FileFacts facts_of(int folder, const std::string& name);

/// Something else is mounted on this name: a file, as with a container's bind mount. Known since Linux 5.8.
bool is_mount_point(int folder, const std::string& name);

/// Whether the folder has been removed since it was opened.
bool is_removed(int folder);

/// /dev and what belongs to it, /proc: what has a name there is no file of anybody's.
bool is_for_devices(int folder);

}  // namespace vlmshim::os
