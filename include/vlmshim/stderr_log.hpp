// vlmshim's own messages, on standard error.
#pragma once

#include <unistd.h>

#include <memory>

#include "vlmshim/log/log.hpp"
#include "vlmshim/log/writer.hpp"

namespace vlmshim {

class StderrLog {
public:
    explicit StderrLog(const LogConfig& config = {}) : log_(make_log(config, writer_)) {}

    Log& operator*() const { return *log_; }
    Log* operator->() const { return log_.get(); }
    Writer& writer() { return writer_; }

private:
    Writer writer_{STDERR_FILENO};
    std::unique_ptr<Log> log_;
};

}  // namespace vlmshim
