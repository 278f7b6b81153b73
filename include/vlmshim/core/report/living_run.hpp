// A run that lives, as --runs shows it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "vlmshim/core/lifecycle/lifecycle.hpp"
#include "vlmshim/core/values/json_text.hpp"
#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

struct LivingRun {
    struct Server {
        std::string name;  // as configured; empty: a process that listens and is of no such server
        Pid pid;
        std::string program;  // short name of the process
        std::string command;
        std::vector<Port> ports;  // on which it, or another process of the server, listens
    };
    struct Test {
        Pid pid;
        std::string command;
    };

    Pid pid;  // to be signalled to end the run
    std::string user;
    std::optional<Millis> age;
    std::optional<Millis> since;  // its start, since the Unix epoch
    std::optional<Phase> phase;
    bool stopped = false;
    std::vector<Port> ports;  // of the title, of VLMSHIM_PORT, and those on which a process of the run listens
    std::vector<Server> servers;
    std::optional<Test> test;
};

/// A process that may be of the run.
struct RunMember {
    Pid pid;
    Pid parent;
    std::uint64_t start_ticks = 0;
    std::string program;
    bool has_run = false;  // VLMSHIM_RUN
    std::string server{};  // VLMSHIM_SERVER
    Port first_port{};     // VLMSHIM_PORT
    struct Socket {
        std::uint64_t inode = 0;
        Port port;
    };
    std::vector<Socket> listens{};
};

/// The server that a VLMSHIM_SERVER claims, without what is beyond 100 bytes; empty if it is no name of a server.
std::string claimed_server(std::string_view claim);

/// All processes, in the order that members_below() needs.
std::vector<RunMember> by_parent(std::vector<RunMember> all);

/// Those of all processes, by_parent(), that are below `root`, but not below one of `nested`. Parents come before their
/// children, the older before the younger.
std::vector<RunMember> members_below(Pid root, const std::vector<RunMember>& all, const std::set<Pid>& nested);

/// Fills in ports, servers and test, without their commands, from environments and sockets of members_below().
void add_members(LivingRun& run, Pid root, const std::vector<RunMember>& members);

/// One line a run, under a line of headings; empty when there are none.
std::string run_table(const std::vector<LivingRun>& runs);

/// The members of an object that the caller has begun, as vlmshim(1) documents them under --runs.
void write_living_run(JsonWriter& json, const LivingRun& run);

/// Who asks for the runs.
struct RunViewer {
    bool is_root = false;
    bool sees_all = false;  // CAP_SYS_PTRACE
};

/// "no run of yours lives here"
std::string no_run_text(const RunViewer& viewer);
/// About runs that live in this network namespace, without being shown; `count` is not 0.
std::string not_shown_text(std::size_t count, const RunViewer& viewer);

}  // namespace vlmshim
