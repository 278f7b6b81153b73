#include "vlmshim/os/not_written.hpp"

namespace vlmshim {

namespace {

class NotWrittenCategory final : public std::error_category {
public:
    const char* name() const noexcept override { return "written file"; }
    std::string message(int condition) const override {
        switch (static_cast<NotWritten>(condition)) {
            case NotWritten::DeviceFolder:
                return "no file is made or replaced in /dev and /proc";
            case NotWritten::ForeignFile:
                return "its folder takes no new file, and the file that is there belongs to another user";
            case NotWritten::LinkInPlace:
                return "its folder takes no new file, and what is there is a link";
            case NotWritten::SeveralNames:
                return "its folder takes no new file, and the file that is there has other names (hard links)";
            case NotWritten::SocketFile:
                return "it is a socket";
            case NotWritten::NoReader:
                return "it is a FIFO that nobody reads";
            case NotWritten::Locked:
                return "another process has locked it";
            case NotWritten::ChangedMeanwhile:
                return "another process changes what has this name";
            case NotWritten::GivenUp:
                return "the waiting for its reader was ended";
            case NotWritten::NotPlain:
                return "it is not a regular file with a single name";
        }
        return "unknown";
    }
};

}  // namespace

std::error_code make_error_code(NotWritten why) {
    static const NotWrittenCategory category;
    return {static_cast<int>(why), category};
}

}  // namespace vlmshim
