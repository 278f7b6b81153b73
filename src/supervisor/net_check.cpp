#include "vlmshim/supervisor/net_check.hpp"

#include "vlmshim/core/lifecycle/time_limits.hpp"

namespace vlmshim {

NetCheck::NetCheck(TakeAnswer answer, Clock& clock, const Ready& ready, NetTarget where, std::string target,
                   const ReadyHooks& hooks)
    : answer_(std::move(answer)),
      ready_(ready),
      where_(std::move(where)),
      target_(std::move(target)),
      hooks_(hooks),
      beside_(clock.make_alarm([this] { ask(); })) {}

void NetCheck::ask() {
    if (probes_.size() >= most_probes_at_once) {
        return;
    }
    const int number = ++asked_;
    beside_->start(probe_silence);
    probes_[number] = hooks_.ask_network(where_, [this, number](const NetAnswer& said) {
        const auto done = probes_.extract(number);  // destroyed when this returns
        answer_(said.status != 0 ? http_answer(ready_, said.status) : ReadyAnswer{said.result, said.detail});
    });
}

void NetCheck::stop() {
    probes_.clear();
    beside_->stop();
}

}  // namespace vlmshim
