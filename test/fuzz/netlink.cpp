// One datagram of a sock_diag dump.
#include "fuzz.hpp"
#include "vlmshim/os/sock_diag.hpp"

namespace fuzz {

using namespace vlmshim;

void netlink(std::string_view data) {
    constexpr std::size_t smallest = 16 + 72;  // nlmsghdr and inet_diag_msg
    std::vector<Listener> found;
    switch (os::take_messages(data, found)) {
        case os::DumpStep::More:
        case os::DumpStep::Done:
        case os::DumpStep::Failed:
            break;
    }
    require(found.size() <= data.size() / smallest, "no socket comes from nowhere");
    for (const Listener& listener : found) {
        require_printable(describe_address(listener), "an address is printable");
    }
}

}  // namespace fuzz
