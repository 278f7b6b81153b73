#include "vlmshim/cleanup/listener_owner.hpp"

#include "vlmshim/cleanup/port_lookup.hpp"

namespace vlmshim {

ListenerOwner owner_of(const Sockets& sockets, const Processes& processes, const std::optional<Address>& address,
                       Port port, const std::function<PortOwners()>& own) {
    using Kind = ListenerOwner::Kind;
    const os::ListenerTable table = sockets.listeners_on({port});
    if (table.error || table.source == os::ListenerSource::TrialBind) {
        return {Kind::NoTable};
    }
    std::vector<Listener> left = table.listeners;
    if (listeners_for(left, address).empty()) {
        return {Kind::None};
    }
    // Nearly always the listener is ours, and our processes are few among all of the machine's.
    const PortOwners owners = own();
    const os::HolderSearch ours = sockets.holders_among(owners.pids, left);
    for (const os::Holder& holder : ours.holders) {
        std::erase_if(left, [&](const Listener& listener) { return listener.inode == holder.inode; });
    }
    if (left.empty()) {
        return {.kind = Kind::Ours, .pid = ours.holders.front().process.pid};
    }
    const bool beside = left.size() < table.listeners.size();
    for (const Listener& listener : left) {
        const auto strangers = sockets.holders_of({listener}).holders;
        const std::string where = " on " + describe_address(listener);
        if (!strangers.empty()) {
            return {Kind::Foreign, processes.describe(strangers.front().process.pid) + where, beside};
        }
        const bool may_be_ours = ours.refused > 0 && listener.uid && owners.uids.contains(*listener.uid);
        if (!may_be_ours) {
            return {Kind::Foreign, describe_hidden(listener) + where, beside};
        }
    }
    return {Kind::Unknown};
}

}  // namespace vlmshim
