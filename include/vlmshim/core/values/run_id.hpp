// VLMSHIM_RUN: identifies a run, in the environment of every process that it starts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

inline constexpr std::string_view run_variable = "VLMSHIM_RUN";
/// The name of the server that a process belongs to; not set for the test.
inline constexpr std::string_view server_variable = "VLMSHIM_SERVER";
/// The first port of the run.
inline constexpr std::string_view first_port_variable = "VLMSHIM_PORT";

/// <boot>.<keeper>.<supervisor>.<start>.<PID namespace>.<network namespace>.<token>: unique to a run. A process can set
/// it to anything, so it is a claim: core/lifecycle/run_life.hpp says what follows from it.
struct RunId {
    std::string boot;                 // /proc/sys/kernel/random/boot_id; empty: not known
    Pid keeper;                       // the pid that the caller sees; without a keeper, the supervisor's
    Pid supervisor;                   // leads the run's process group; both as their own PID namespace numbers them
    std::uint64_t start_ticks = 0;    // of the supervisor, since boot, without a time namespace's offset; 0: not known
    std::uint64_t pid_namespace = 0;  // inode of /proc/PID/ns/pid, namespaces(7); 0: not known
    std::uint64_t network = 0;        // SO_NETNS_COOKIE, socket(7), where the run_name socket is; 0: there is none
    std::string token;                // random hex digits

    friend bool operator==(const RunId&, const RunId&) = default;
};

std::string to_string(const RunId& run);
std::optional<RunId> parse_run_id(std::string_view text);

/// The name of the abstract socket that keeper and supervisor hold while they live, without its leading NUL; unix(7).
std::string run_name(std::string_view token);

/// In bytes; twice as many hex digits. Against chance only: after the run the name is free for any process.
inline constexpr std::size_t token_bytes = 8;
/// Whether a run of this program can have that name.
bool is_run_name(std::string_view name);

}  // namespace vlmshim
