#include "vlmshim/supervisor/server_files.hpp"

#include "vlmshim/core/values/file_path.hpp"
#include "vlmshim/os/folder.hpp"
#include "vlmshim/os/write.hpp"
#include "vlmshim/os/written_file.hpp"

namespace vlmshim {

os::Fd ServerFiles::open(const std::string& path, std::error_code& error) {
    if (const auto descriptor = descriptor_named(path)) {
        return os::share_for_writing(*descriptor, inheritance_, error);
    }
    os::Fd file = os::WrittenFile(path).open_anew(begun_, error);
    if (file) {
        begun_.push_back(os::facts_of(file.get()));
    }
    return file;
}

}  // namespace vlmshim
