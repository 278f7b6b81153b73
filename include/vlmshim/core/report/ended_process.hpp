// How the processes of a run ended.
#pragma once

#include <string>
#include <string_view>

#include "vlmshim/core/values/json_text.hpp"
#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

enum class EndedHow {
    ByItself,    // it was alive when the end began, and exited without a signal of ours
    Terminated,  // after its stop signal; "asked" in the report
    Killed,      // by SIGKILL
    Survived,    // it has not ended
};

std::string_view ended_how_name(EndedHow how);

struct EndedProcess {
    Pid pid;
    std::string command;
    EndedHow how = EndedHow::ByItself;
};

/// The members pid, command and how, of an object that the caller has begun.
void write_ended(JsonWriter& json, const EndedProcess& process);

}  // namespace vlmshim
