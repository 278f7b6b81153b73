// What a server writes, shown by lines as it comes.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "vlmshim/core/values/output_lines.hpp"
#include "vlmshim/log/log.hpp"
#include "vlmshim/loop/clock.hpp"

namespace vlmshim {

class ShownOutput {
public:
    /// Clock and log outlive it.
    ShownOutput(std::string server, Clock& clock, Log& log);
    ShownOutput(const ShownOutput&) = delete;
    ShownOutput& operator=(const ShownOutput&) = delete;

    /// The end of a line is waited for, but not long.
    void add(std::string_view bytes);
    /// Shows an unfinished line now: its writer has ended.
    void show_open();

private:
    std::string server_;
    Log& log_;
    OutputLines lines_;
    std::unique_ptr<Alarm> open_line_alarm_;  // when the open line is shown unfinished
};

}  // namespace vlmshim
