#include "core/report/cause_words.hpp"

namespace vlmshim {

CauseWords words_of(Cause cause) {
    switch (cause) {
        case Cause::None:
            return {};
        case Cause::Configuration:
            return {"the command line or the configuration is wrong",
                    "Correct what is listed here. `vlmshim --check` reports the same without a run."};
        case Cause::System:
            return {"the kernel refused what a run needs",
                    "See the reason: usually a limit (`ulimit`, a container's) or a missing permission."};
        case Cause::Interrupted:
            return {"a signal ended the run before the test started",
                    "See whether the job was cancelled or reached a time limit of the CI system; if not, look for the "
                    "sender."};
        case Cause::PortBusy:
            return {
                "a port that the run needs is in use",
                "The reason names the process and the ways out; `vlmshim --who`, on that machine, shows it now. Runs "
                "side by side need a free port each: `--port auto`."};
        case Cause::ServerNotStarted:
            return {"a server could not be started",
                    "See the reason: is the program installed on that machine, and in `PATH`?"};
        case Cause::ServerDied:
            return {"a server ended too early",
                    "Read the end of its output, and run its command alone on that machine."};
        case Cause::ServerNotReady:
            return {"a server was not ready in time",
                    "Read its output, and what it answered to the probe. If it was still loading (llama-server answers "
                    "HTTP 503 then), raise `timeout` in `[server.ready]`; if not, correct what is probed."};
        case Cause::ServerNotOurs:
            return {"another process listens on the port of a server",
                    "End that process (`vlmshim --who` shows it), or take a free port: `port = \"auto\"`."};
        case Cause::TestNotStarted:
            return {"the test command could not be started",
                    "See the reason: is the program installed on that machine, in `PATH`, and executable?"};
        case Cause::TestTimedOut:
            return {
                "the test ran longer than its time limit",
                "The log of the job has what the test had printed by then (pytest keeps it back without `-s`). If the "
                "test only needs more time, raise `--timeout`, or `timeout` in `[test]`."};
        case Cause::Leftovers:
            return {"the test left processes behind",
                    "The log names them. Let the test end and wait for what it starts; `leftovers = \"reap\"` accepts "
                    "them."};
        case Cause::NotCleaned:
            return {"not everything could be ended",
                    "The log names what survived: it may disturb the next run on that machine."};
        case Cause::ReportNotWritten:
            return {"a report could not be written",
                    "See the reason. If the test removes or makes that folder, name one that stays as it is."};
        case Cause::KeeperKilled:
            return {"the process of vlmshim that its caller waits for was killed",
                    "Something sent it SIGKILL: the out-of-memory killer (see `dmesg`), a time limit of the CI system, "
                    "or `kill -9`. The run was ended all the same."};
        case Cause::SupervisorKilled:
            return {
                "the process of vlmshim that supervises the run was killed",
                "Something sent it SIGKILL: the out-of-memory killer (see `dmesg`), or `kill -9`. The run was ended "
                "all the same, but what happened in it is not known."};
        case Cause::SupervisorFailed:
            return {"the process of vlmshim that supervises the run failed",
                    "Its error is in the log: usually there was no memory, or no descriptor, left. The run was ended "
                    "all the same, but what happened in it is not known."};
    }
    return {};
}

}  // namespace vlmshim
