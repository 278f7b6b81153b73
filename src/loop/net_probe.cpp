#include "vlmshim/loop/net_probe.hpp"

#include <utility>

#include "net_attempt.hpp"

namespace vlmshim::loop {

namespace {

class NetProbe final : public Probe {
public:
    NetProbe(Loop& loop, NetTarget target, std::shared_ptr<EndingAttempts> ending,
             std::function<void(const NetAnswer&)> answered)
        : ending_(std::move(ending)),
          attempt_(std::make_shared<NetAttempt>(loop, std::move(target), *ending_, std::move(answered))) {
        attempt_->try_next_address();
    }
    ~NetProbe() override { attempt_->abandon(); }
    NetProbe(const NetProbe&) = delete;
    NetProbe& operator=(const NetProbe&) = delete;

private:
    std::shared_ptr<EndingAttempts> ending_;
    std::shared_ptr<NetAttempt> attempt_;
};

}  // namespace

AskNetwork ask_network(Loop& loop) {
    return [&loop, ending = std::make_shared<EndingAttempts>()](const NetTarget& target,
                                                                std::function<void(const NetAnswer&)> answered) {
        return std::make_unique<NetProbe>(loop, target, ending, std::move(answered));
    };
}

}  // namespace vlmshim::loop
