// The processes of the run: who is asked to end, who is made to, who is still there.
#pragma once

#include <spdlog/logger.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "vlmshim/cleanup/ended_log.hpp"
#include "vlmshim/core/lifecycle/lifecycle_events.hpp"
#include "vlmshim/core/values/types.hpp"
#include "vlmshim/os/process_tree.hpp"
#include "vlmshim/os/wait.hpp"

namespace vlmshim {

/// Which processes are the run's, beside what is below this process.
struct TreeScope {
    /// Children that this process had before it was vlmshim (a shell's, before its `exec vlmshim`):
    /// they and what is below them are never touched.
    std::vector<Pid> strangers;
    /// The init of the run's PID namespace: not of the run itself, but its end is everybody's.
    Pid namespace_init;
    /// The run's VLMSHIM_RUN. Set where PR_SET_CHILD_SUBREAPER was refused: orphans went to another
    /// parent then and are found by their environment only.
    std::string cookie;
};

class Tree {
public:
    explicit Tree(spdlog::logger& log, TreeScope scope = {});

    /// What is known from now on.
    void set_scope(TreeScope scope) { scope_ = std::move(scope); }
    /// waitid's ECHILD is the proof only for a subreaper; otherwise nothing may be found either.
    bool needs_search() const { return !scope_.cookie.empty(); }
    bool search_finds_nothing() const { return survivors().empty(); }

    void record_into(EndedLog& ended) { ended_ = &ended; }

    /// Sends `signal`, then SIGCONT, to one process unless it was asked before. What is below it
    /// now would be asked with the same signal, should it become an orphan.
    void ask(Pid process, Signal signal);
    /// The same to everything below it.
    void ask_below(Pid process, Signal signal);
    /// What runs now belongs to the servers, and so does what will be found below it.
    void note_before_test();
    /// Living descendants that are neither of `servers` nor below one.
    std::vector<os::Descendant> outside(const std::vector<Pid>& servers);
    /// Those of them that came after that, and not from what was there then: the test's.
    std::vector<os::ProcessIdentity> left_by_test(const std::vector<os::Descendant>& outside) const;

    /// SIGTERM (or its server's stop signal) to each of them, unless asked before.
    void ask_leftovers(const std::vector<os::Descendant>& outside);

    /// SIGCONT, after a ^Z that was not meant for them.
    void continue_with_below(Pid process);
    void kill_with_below(Pid process);
    void kill_leftovers(const std::vector<Pid>& servers);
    /// One round of SIGKILL over all descendants. True: some were met for the first time, so the next
    /// round should follow at once. Between rounds the dead have to be reaped.
    bool kill_round();

    /// Passes a signal on to a child that has not been reaped, without counting it as asked; SIGCONT after it when
    /// it is stopped and `wake` is set.
    void pass_on(Pid child, Signal signal, Wake wake);
    /// To every member of the run's process group but ourselves and `sender`.
    void pass_on_to_group(Signal signal, Pid sender);

    /// Living descendants now.
    std::vector<os::Descendant> survivors() const;
    /// Children that have ended and cannot be reaped.
    std::vector<os::ProcessIdentity> dead_but_kept() const;
    /// Some of them took our SIGKILL and would be gone, had they got a processor since.
    bool any_dying() const;
    /// How many different processes were found alive by the calls above.
    std::size_t seen() const { return seen_.size(); }

private:
    std::vector<os::Descendant> descendants() const;
    std::vector<os::Descendant> look();
    void ask_identity(const os::ProcessIdentity& process, Signal signal);
    bool note_kill(const os::ProcessIdentity& process);
    bool kill_identity(const os::ProcessIdentity& process);
    std::set<Pid> kill_children();

    void record(const os::ProcessIdentity& process, EndedHow how);
    void record_all(EndedHow how);

    spdlog::logger& log_;
    EndedLog* ended_ = nullptr;
    bool killing_ = false;
    Pid self_;
    TreeScope scope_;
    std::set<os::ProcessIdentity> before_test_;
    std::set<os::ProcessIdentity> asked_;
    std::set<os::ProcessIdentity> seen_;
    std::set<os::ProcessIdentity> killed_;                // or tried to
    std::set<os::ProcessIdentity> refused_;               // of these, another user's
    std::map<os::ProcessIdentity, Signal> stop_signals_;  // of processes seen below a server
};

}  // namespace vlmshim
