// What the clean-up sees of processes and does to them: the seam between its decisions and the kernel. Tests put
// processes of their own behind it.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "vlmshim/core/lifecycle/run_life.hpp"
#include "vlmshim/core/report/port_holder.hpp"
#include "vlmshim/core/values/proc_text.hpp"
#include "vlmshim/core/values/process.hpp"
#include "vlmshim/core/values/types.hpp"

namespace vlmshim {

/// What a process' environment says, as it was executed; nullopt: nothing, it was wiped, or may not be read.
struct RunMarks {
    std::optional<std::string> run;     // VLMSHIM_RUN
    std::optional<std::string> server;  // VLMSHIM_SERVER
};

class Processes {
public:
    virtual ~Processes() = default;

    // --- what is there; os/process.hpp and os/process_tree.hpp say more

    virtual Pid self() const = 0;
    /// Of this process; 0: it lies outside our PID namespace.
    virtual Pgid own_group() const = 0;
    virtual std::vector<Descendant> descendants_of(Pid root) const = 0;
    virtual std::vector<Pid> own_children() const = 0;
    /// os::proc_is_ours; else own_children asks for every number there is.
    virtual bool proc_is_ours() const = 0;
    virtual std::vector<ProcessIdentity> all() const = 0;
    /// Those outside `known` that carry this VLMSHIM_RUN.
    virtual std::vector<Descendant> escaped(const std::vector<Descendant>& known, const std::string& run) const = 0;
    /// os::newest_number
    virtual Pid newest_number() const = 0;
    virtual std::optional<ProcStat> stat(Pid pid) const = 0;
    virtual bool is_self_or_ancestor(Pid pid) const = 0;
    virtual std::optional<ProcUids> uids_of(Pid pid) const = 0;
    /// os::is_ours
    virtual bool is_ours(Pid pid) const = 0;
    /// What its environment says, believed only of a process that is ours; whose_run.hpp knows more. Without a keeper.
    virtual RunOfProcess claim_of(Pid pid) const = 0;
    /// The marks themselves, of whoever carries them: for one that is known to be of this run.
    virtual RunMarks marks_of(Pid pid) const = 0;
    /// Whether a VLMSHIM_RUN is that of the run which this process belongs to.
    virtual bool is_own_run(const std::string& id) const = 0;
    virtual std::string command_of(Pid pid) const = 0;
    virtual std::string user_of(Pid pid) const = 0;

    // --- what is done; os/kill.hpp says more

    virtual std::error_code send(const ProcessIdentity& process, Signal signal) = 0;
    virtual std::error_code send_and_wake(const ProcessIdentity& process, Signal signal) = 0;
    virtual std::error_code send_to_child(Pid child, Signal signal) = 0;
    virtual std::error_code send_to_own_group(Signal signal) = 0;
    virtual void raise_own_priority() = 0;
    /// Returns when one of them has ended, or the time is over.
    virtual void wait_for_an_end(const std::set<ProcessIdentity>& processes, Millis limit) = 0;

    // --- made of these

    std::optional<ProcessIdentity> identify(Pid pid) const;
    bool is_gone(const ProcessIdentity& process) const;
    /// "pid 4711 (llama-server ...)"
    std::string name_of(Pid pid) const;
    /// "pid 4711 (llama-server ...), user lena"
    std::string describe(Pid pid) const;
};

/// The machine's.
class SystemProcesses final : public Processes {
public:
    /// `run`: the token of the run that this process belongs to; empty: none.
    explicit SystemProcesses(std::string run = {}) : own_token_(std::move(run)) {}

    Pid self() const override;
    Pgid own_group() const override;
    std::vector<Descendant> descendants_of(Pid root) const override;
    std::vector<Pid> own_children() const override;
    bool proc_is_ours() const override;
    std::vector<ProcessIdentity> all() const override;
    std::vector<Descendant> escaped(const std::vector<Descendant>& known, const std::string& run) const override;
    Pid newest_number() const override;
    std::optional<ProcStat> stat(Pid pid) const override;
    bool is_self_or_ancestor(Pid pid) const override;
    std::optional<ProcUids> uids_of(Pid pid) const override;
    bool is_ours(Pid pid) const override;
    RunOfProcess claim_of(Pid pid) const override;
    RunMarks marks_of(Pid pid) const override;
    bool is_own_run(const std::string& id) const override;
    std::string command_of(Pid pid) const override;
    std::string user_of(Pid pid) const override;
    std::error_code send(const ProcessIdentity& process, Signal signal) override;
    std::error_code send_and_wake(const ProcessIdentity& process, Signal signal) override;
    std::error_code send_to_child(Pid child, Signal signal) override;
    std::error_code send_to_own_group(Signal signal) override;
    void raise_own_priority() override;
    void wait_for_an_end(const std::set<ProcessIdentity>& processes, Millis limit) override;

private:
    std::string own_token_;
    mutable std::optional<Whereabouts> here_;  // does not change
    mutable std::set<std::string> dead_runs_;  // nor does this
};

}  // namespace vlmshim
