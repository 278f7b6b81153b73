// output = "file:PATH": each file is truncated once a run, however many servers write to it and however often they are
// started.
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
    /// `inheritance` outlives it. A path that names a descriptor means the one that the caller has passed on.
    explicit ServerFiles(const os::Inheritance& inheritance) : inheritance_(inheritance) {}

    /// For the server's standard output and error. Not kept open here: a limit of 16 descriptors has to be enough.
    os::Fd open(const std::string& path, std::error_code& error);

private:
    const os::Inheritance& inheritance_;
    std::vector<FileFacts> begun_;
};

}  // namespace vlmshim
