// Listening sockets behind the seam of the clean-up.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "fake_processes.hpp"
#include "vlmshim/cleanup/sockets.hpp"

namespace vlmshim::test {

class FakeSockets final : public Sockets {
public:
    /// The sockets of a process that has ended are closed.
    explicit FakeSockets(const FakeProcesses& processes) : processes_(processes) {}

    /// Adds a socket that these processes hold; none: its holder cannot be seen. Returns its inode.
    std::uint64_t listen(int port, std::vector<int> pids, const std::string& address = "0.0.0.0",
                         std::optional<std::uint32_t> uid = 1000) {
        const std::uint64_t inode = 1000 + ++listened_;
        Listener listener;
        listener.port = Port{static_cast<std::uint16_t>(port)};
        listener.address = Address::parse(address).value();
        listener.inode = inode;
        listener.uid = uid;
        sockets_.push_back({listener, pids.empty(), {}});
        for (const int pid : pids) {
            sockets_.back().holders.push_back(processes_.identity(pid));
        }
        return inode;
    }
    void close(std::uint64_t inode) {
        std::erase_if(sockets_, [&](const Socket& socket) { return socket.listener.inode == inode; });
    }

    os::ListenerSource source = os::ListenerSource::Netlink;
    std::error_code error;
    std::map<Port, os::Bind> binds;  // of a port that is not there: Held if it has a listener
    std::deque<Port> free_ports;     // given out one by one
    std::size_t refused = 0;         // processes that may not be looked into
    std::vector<std::string> unix_sockets;
    mutable int looks = 0;  // at the table of listeners

    os::ListenerTable listeners_on(const std::vector<Port>& ports) const override {
        ++looks;
        os::ListenerTable table{{}, source, error};
        for (const Socket& socket : sockets_) {
            const bool asked = std::find(ports.begin(), ports.end(), socket.listener.port) != ports.end();
            if (asked && is_open(socket)) {
                table.listeners.push_back(socket.listener);
            }
        }
        return table;
    }
    os::HolderSearch holders_of(const std::vector<Listener>& listeners) const override {
        os::HolderSearch search;
        for (const Listener& listener : listeners) {
            for (const Socket& socket : sockets_) {
                for (const ProcessIdentity& holder : socket.holders) {
                    if (socket.listener.inode == listener.inode && !processes_.is_gone(holder)) {
                        search.holders.push_back({holder, listener.inode});
                    }
                }
            }
        }
        return search;
    }
    os::HolderSearch holders_among(const std::vector<Pid>& processes,
                                   const std::vector<Listener>& listeners) const override {
        os::HolderSearch search = holders_of(listeners);
        search.refused = refused;
        std::erase_if(search.holders, [&](const os::Holder& holder) {
            return std::find(processes.begin(), processes.end(), holder.process.pid) == processes.end();
        });
        return search;
    }
    std::vector<Listener> all_listeners() const override {
        std::vector<Listener> all;
        for (const Socket& socket : sockets_) {
            if (is_open(socket)) {
                all.push_back(socket.listener);
            }
        }
        return all;
    }
    std::vector<std::string> unix_sockets_of(const std::vector<Pid>&) const override { return unix_sockets; }
    os::Bind bind_to(Port port) const override {
        if (const auto bind = binds.find(port); bind != binds.end()) {
            return bind->second;
        }
        return std::any_of(sockets_.begin(), sockets_.end(),
                           [&](const Socket& socket) { return socket.listener.port == port && is_open(socket); })
                   ? os::Bind::Held
                   : os::Bind::Free;
    }
    Port find_free_port() const override {
        if (given_ == free_ports.size()) {
            return Port{};
        }
        return free_ports[given_++];
    }

private:
    struct Socket {
        Listener listener;
        bool hidden = false;
        std::vector<ProcessIdentity> holders;
    };
    bool is_open(const Socket& socket) const {
        return socket.hidden || std::any_of(socket.holders.begin(), socket.holders.end(),
                                            [&](const ProcessIdentity& one) { return !processes_.is_gone(one); });
    }

    const FakeProcesses& processes_;
    std::vector<Socket> sockets_;
    std::uint64_t listened_ = 0;
    mutable std::size_t given_ = 0;
};

}  // namespace vlmshim::test
