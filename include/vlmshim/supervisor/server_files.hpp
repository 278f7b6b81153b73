// output = "file:PATH": each file is begun anew once a run, however many servers write to it, and however often one of
// them is started.
#pragma once

#include <string>
#include <system_error>
#include <vector>

#include "vlmshim/core/values/file_facts.hpp"
#include "vlmshim/os/fd.hpp"
#include "vlmshim/os/inheritance.hpp"

namespace vlmshim {

class ServerFiles {
public:
    /// `inheritance` outlives it. A path that means a descriptor is that one, as the caller has left it.
    explicit ServerFiles(const os::Inheritance& inheritance) : inheritance_(inheritance) {}

    /// For the server's standard output and error. Not kept open here: a limit of 16 descriptors has to do.
    os::Fd open(const std::string& path, std::error_code& error);

private:
    const os::Inheritance& inheritance_;
    std::vector<FileFacts> begun_;
};

}  // namespace vlmshim
