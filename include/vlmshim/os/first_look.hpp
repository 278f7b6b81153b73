// What --init looks at and writes: the working folder, and where this program lies.
#pragma once

#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace vlmshim::os {

/// A file that is not there yet, nor a link of its name: EEXIST. Mode 0644 less umask. What could not be written whole
/// is removed again.
std::error_code write_new_file(const std::string& path, std::string_view text);

/// Names of the regular files in a folder, and of links to such, in their order; at most `limit`.
std::vector<std::string> files_in(const std::string& folder, std::size_t limit = 10'000);

/// This program's own file, /proc/self/exe in proc(5); empty: it cannot be seen.
std::string own_program();

}  // namespace vlmshim::os
