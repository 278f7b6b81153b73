// A port that is busy before the run: the sentences about its holder, and what the user can do about it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "vlmshim/core/config/config.hpp"
#include "vlmshim/core/lifecycle/port_policy.hpp"
#include "vlmshim/core/report/port_holder.hpp"

namespace vlmshim {

/// A process that listens on a port that the run needs, and is left alone.
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
    bool is_looked_up = true;           // false: the list of listeners could not be read
    std::string not_visible_because{};  // hidden_because()
    bool root_would_see = false;        // the holder that is not visible
    bool published_by_docker = false;   // a docker-proxy for this port runs, whether it is visible as the holder or not
};

/// "port 8080 is busy: pid 4711 (llama-server ...), user lena listens on 127.0.0.1:8080", and why it is left alone if
/// not because of `busy`.
std::string describe_busy(const BusyHolder& holder);

/// What helps against all of them: "end it (kill 4711), have it ended (--busy=kill), ... or choose another port
/// (--port)". Nothing is named that would be refused. `busy`: the setting of the run.
std::string ways_out_of_busy(const std::vector<BusyHolder>& holders, Busy busy);

/// "it is PID 1": why a holder is never ended for its port; empty: it may be.
std::string why_never_ended(const HolderFacts& facts, Pid pid);

/// The command that shows which program a listener stands in for, as docker-proxy and systemd do; empty: it does not.
/// `short_name`: of the process that listens.
std::string what_is_behind(const std::string& short_name, Pid pid, Port port);

/// In /proc/PID/comm, of a process that forwards a port into a container.
inline constexpr std::string_view docker_proxy_name = "docker-proxy";

}  // namespace vlmshim
