// The end of every process that the run has started: told to stop, killed, proven gone.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "vlmshim/cleanup/family.hpp"
#include "vlmshim/cleanup/killing.hpp"
#include "vlmshim/cleanup/stopping.hpp"
#include "vlmshim/core/lifecycle/lifecycle_events.hpp"
#include "vlmshim/loop/clock.hpp"
#include "vlmshim/os/wait.hpp"
#include "vlmshim/supervisor/narrator.hpp"
#include "vlmshim/supervisor/run_scope.hpp"
#include "vlmshim/supervisor/run_timers.hpp"

namespace vlmshim {

class Teardown {
public:
    struct Hooks {
        /// Whose main process lives, or processes in the background: they are stopped later.
        std::function<std::vector<ServerId>()> living_servers;
        /// Whether a process lives that we have started ourselves.
        std::function<bool()> main_processes_live;
        /// Reaps what has ended, and reports it.
        std::function<void()> reap;
        PushEvent report;
    };

    /// All outlive it.
    Teardown(Processes& processes, RunScope& scope, EndedLog& ended, Narrator& narrator, Log& log, Clock& clock,
             Ownership::Hooks servers, Hooks hooks);

    /// From now on there is something to end.
    void something_started() { empty_ = false; }
    /// The processes that live now belong to the servers.
    void note_before_test();
    void stop_leftovers(Blame blame);
    void kill_leftovers();
    /// Sends its stop signal to its main process and to what it has left in the background, unless they got one before;
    /// `told`: which processes the request to end has reached already.
    void stop_server(ServerId server, Reach told);
    /// The same for all processes of it.
    void stop_server_tree(ServerId server, Reach told);
    void kill_server(ServerId server) { killing_.kill(family_.of_server(server)); }
    /// Until TreeEmpty or KillingGaveUp is reported.
    void kill_everything(KillReason reason);
    void report_survivors() { killing_.report_survivors(); }

    /// To be called with each round of reaping, before its ends are handled.
    void reaped(const os::WaitRound& round);
    /// To be called afterwards: reports TreeEmpty if nothing was started in between.
    void report_if_empty();
    bool is_empty() const { return empty_; }
    /// What lives beside the servers: "pid 4711 (sleep 60)", "3 processes"; empty: nothing.
    std::string leftovers();
    /// Whether processes that are not our children have to be looked for again: no SIGCHLD reports their end.
    bool must_poll() const { return begun_ && !empty_ && children_ == Family::Children::None; }

    Stopping& stopping() { return stopping_; }
    Family& family() { return family_; }

private:
    void kill_step();
    void release_namespace();

    RunScope& scope_;
    const Processes& processes_;
    Narrator& narrator_;
    Clock& clock_;
    Hooks hooks_;
    Family family_;
    Stopping stopping_;
    Killing killing_;
    std::unique_ptr<Alarm> next_round_;
    Family::Children children_ = Family::Children::None;  // as of the last reaping
    bool empty_ = true;
    bool begun_ = false;
    bool killing_everything_ = false;
};

}  // namespace vlmshim
