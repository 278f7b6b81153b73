// Which processes belong to the run.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "vlmshim/cleanup/ended_log.hpp"
#include "vlmshim/cleanup/ownership.hpp"
#include "vlmshim/cleanup/processes.hpp"

namespace vlmshim {

/// What decides, beside the process tree, which processes are the run's.
struct FamilyScope {
    /// Children that this process had before it was vlmshim (a shell's, before its `exec vlmshim`):
    /// they and their descendants are never touched.
    std::vector<Pid> inherited_children{};
    /// The init of the run's PID namespace: no member of the run, but all members die with it.
    Pid namespace_init{};
    /// The run's VLMSHIM_RUN. Set where PR_SET_CHILD_SUBREAPER was refused: orphans get another
    /// parent then and are found by their environment only.
    std::string cookie{};
    /// Of the configuration. Decides no membership: a process that carries another VLMSHIM_SERVER is no server's.
    std::vector<std::string> server_names{};
};

class Family {
public:
    /// `processes` outlives it. Without `servers` the run has none.
    Family(const Processes& processes, FamilyScope scope, Ownership::Hooks servers = {})
        : processes_(processes), scope_(std::move(scope)), ownership_(processes, std::move(servers)) {}

    /// Dead ones (zombies) included.
    std::vector<Descendant> members() const;
    std::vector<Descendant> living() const;
    /// Whether it is one of members().
    bool has(Pid process) const;
    /// Returns members(); the living ones count as seen.
    std::vector<Descendant> look();
    /// The same, and what_is() knows the server of each afterwards.
    std::vector<Descendant> look_with_servers();
    /// Living members that belong to none of `servers`, including those orphaned while they are looked up. All living
    /// members count as seen.
    std::vector<Descendant> outside(const std::vector<ServerId>& servers);
    /// For a message: the same by a single walk, and none counts as seen.
    std::vector<Descendant> peek_outside(const std::vector<ServerId>& servers) { return without(servers, living()); }
    /// Children of this process, dead ones and the namespace's init included, without the inherited ones.
    std::vector<Pid> own_children() const;

    /// Living members that belong to a server: below its main process, or in the background.
    std::vector<Descendant> of_server(ServerId server);
    /// Those whose parent is not among them: its main process, and what it has put into the background.
    std::vector<Descendant> roots_of(ServerId server);
    /// Living members that belong to this server or to none.
    std::vector<Pid> of_server_or_none(ServerId server);
    /// Orphans of unknown origin are this server's from now on. For a time when they can come from no other process.
    void adopt_unknown(ServerId server);
    Signal stop_signal_of(const ProcessIdentity& process) const { return ownership_.stop_signal_of(process); }

    /// A member, for the report. What was not assigned to a server yet is judged by its environment.
    EndedLog::What what_is(const ProcessIdentity& process) const;

    /// None: waitid(2) has said ECHILD. For a subreaper that is the proof; otherwise a search has to find nothing, too.
    /// false also if that could not be proved.
    enum class Children { None, Some };
    bool is_empty(Children children) const;
    /// Whether orphans have to be searched for: their exits are not reported to us.
    bool needs_search() const { return !scope_.cookie.empty(); }

    /// What runs now belongs to the servers, and so do its later descendants.
    void note_before_test();
    /// Of `outside`, those that the test has left: started after note_before_test(), below no process that ran then,
    /// and of no server.
    std::vector<ProcessIdentity> left_by_test(const std::vector<Descendant>& outside) const;

    void count_as_seen(const ProcessIdentity& process) { seen_.insert(process); }
    /// The number of different processes that were found alive.
    std::size_t seen() const { return seen_.size(); }

    const FamilyScope& scope() const { return scope_; }

private:
    std::vector<Descendant> all_members() const;
    /// All that was found; Complete: nothing of the run is left beside it.
    struct Search {
        enum class Result { Complete, Open };
        std::vector<Descendant> found;
        Result result = Result::Complete;
    };
    Search search() const;
    void search_orphans(Search& search) const;
    bool finds_none() const;
    std::vector<Descendant> counted(std::vector<Descendant> found);
    std::vector<Descendant> without(const std::vector<ServerId>& servers, const std::vector<Descendant>& members);
    std::vector<Ownership::Owned> living_with_owners();

    const Processes& processes_;
    FamilyScope scope_;
    Ownership ownership_;
    std::set<ProcessIdentity> before_test_;
    std::set<ProcessIdentity> seen_;
};

}  // namespace vlmshim
