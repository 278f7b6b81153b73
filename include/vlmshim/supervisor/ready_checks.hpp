// All that has to hold before a server is ready, made from its [server.ready].
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "vlmshim/loop/clock.hpp"
#include "vlmshim/supervisor/ready_check.hpp"

namespace vlmshim {

/// Whether the server is of this run. Who listens on the port of another one is not looked at.
enum class Whose { Ours, NotOurs };

/// In the order in which they are to be asked: first what costs nothing and the server does not notice. The listener is
/// looked at first and last.
class ReadyChecks {
public:
    using Answered = std::function<void(const ReadyCheck& of, const ReadyAnswer& answer)>;
    /// All references outlive it.
    ReadyChecks(Clock& clock, const Ready& ready, std::optional<Port> port, Whose whose, const ReadyHooks& hooks,
                Answered answered);

    /// At least one.
    const std::vector<ReadyCheck*>& in_order() const { return order_; }
    /// Of all of them, in a list.
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
