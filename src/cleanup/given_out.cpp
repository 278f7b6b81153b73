#include "vlmshim/cleanup/given_out.hpp"

#include <utility>

namespace vlmshim {

std::vector<Pid> GivenOut::next() {
    const Pid last = std::exchange(newest_, processes_.newest_number());
    const bool are_known = last != Pid{} && newest_ != Pid{};
    std::vector<Pid> pids;
    if (are_known && newest_ >= last) {
        for (Pid pid{last.value + 1}; pid <= newest_; ++pid.value) {
            pids.push_back(pid);
        }
        return pids;
    }
    pids = processes_.all_pids();
    const auto before = std::exchange(listed_, {pids.begin(), pids.end()});
    if (!are_known) {  // else the numbers begin anew
        std::erase_if(pids, [&](Pid pid) { return before.contains(pid); });
    }
    return pids;
}

}  // namespace vlmshim
