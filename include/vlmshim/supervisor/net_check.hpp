// A server that is asked over the network: for HTTP by a GET, else by a connection.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "vlmshim/loop/clock.hpp"
#include "vlmshim/supervisor/ready_check.hpp"

namespace vlmshim {

/// Beside a question that is not answered for long another one is asked.
class NetCheck final : public ReadyCheck {
public:
    /// All references outlive it.
    NetCheck(TakeAnswer answer, Clock& clock, const Ready& ready, NetTarget where, std::string target,
             const ReadyHooks& hooks);

    std::string target() const override { return target_; }
    void ask() override;
    void stop() override;

private:
    TakeAnswer answer_;
    const Ready& ready_;
    NetTarget where_;
    std::string target_;
    const ReadyHooks& hooks_;
    std::map<int, std::unique_ptr<Probe>> probes_;  // that wait for an answer, by their number
    int asked_ = 0;
    std::unique_ptr<Alarm> beside_;
};

}  // namespace vlmshim
