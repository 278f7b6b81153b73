#include "vlmshim/core/config/command_line.hpp"

namespace vlmshim {

bool fits_mode(Option option, Mode mode) {
    switch (option) {
        case Option::Config:
        case Option::NoConfig:
        case Option::Port:
            return takes_ports(mode);
        case Option::Verbose:
        case Option::Quiet:
        case Option::LogLevel:
        case Option::LogFormat:
        case Option::Who:
        case Option::Free:
        case Option::Runs:
        case Option::Check:
        case Option::Init:
        case Option::Completions:
        case Option::Help:
        case Option::Version:
            return true;
        case Option::Grace:
            return mode == Mode::Free;
        case Option::Server:
        case Option::Ready:
        case Option::Timeout:
        case Option::Busy:
        case Option::Output:
        case Option::Isolate:
        case Option::Report:
            return false;
    }
    return true;
}

}  // namespace vlmshim
