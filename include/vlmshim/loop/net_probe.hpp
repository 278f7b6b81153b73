// One readiness probe over the network: connect, for http ask and read one status line, hang up.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "vlmshim/core/values/address.hpp"
#include "vlmshim/core/values/probe_result.hpp"
#include "vlmshim/core/values/types.hpp"
#include "vlmshim/core/values/url.hpp"
#include "vlmshim/loop/loop.hpp"

namespace vlmshim::loop {

struct NetTarget {
    Host host;
    Port port;
    std::optional<std::string> http_path;  // nullopt: an accepted connection is enough
};

struct NetAnswer {
    ProbeResult result = ProbeResult::NotReady;
    std::optional<Address> address;  // that answered or was tried last
    std::string detail;              // "connection refused", "HTTP 503", ...
};

/// Runs until it has called back once; destroyed earlier, it never does. The connection is closed
/// at once: an open one would delay the server's exit.
class NetProbe {
public:
    NetProbe(Loop& loop, NetTarget target, std::function<void(const NetAnswer&)> answered);
    ~NetProbe();
    NetProbe(const NetProbe&) = delete;
    NetProbe& operator=(const NetProbe&) = delete;

private:
    class Attempt;
    std::shared_ptr<Attempt> attempt_;
};

}  // namespace vlmshim::loop
