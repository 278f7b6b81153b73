// vlmshim's own messages, on standard error.
#pragma once

#include <unistd.h>

#include <memory>

#include "vlmshim/core/config/command_line.hpp"
#include "vlmshim/log/log.hpp"
#include "vlmshim/log/writer.hpp"

namespace vlmshim {

/// Of the command line alone: for the modes that read no configuration.
inline LogConfig typed_log(const CommandLine& line) {
    LogConfig how;
    how.level = line.log_level.value_or(how.level);
    how.format = line.log_format.value_or(how.format);
    return how;
}

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
