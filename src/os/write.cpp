#include "vlmshim/os/write.hpp"

#include <fcntl.h>

#include <algorithm>

#include "vlmshim/os/last_error.hpp"
#include "vlmshim/os/not_written.hpp"
#include "vlmshim/os/outlet.hpp"

namespace vlmshim::os {

namespace {

/// All other open descriptors are our own.
bool is_callers(int descriptor, const Inheritance& callers) {
    if (descriptor < static_cast<int>(callers.closed_stdio.size())) {
        return !callers.closed_stdio[static_cast<std::size_t>(descriptor)];
    }
    return std::find(callers.descriptors.begin(), callers.descriptors.end(), descriptor) != callers.descriptors.end();
}

}  // namespace

std::error_code write_all(int descriptor, std::string_view text, ReaderWait& reader) {
    constexpr Millis look_again{1'000};
    constexpr Millis nearly_over{10};
    constexpr int no_descriptor = -1;
    Outlet outlet(descriptor);
    for (;;) {
        const Outlet::Written written = outlet.write(text);
        if (written.state == Outlet::State::Failed) {
            return written.error;
        }
        text.remove_prefix(written.bytes);
        if (text.empty() && outlet.under_way() == 0) {
            return outlet.late_error();
        }
        const auto answer =
            text.empty() ? reader.wait(no_descriptor, nearly_over) : reader.wait(outlet.descriptor(), look_again);
        if (answer == ReaderWait::Answer::GivenUp) {
            return NotWritten::GivenUp;
        }
    }
}

Fd share_for_writing(int descriptor, const Inheritance& callers, std::error_code& error) {
    const int flags = is_callers(descriptor, callers) ? ::fcntl(descriptor, F_GETFL) : -1;
    if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY) {
        error = std::make_error_code(std::errc::bad_file_descriptor);
        return {};
    }
    Fd shared(::fcntl(descriptor, F_DUPFD_CLOEXEC, 3));
    error = shared ? std::error_code{} : last_error();
    return shared;
}

}  // namespace vlmshim::os
