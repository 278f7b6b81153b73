// The holder of a port, as --who and the report show it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "vlmshim/core/values/json_text.hpp"
#include "vlmshim/core/values/listener.hpp"
#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

/// The vlmshim run that started a process.
struct RunOfProcess {
    enum class State {
        None,  // it was not started by a run, as far as is known
        Alive,
        Dead,     // proven
        Unknown,  // it cannot be known from here, or it is the claim of another user's process: counts as alive
    };
    State state = State::None;
    std::string id{};  // the value of VLMSHIM_RUN; empty: not known
    Pid keeper{};      // Alive: the ancestor of the process that ends that run when it is signalled; 0: not known
    Pgid group{};      // Dead: the process group of that run; 0: not known

    bool may_live() const { return state == State::Alive || state == State::Unknown; }
};

/// Of a run that may live: "the vlmshim run of pid 77"
std::string name_of_living(const RunOfProcess& run);
/// The same, ", which still works"
std::string describe_living(const RunOfProcess& run);
/// Of which run the process is that is ended, for the message that announces it: "left over from a vlmshim run that
/// died", "which belongs to the vlmshim run of pid 77: that run will fail"; empty: of none.
std::string origin_of_ended(const RunOfProcess& run);

/// One process with one listening socket; a socket whose process is not visible has an entry too.
struct PortHolder {
    Listener listener;
    Pid pid;  // 0: not visible
    std::uint64_t start_ticks = 0;
    std::string user;
    std::string command;
    std::optional<Millis> age;    // of the process
    std::optional<Millis> since;  // its start, since the Unix epoch
    RunOfProcess run;
    bool passed_on = false;  // the socket is another user's, and was passed on to it
    std::string not_visible_because;
    bool root_would_see = false;  // the process that is not visible
};

/// What decides why the process of a listener is not visible.
struct HiddenFacts {
    bool table_was_read = true;  // the kernel's list of listeners, not a trial bind
    bool has_inode = true;
    std::string user{};       // of the socket
    std::size_t refused = 0;  // processes that could not be looked into
    bool proc_hides = false;  // /proc is mounted with hidepid
    enum class Viewer {
        OtherUser,
        Owner,  // the socket's user
        Root,   // with CAP_SYS_PTRACE, at least in its own user namespace
        RootWithoutTrace,
    };
    Viewer viewer = Viewer::OtherUser;
};
std::string hidden_because(const HiddenFacts& facts);
/// Root would, on this machine.
bool root_would_see(const HiddenFacts& facts);

/// A table with a line each, under a line of headings; empty when there are none.
std::string holder_table(const std::vector<PortHolder>& holders);

/// The members of an object that the caller has begun, as vlmshim(1) documents them under --who.
void write_holder(JsonWriter& json, const PortHolder& holder);

}  // namespace vlmshim
