// That a server listens where it should, and no other process listens there.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "vlmshim/supervisor/ready_check.hpp"

namespace vlmshim {

/// No connection is made, unless the kernel's list of listeners cannot be read.
class ListenerCheck final : public ReadyCheck {
public:
    /// On `port`, and where the probes of `ready` ask. `hooks` outlives it.
    ListenerCheck(TakeAnswer answer, const Ready& ready, Port port, const ReadyHooks& hooks);

    std::string target() const override { return target_; }
    void ask() override { look_from(0); }
    void stop() override { connection_.reset(); }

private:
    struct Place {
        Port port;
        std::optional<Host> host{};  // nullopt: at any address
    };
    static std::vector<Place> places_of(const Ready& ready, Port port);

    void look_from(std::size_t first);
    ListenerOwner owner_of(const Place& place) const;
    void connect(std::size_t place);

    TakeAnswer answer_;
    std::vector<Place> places_;
    std::string target_;
    const ReadyHooks& hooks_;
    std::unique_ptr<Probe> connection_;
};

}  // namespace vlmshim
