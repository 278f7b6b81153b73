// How the processes of a run ended.
#pragma once

#include <optional>
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

/// What it was, and so why it had to end.
enum class EndedWhy {
    Leftover,    // of the run, and neither the test nor of a server
    Test,        // the test itself
    Server,      // of a server: its main process, or below that, or in the background
    PortHolder,  // listened on a guarded port, and was not of this run
    DeadRun,     // left over from a vlmshim run that died
};

/// "leftover", "test", "server", "port holder", "dead run"
std::string_view ended_why_name(EndedWhy why);

/// Times are since the start of the run.
struct EndedProcess {
    Pid pid;
    std::string command;
    EndedHow how = EndedHow::ByItself;
    EndedWhy why = EndedWhy::Leftover;
    std::string server{};               // EndedWhy::Server: the name of that one
    std::optional<Millis> asked_at{};   // when its stop signal was sent
    std::optional<Millis> killed_at{};  // when SIGKILL was sent first
};

/// The members pid, command and how, of an object that the caller has begun.
void write_ended(JsonWriter& json, const EndedProcess& process);

}  // namespace vlmshim
