#include "vlmshim/supervisor/command_check.hpp"

#include <utility>

#include "vlmshim/core/values/curl.hpp"
#include "vlmshim/core/values/duration.hpp"

namespace vlmshim {

CommandCheck::CommandCheck(TakeAnswer answer, Clock& clock, const Ready& ready, ProbeCommand command,
                           std::string target, const ReadyHooks& hooks)
    : answer_(std::move(answer)),
      ready_(ready),
      command_(std::move(command)),
      target_(std::move(target)),
      hooks_(hooks),
      limit_alarm_(clock.make_alarm([this] { kill_hung(); })) {}

void CommandCheck::ask() {
    is_asked_ = true;
    if (const std::string why = runs_ ? std::string() : hooks_.run_command(command_); !why.empty()) {
        is_asked_ = false;
        answer_({ProbeResult::NotReady, "the probe command could not be started: " + why});
        return;
    }
    runs_ = true;
    limit_alarm_->start(limit_);
}

void CommandCheck::stop() {
    is_asked_ = false;
    limit_alarm_->stop();
}

void CommandCheck::kill_hung() {
    hung_ = true;
    limit_ *= 2;
    hooks_.kill_command();
}

void CommandCheck::command_ended(ExitStatus status, const std::string& output) {
    const bool hung = std::exchange(hung_, false);
    const bool was_asked = std::exchange(is_asked_, false);
    runs_ = false;
    limit_alarm_->stop();
    if (was_asked && hung) {
        answer_({ProbeResult::NotReady,
                 "the probe command did not end within " + describe_duration(limit_ / 2) + ": killed"});
    } else if (was_asked) {
        answer_(answer_of(status, output));
    }
}

ReadyAnswer CommandCheck::answer_of(ExitStatus status, const std::string& output) const {
    switch (command_.kind) {
        case ProbeCommand::Kind::Curl: {
            const CurlAnswer said = read_curl_output(output);
            return said.status != 0 ? http_answer(ready_, said.status) : ReadyAnswer{ProbeResult::NotReady, said.error};
        }
        case ProbeCommand::Kind::Exec:
            break;
    }
    return {status.success() ? ProbeResult::Ready : ProbeResult::NotReady, "the probe command " + describe(status)};
}

}  // namespace vlmshim
