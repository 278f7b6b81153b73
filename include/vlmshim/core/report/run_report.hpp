// The report of a run, vlmshim-report(5): plain values and their JSON text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "vlmshim/core/config/config.hpp"
#include "vlmshim/core/lifecycle/lifecycle.hpp"
#include "vlmshim/core/report/answer_history.hpp"
#include "vlmshim/core/report/ended_process.hpp"
#include "vlmshim/core/report/port_holder.hpp"
#include "vlmshim/core/report/verdict.hpp"
#include "vlmshim/core/values/exit_status.hpp"
#include "vlmshim/core/values/kept_output.hpp"
#include "vlmshim/core/values/server_id.hpp"
#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

/// All times are since the start of the run.
struct RunReport {
    struct PhaseTime {
        Phase phase;
        Millis at;
    };
    struct OutputFile {
        std::string path;
    };
    /// Of a server: its kept lines, or their file. Neither: it was not started, or its output was not kept.
    using Output = std::variant<std::monostate, KeptLines, OutputFile>;
    /// Who listened on a server's port. Of several processes the one that was started first.
    struct Listening {
        Pid pid;
        std::string command;
        std::vector<std::string> addresses;  // of all of them: "127.0.0.1:8080", "[::]:8080"
    };
    struct Server {
        std::string name;
        std::vector<std::string> command;
        Port port;
        Pid pid;              // 0: not started
        bool reused = false;  // not started: another process listened already
        std::string probe;    // "http://127.0.0.1:8080/health"
        std::optional<Millis> started_at;
        std::optional<Millis> ready_at;
        std::optional<Millis> listener_lost_at;  // though it was alive
        AnswerHistory answers;                   // their times are since started_at
        Output output;
        std::optional<ExitStatus> status;
        std::optional<Millis> ended_at{};
        std::optional<Listening> listening{};  // when it became ready; nullopt also: nobody does, or it cannot be seen
    };
    struct Test {
        Pid pid;
        Millis started_at;
        std::optional<Millis> ended_at;
        std::optional<ExitStatus> status;
    };
    struct SignalSeen {
        Millis at;
        Signal signal;
        Pid sender;  // 0: not known
        std::string from;
    };
    /// What was told to the user, as a warning or an error.
    struct Warning {
        Millis at;
        std::string text;
        LogLevel level = LogLevel::Warning;  // or Error
    };
    /// Another process that was seen listening where a server should.
    struct Stranger {
        Millis at;  // for the first time
        std::string server;
        std::string description;  // pid, user, command, and where it listens
    };
    /// Lines of ours that were lost because nobody read them in time.
    struct SlowReader {
        std::string stream;  // "standard error"
        std::size_t dropped;
    };
    /// Where it ran, for a reader who was not there.
    struct Environment {
        std::string vlmshim;                        // "vlmshim 0.1.0 (a1b2c3d)", with the commit
        std::string kernel;                         // "Linux 6.1.0-18-amd64"
        std::string machine;                        // "x86_64"
        std::size_t processors = 0;                 // that this process may run on; 0: not known
        std::optional<std::uint64_t> open_files{};  // RLIMIT_NOFILE; nullopt: no limit
        std::optional<std::uint64_t> processes{};   // RLIMIT_NPROC
        bool pid_one = false;                       // no keeper: it was the first process of its PID namespace
        bool subreaper = true;                      // false: orphans of the run had to be searched for
    };

    std::string run;  // VLMSHIM_RUN; empty: no run was started
    ReportWriter written_by = ReportWriter::Supervisor;
    std::vector<std::string> command;
    std::string config_file;
    Millis started{0};  // since the Unix epoch
    Millis duration{0};
    std::vector<PhaseTime> phases;
    std::vector<Server> servers;
    std::optional<Test> test;
    std::vector<SignalSeen> signals;
    std::vector<EndedProcess> ended;
    std::size_t ended_total = 0;  // of very many only the first are listed
    std::vector<Port> ports;
    std::optional<std::vector<PortHolder>> ports_before;  // nullopt: not looked at
    std::optional<std::vector<PortHolder>> ports_after;
    std::optional<ExitStatus> status;  // how vlmshim ends; nullopt: it still runs
    Cause cause = Cause::None;
    std::optional<ServerId> blamed;        // the server that the cause is about; nullopt: it is about none
    std::optional<Signal> ended_by;        // the signal that ended the run; nullopt: none did
    std::string reason;                    // the last line on standard error
    std::vector<std::string> errors;       // usage and configuration
    std::vector<Warning> warnings;         // in the order in which they were told
    std::vector<Stranger> strangers;       // each once
    std::vector<SlowReader> slow_readers;  // those that lost something
    std::string config_text;               // in effect, as --check prints it, without a value of env and headers
    Environment environment;
    std::string clean_up;  // the sentence of the log; empty: there was nothing to end, or it failed
};

Verdict verdict_of(const RunReport& report);

/// nullptr: there is none.
const RunReport::Server* blamed_server(const RunReport& report);

/// The signal that ended the run, with its sender; nullptr: there was none, or too many others were seen.
const RunReport::SignalSeen* ending_signal(const RunReport& report);

/// Whether its main process ended when the run did, usually because vlmshim asked it to, and not by itself before.
bool ended_with_run(const RunReport& report, const RunReport::Server& server);

/// Whether vlmshim asked it to end. The end of a test that ends by itself begins the drain.
bool was_ended(const RunReport& report, const RunReport::Test& test);

/// The guarded ports, without those that were to be chosen and were not.
std::vector<Port> numbered_ports(const RunReport& report);

std::string to_json(const RunReport& report);

}  // namespace vlmshim
