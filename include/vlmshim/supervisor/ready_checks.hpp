// The things that can have to hold before a server is ready, each asked in its own way.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "vlmshim/cleanup/listener_owner.hpp"
#include "vlmshim/core/config/config.hpp"
#include "vlmshim/core/values/exit_status.hpp"
#include "vlmshim/loop/clock.hpp"
#include "vlmshim/loop/probe.hpp"

namespace vlmshim {

struct ReadyAnswer {
    ProbeResult result = ProbeResult::NotReady;
    std::string detail;  // "connection refused", "HTTP 503"
    int status = 0;      // of HTTP; 0: none came
    /// Somebody else listens: this one.
    std::optional<ListenerOwner> stranger{};
};

/// A command that asks, and what it is asked with.
struct ProbeCommand {
    enum class Kind { Exec, Curl };
    Kind kind = Kind::Exec;
    std::vector<std::string> words;
    std::string input{};  // Curl: what it reads; what it writes comes back with its end
};

struct ReadyHooks {
    AskNetwork ask_network;
    /// Its end comes back through command_ended(). Why it could not be started; empty: it was.
    std::function<std::string(const ProbeCommand&)> run_command;
    /// The one that runs: with everything below it, by SIGKILL.
    std::function<void()> kill_command;
    /// `address`: somebody has to listen there; nullopt: anywhere.
    std::function<ListenerOwner(const std::optional<Address>& address, Port port)> owner_of;
    /// Why nothing that the server has written so far matches its `log`; empty: something does.
    std::function<std::string()> why_no_match;
    /// Why the socket accepts no connection; empty: it does.
    std::function<std::string(const std::string& path)> try_unix;
};

/// Asks when it is told to, and answers through what it was made with: at once, later, or several times.
class ReadyCheck {
public:
    virtual ~ReadyCheck() = default;
    /// "http://127.0.0.1:8080/health"
    virtual std::string target() const = 0;
    virtual void ask() = 0;
    /// No answer comes any more, until it is asked anew.
    virtual void stop() {}
    /// The command that it had run.
    virtual void command_ended(ExitStatus, const std::string& /*output*/) {}
};

/// Whose server is asked. Of somebody else's nobody looks who listens there.
enum class Whose { Ours, SomebodyElses };

/// In the order in which they are to be asked: what costs nothing, and nobody else sees, first; who listens also last.
/// All references outlive them.
class ReadyChecks {
public:
    using Answered = std::function<void(const ReadyCheck& of, const ReadyAnswer& answer)>;
    ReadyChecks(Clock& clock, const ServerConfig& server, std::optional<Port> port, Whose whose,
                const ReadyHooks& hooks, Answered answered);

    const std::vector<ReadyCheck*>& in_order() const { return order_; }
    /// All of them, for people.
    const std::string& target() const { return target_; }

private:
    template <typename Check, typename... Arguments>
    ReadyCheck& add(Arguments&&... arguments);

    Answered answered_;
    std::vector<std::unique_ptr<ReadyCheck>> checks_;
    std::vector<ReadyCheck*> order_;
    std::string target_;
};

}  // namespace vlmshim
