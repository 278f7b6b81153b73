// What the clean-up reads of processes and does to them: the seam between its decisions and the kernel. Unit tests
// implement it with fake processes.
#pragma once

#include <functional>
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

/// From the environment that a process was executed with; nullopt: not set, wiped, or not readable.
struct RunMarks {
    std::optional<std::string> run;     // VLMSHIM_RUN
    std::optional<std::string> server;  // VLMSHIM_SERVER
};

class Processes {
public:
    virtual ~Processes() = default;

    // --- reading; more in os/process.hpp and os/process_tree.hpp

    virtual Pid self() const = 0;
    /// Of this process; 0: it lies outside our PID namespace.
    virtual Pgid own_group() const = 0;
    virtual std::vector<Descendant> descendants_of(Pid root) const = 0;
    virtual std::vector<Pid> own_children() const = 0;
    /// os::proc_is_ours; if not, own_children() has to try every pid.
    virtual bool proc_is_ours() const = 0;
    virtual std::vector<ProcessIdentity> all() const = 0;
    virtual std::vector<Pid> all_pids() const = 0;
    /// os::carrier
    virtual std::optional<Descendant> carrier(Pid pid, const std::string& run) const = 0;
    /// os::newest_number
    virtual Pid newest_number() const = 0;
    virtual std::optional<ProcStat> stat(Pid pid) const = 0;
    virtual std::optional<ProcUids> uids_of(Pid pid) const = 0;
    /// os::is_ours
    virtual bool is_ours(Pid pid) const = 0;
    /// By its environment alone, which is believed only of a process that is ours; without `keeper`. run_of() in
    /// whose_run.hpp looks further.
    virtual RunOfProcess claim_of(Pid pid) const = 0;
    /// Of any process, also of another user's: for one that is known to be of this run.
    virtual RunMarks marks_of(Pid pid) const = 0;
    /// Whether the VLMSHIM_RUN `id` is that of this process' run.
    virtual bool is_own_run(const std::string& id) const = 0;
    virtual std::string command_of(Pid pid) const = 0;
    virtual std::string user_of(Pid pid) const = 0;

    // --- acting; more in os/kill.hpp

    virtual std::error_code send(const ProcessIdentity& process, Signal signal) = 0;
    virtual std::error_code send_and_wake(const ProcessIdentity& process, Signal signal) = 0;
    virtual std::error_code send_to_child(Pid child, Signal signal) = 0;
    virtual std::error_code send_to_own_group(Signal signal) = 0;
    virtual void raise_own_priority() = 0;
    /// Returns when one of them has ended, or after `limit`.
    virtual void wait_for_an_end(const std::set<ProcessIdentity>& processes, Millis limit) = 0;

    // --- derived

    std::optional<ProcessIdentity> identify(Pid pid) const;
    bool is_gone(const ProcessIdentity& process) const;
    /// "pid 4711 (llama-server ...)"
    std::string name_of(Pid pid) const;
    /// "pid 4711 (llama-server ...), user lena"
    std::string describe(Pid pid) const;
    /// The nearest ancestor for which `matches` is true, as far up as the chain of parents can be read.
    std::optional<ProcStat> find_ancestor(Pid pid, const std::function<bool(const ProcStat&)>& matches) const;
    /// Of this process.
    bool is_self_or_ancestor(Pid pid) const;
};

/// Those of this machine.
class SystemProcesses final : public Processes {
public:
    /// `run`: the token of this process' run; empty: none.
    explicit SystemProcesses(std::string run = {}) : own_token_(std::move(run)) {}

    Pid self() const override;
    Pgid own_group() const override;
    std::vector<Descendant> descendants_of(Pid root) const override;
    std::vector<Pid> own_children() const override;
    bool proc_is_ours() const override;
    std::vector<ProcessIdentity> all() const override;
    std::vector<Pid> all_pids() const override;
    std::optional<Descendant> carrier(Pid pid, const std::string& run) const override;
    Pid newest_number() const override;
    std::optional<ProcStat> stat(Pid pid) const override;
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
    // Neither changes once it is known.
    mutable std::optional<Whereabouts> here_;
    mutable std::set<std::string> dead_runs_;
};

}  // namespace vlmshim
