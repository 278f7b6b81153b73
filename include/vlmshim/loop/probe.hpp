// A readiness probe over the network, as its caller sees it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "vlmshim/core/values/probe_result.hpp"
#include "vlmshim/core/values/types.hpp"
#include "vlmshim/core/values/url.hpp"

namespace vlmshim {

struct NetTarget {
    Host host;
    Port port;
    std::optional<std::string> http_path{};        // nullopt: an accepted connection is enough
    std::map<std::string, std::string> headers{};  // of the request; each replaces ours of the same name
};

struct NetAnswer {
    ProbeResult result = ProbeResult::NotReady;  // Ready: connected; of HTTP: a status was received
    std::string detail;                          // "connection refused", "HTTP 503", ...
    int status = 0;                              // of HTTP; 0: none was received
};

/// Calls back once; destroyed earlier, never.
class Probe {
public:
    virtual ~Probe() = default;
};

using AskNetwork = std::function<std::unique_ptr<Probe>(const NetTarget&, std::function<void(const NetAnswer&)>)>;

}  // namespace vlmshim
