// One question to a server over the network, as its asker sees it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "vlmshim/core/values/address.hpp"
#include "vlmshim/core/values/probe_result.hpp"
#include "vlmshim/core/values/types.hpp"
#include "vlmshim/core/values/url.hpp"

namespace vlmshim {

struct NetTarget {
    Host host;
    Port port;
    std::optional<std::string> http_path;  // nullopt: an accepted connection is enough
};

struct NetAnswer {
    ProbeResult result = ProbeResult::NotReady;
    std::optional<Address> address;  // that answered or was tried last
    std::string detail;              // "connection refused", "HTTP 503", ...
    bool is_http = false;            // a status came
};

/// Runs until it has called back once; destroyed earlier, it never does.
class Probe {
public:
    virtual ~Probe() = default;
};

using AskNetwork = std::function<std::unique_ptr<Probe>(const NetTarget&, std::function<void(const NetAnswer&)>)>;

}  // namespace vlmshim
