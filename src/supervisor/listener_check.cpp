#include "vlmshim/supervisor/listener_check.hpp"

#include "vlmshim/core/config/ready_problems.hpp"
#include "vlmshim/core/values/url.hpp"

namespace vlmshim {

ListenerCheck::ListenerCheck(TakeAnswer answer, const Ready& ready, Port port, const ReadyHooks& hooks)
    : answer_(std::move(answer)),
      places_(places_of(ready, port)),
      target_(ready.tcp.empty() ? "port " + std::to_string(port.number) : substitute_port(ready.tcp, port)),
      hooks_(hooks) {}

std::vector<ListenerCheck::Place> ListenerCheck::places_of(const Ready& ready, Port port) {
    std::vector<Place> places;
    const auto tcp = parse_host_port(substitute_port(ready.tcp, port));
    if (tcp) {
        places.push_back({tcp->port, tcp->host});
    }
    std::vector<Port> ports = other_ports(ready, port);
    ports.insert(ports.begin(), port);
    for (const Port one : ports) {
        if (!tcp || tcp->port != one) {
            places.push_back({one});
        }
    }
    return places;
}

void ListenerCheck::look_from(std::size_t first) {
    for (std::size_t i = first; i < places_.size(); ++i) {
        const ListenerOwner owner = owner_of(places_[i]);
        switch (owner.kind) {
            case ListenerOwner::Kind::Ours:
            case ListenerOwner::Kind::Unknown:
                break;
            case ListenerOwner::Kind::NoTable:
                connect(i);
                return;
            case ListenerOwner::Kind::None:
                answer_({ProbeResult::NotReady, "no process listens on " +
                                                    (places_[i].host ? places_[i].host->text + ":" : "port ") +
                                                    std::to_string(places_[i].port.number)});
                return;
            case ListenerOwner::Kind::Foreign:
                answer_({ProbeResult::NotReady, "another process listens", 0, owner});
                return;
        }
    }
    answer_({ProbeResult::Ready, "listens"});
}

ListenerOwner ListenerCheck::owner_of(const Place& place) const {
    if (!place.host) {
        return hooks_.owner_of(std::nullopt, place.port);
    }
    ListenerOwner owner{ListenerOwner::Kind::None};
    for (const Address& address : place.host->addresses) {
        owner = hooks_.owner_of(address, place.port);
        if (owner.kind != ListenerOwner::Kind::None) {
            break;
        }
    }
    return owner;
}

void ListenerCheck::connect(std::size_t place) {
    const Host localhost{"localhost", {Address::loopback(IpVersion::V4), Address::loopback(IpVersion::V6)}};
    const NetTarget target{places_[place].host.value_or(localhost), places_[place].port};
    connection_ = hooks_.ask_network(target, [this, place](const NetAnswer& said) {
        const auto done = std::move(connection_);
        if (said.result == ProbeResult::Ready) {
            look_from(place + 1);
        } else {
            answer_({said.result, said.detail});
        }
    });
}

}  // namespace vlmshim
