// A port that is busy before the run: what is said of who listens there, and what can be done about it now.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "vlmshim/core/config/config.hpp"
#include "vlmshim/core/lifecycle/port_policy.hpp"
#include "vlmshim/core/report/port_holder.hpp"

namespace vlmshim {

/// Somebody who listens on a port that the run needs, and is left alone.
struct BusyHolder {
    Port port;
    Pid pid{};                             // 0: not visible
    std::string description;               // "pid 4711 (llama-server ...), user lena"
    std::vector<std::string> addresses{};  // "127.0.0.1:8080"; as many as were looked at
    std::string short_name{};              // as in /proc/PID/comm
    HolderFacts facts{};
    RunOfProcess run{};
    bool run_is_ours = false;           // Alive: we are part of that run
    bool may_be_signalled = false;      // by this user
    bool is_looked_up = true;           // no: the list of listeners could not be had
    std::string not_visible_because{};  // hidden_because() says it
    bool root_would_see = false;        // who is not visible
    bool published_by_docker = false;   // a docker-proxy for this port runs, whether it is visible as the holder or not
};

/// "port 8080 is busy: pid 4711 (llama-server ...), user lena listens on 127.0.0.1:8080", and why it is left alone if
/// that is not what `busy` says.
std::string describe_busy(const BusyHolder& holder);

/// What helps against all of them: "end it (kill 4711), have it ended (--busy=kill), ... or choose another port
/// (--port)". Nothing is named that would be refused. `busy`: what the run was told.
std::string ways_out_of_busy(const std::vector<BusyHolder>& holders, Busy busy);

/// Of the holder of a port that is never ended for it; empty: it may be.
std::string why_never_ended(const HolderFacts& facts, Pid pid);

/// The command that shows what is behind a listener which only stands in for somebody; empty: there is none.
/// `short_name`: of the process that listens.
std::string what_is_behind(const std::string& short_name, Pid pid, Port port);

/// Of a process that forwards a port into a container, as in /proc/PID/comm.
inline constexpr std::string_view docker_proxy_name = "docker-proxy";

}  // namespace vlmshim
