// /proc text: process names, arguments and environments are whatever their owner wants.
#include <algorithm>
#include <string>

#include "fuzz.hpp"
#include "vlmshim/core/values/proc_text.hpp"
#include "vlmshim/core/values/run_id.hpp"

namespace fuzz {

using namespace vlmshim;

namespace {

void addresses(std::string_view data, IpVersion version) {
    const std::vector<Listener> listeners = parse_net_tcp(data, version);
    for (const Listener& listener : listeners) {
        const Address& address = listener.address;
        require_printable(describe_address(listener), "an address is printable");
        require(Address::parse(address.text()) == address, "an address as written is the same address");
        require(version == IpVersion::V6 || address.is_v4(), "an address has the version of its table");
        const auto found = listeners_for(listeners, address);
        require(address.is_wildcard() || std::find(found.begin(), found.end(), listener) != found.end(),
                "an address finds its own listener");
    }
}

}  // namespace

void proc_text(std::string_view data) {
    if (const auto stat = parse_stat(data)) {
        require(data.find("(" + stat->comm + ")") != std::string_view::npos, "the name is between brackets");
        stat->dead();
    }
    for (const Pid child : parse_children(data)) {
        require(child.value > 0, "a child has a pid");
    }
    if (const auto value = find_variable(data, run_variable)) {
        require(value->find('\0') == std::string::npos, "a variable ends at its NUL");
        if (const auto run = parse_run_id(*value)) {
            require(parse_run_id(to_string(*run)) == run, "a run's name is read back");
        }
    }
    parse_uids(data);
    parse_boottime_offset(data);
    for (const std::size_t longest : {0UL, 1UL, 80UL}) {
        const std::string text = describe_cmdline(data, longest);
        require(text.size() <= longest + 3, "a description has a limit");
    }
    addresses(data, IpVersion::V4);
    addresses(data, IpVersion::V6);
}

}  // namespace fuzz
