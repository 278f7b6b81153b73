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

/// <boot>.<pid>.<starttime> of the supervisor: never the same for two runs.
struct RunId {
    std::string boot;               // /proc/sys/kernel/random/boot_id
    Pid supervisor;                 // in the supervisor's own PID namespace
    std::uint64_t start_ticks = 0;  // field 22 of /proc/PID/stat, proc(5)

    friend bool operator==(const RunId&, const RunId&) = default;
};

std::string to_string(const RunId& run);
std::optional<RunId> parse_run_id(std::string_view text);

}  // namespace vlmshim
