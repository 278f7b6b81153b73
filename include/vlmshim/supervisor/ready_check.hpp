// One thing that has to hold before a server is ready.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "vlmshim/cleanup/listener_owner.hpp"
#include "vlmshim/core/config/config.hpp"
#include "vlmshim/core/values/exit_status.hpp"
#include "vlmshim/loop/probe.hpp"

namespace vlmshim {

struct ReadyAnswer {
    ProbeResult result = ProbeResult::NotReady;
    std::string detail;  // "connection refused", "HTTP 503"
    int status = 0;      // of HTTP; 0: none came
    /// A process that is not the server's listens: this one.
    std::optional<ListenerOwner> stranger{};
};

/// Answers of a check: one at once or later, or several.
using TakeAnswer = std::function<void(const ReadyAnswer&)>;

/// A command that asks the server.
struct ProbeCommand {
    enum class Kind { Exec, Curl };
    Kind kind = Kind::Exec;
    std::vector<std::string> words;
    std::string input{};  // Curl: for its standard input; its output comes back with its end
};

/// What a check needs of the run.
struct ReadyHooks {
    AskNetwork ask_network;
    /// Its end comes back through command_ended(). Why it could not be started; empty: it was.
    std::function<std::string(const ProbeCommand&)> run_command;
    /// The one that runs, with everything below it, by SIGKILL.
    std::function<void()> kill_command;
    /// `address`: where a process has to listen; nullopt: anywhere.
    std::function<ListenerOwner(const std::optional<Address>& address, Port port)> owner_of;
    /// Why nothing that the server has written so far matches its `log`; empty: something does.
    std::function<std::string()> why_no_match;
    /// Why the socket accepts no connection; empty: it does.
    std::function<std::string(const std::string& path)> try_unix;
};

class ReadyCheck {
public:
    virtual ~ReadyCheck() = default;
    /// "http://127.0.0.1:8080/health"
    virtual std::string target() const = 0;
    virtual void ask() = 0;
    /// No answer comes any more, until ask() is called again.
    virtual void stop() {}
    /// The command that it had run.
    virtual void command_ended(ExitStatus, const std::string& /*output*/) {}
};

/// Whether a status counts as ready is the configuration's.
ReadyAnswer http_answer(const Ready& ready, int status);

}  // namespace vlmshim
