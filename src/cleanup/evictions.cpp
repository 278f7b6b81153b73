#include "vlmshim/cleanup/evictions.hpp"

#include "vlmshim/cleanup/whose_run.hpp"
#include "vlmshim/core/values/signal_names.hpp"
#include "vlmshim/core/values/signal_numbers.hpp"

namespace vlmshim {

void Evictions::add(const ProcessIdentity& process, const RunOfProcess& run) {
    ending_.insert(process);
    if (run.state == RunOfProcess::State::Dead) {
        dead_runs_.insert(run.id);
        of_dead_runs_.insert(process);
    }
}

void Evictions::send(Signal signal) {
    add_rest_of_dead_runs();
    for (const ProcessIdentity& process : ending_) {
        const bool first = signalled_.insert(process).second;
        if (!first && signal != sigkill) {
            continue;
        }
        if (!processes_.is_gone(process)) {
            ended_.note(process, signal == sigkill ? EndedHow::Killed : EndedHow::Terminated,
                        [&] { return what_is(process); });
        }
        // A stopped process takes no signal but SIGKILL until it is continued.
        const auto error =
            signal == sigkill ? processes_.send(process, signal) : processes_.send_and_wake(process, signal);
        if (error) {
            refused_.insert(process);
            log_.debug(signal_name(signal), " to pid ", process.pid, ": ", error.message());
        }
    }
}

void Evictions::forget_gone() {
    std::erase_if(ending_, [this](const ProcessIdentity& process) { return processes_.is_gone(process); });
}

std::vector<SurvivorFacts> Evictions::survivor_facts() const {
    std::vector<SurvivorFacts> facts;
    for (const ProcessIdentity& process : ending_) {
        const auto stat = processes_.stat(process.pid);
        facts.push_back({refused_.contains(process) ? SurvivorFacts::Kill::Refused : SurvivorFacts::Kill::Taken,
                         stat ? stat->state : ProcessState::Other});
    }
    return facts;
}

EndedLog::What Evictions::what_is(const ProcessIdentity& process) const {
    return {of_dead_runs_.contains(process) ? EndedWhy::DeadRun : EndedWhy::PortHolder};
}

void Evictions::add_rest_of_dead_runs() {
    if (dead_runs_.empty()) {
        return;
    }
    for (const DeadRunsProcess& left : left_by_dead_runs(processes_)) {
        if (dead_runs_.contains(left.run.id)) {
            ending_.insert(left.process);
            of_dead_runs_.insert(left.process);
        }
    }
}

}  // namespace vlmshim
