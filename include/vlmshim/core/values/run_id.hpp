// VLMSHIM_RUN: the name of a run, carried in the environment of everything it starts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

inline constexpr std::string_view run_variable = "VLMSHIM_RUN";
/// The name of the server that a process belongs to; what else a run starts does not carry it.
inline constexpr std::string_view server_variable = "VLMSHIM_SERVER";
/// The first port of the run.
inline constexpr std::string_view first_port_variable = "VLMSHIM_PORT";

/// <boot>.<keeper>.<supervisor>.<start>.<PID namespace>.<network namespace>.<token>: never the same for two runs. A
/// claim of whoever carries it: core/lifecycle/run_life.hpp says what follows from it.
struct RunId {
    std::string boot;                 // /proc/sys/kernel/random/boot_id; empty: it could not be read
    Pid keeper;                       // the pid that the caller sees; where there is no keeper, the supervisor's
    Pid supervisor;                   // leads the run's process group. Both in their own PID namespace
    std::uint64_t start_ticks = 0;    // of the supervisor, since boot: no offset of a time namespace; 0: not known
    std::uint64_t pid_namespace = 0;  // inode of /proc/PID/ns/pid, namespaces(7); 0: not known
    std::uint64_t network = 0;        // SO_NETNS_COOKIE, socket(7), where the run's name is held; 0: it holds none
    std::string token;                // random hex digits: the run's name

    friend bool operator==(const RunId&, const RunId&) = default;
};

std::string to_string(const RunId& run);
std::optional<RunId> parse_run_id(std::string_view text);

/// The abstract socket that keeper and supervisor hold as long as they live, without its leading NUL; unix(7).
std::string run_name(std::string_view token);

}  // namespace vlmshim
