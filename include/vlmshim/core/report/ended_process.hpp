// How the processes of a run came to their ends.
#pragma once

#include <string>
#include <string_view>

#include "vlmshim/core/values/json_text.hpp"
#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

enum class EndedHow {
    ByItself,    // it was there when the end began, and left before anybody asked
    Terminated,  // by a signal that tells it to stop; "asked" in the report
    Killed,      // SIGKILL
    Survived,    // it is still there
};

std::string_view ended_how_name(EndedHow how);

struct EndedProcess {
    Pid pid;
    std::string command;
    EndedHow how = EndedHow::ByItself;
};

/// The members of an object that the caller has begun: pid, command, how.
void write_ended(JsonWriter& json, const EndedProcess& process);

}  // namespace vlmshim
