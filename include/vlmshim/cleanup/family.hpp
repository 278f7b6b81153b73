// Who belongs to the run.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "vlmshim/cleanup/ownership.hpp"
#include "vlmshim/cleanup/processes.hpp"

namespace vlmshim {

/// Which processes are the run's, beside what is below this process.
struct FamilyScope {
    /// Children that this process had before it was vlmshim (a shell's, before its `exec vlmshim`):
    /// they and what is below them are never touched.
    std::vector<Pid> strangers{};
    /// The init of the run's PID namespace: not of the run itself, but its end is everybody's.
    Pid namespace_init{};
    /// The run's VLMSHIM_RUN. Set where PR_SET_CHILD_SUBREAPER was refused: orphans went to another
    /// parent then and are found by their environment only.
    std::string cookie{};
};

class Family {
public:
    /// `processes` outlives it. Without `servers` there are none.
    Family(const Processes& processes, FamilyScope scope, Ownership::Hooks servers = {})
        : processes_(processes), scope_(std::move(scope)), ownership_(processes, std::move(servers)) {}

    /// Everybody, the dead ones too.
    std::vector<Descendant> members() const;
    std::vector<Descendant> living() const;
    /// The same as members(), and those that live count as seen.
    std::vector<Descendant> look();
    /// Living ones, none missed that became an orphan meanwhile, that belong to none of `servers`; seen from now on.
    std::vector<Descendant> outside(const std::vector<ServerId>& servers);
    /// The same for showing it: by one look, which nobody is counted for.
    std::vector<Descendant> shown_outside(const std::vector<ServerId>& servers) { return without(servers, living()); }

    /// Living ones that belong to a server: below its main process, or in the background.
    std::vector<Descendant> of_server(ServerId server);
    /// Of these, those whose parent is none: its main process, and what it has put into the background.
    std::vector<Descendant> roots_of(ServerId server);
    /// Living ones that belong to no other server.
    std::vector<Pid> of_no_other_than(ServerId server);
    /// An orphan that nothing is known of is this server's: nobody else is there yet that it could be from.
    void adopt_unknown(ServerId server);
    Signal stop_signal_of(const ProcessIdentity& process) const { return ownership_.stop_signal_of(process); }

    /// ECHILD of waitid(2), `children`, is the proof only for a subreaper; otherwise nothing may be found either.
    enum class Children { None, Some };
    bool is_empty(Children children) const;
    /// Whether orphans have to be looked for: nobody tells us of their end.
    bool needs_search() const { return !scope_.cookie.empty(); }

    /// What runs now belongs to the servers, and so does what will be found below it.
    void note_before_test();
    /// Those of outside() that came after that, not from what was there then, and are no server's: the test's.
    std::vector<ProcessIdentity> left_by_test(const std::vector<Descendant>& outside) const;

    void count_as_seen(const ProcessIdentity& process) { seen_.insert(process); }
    /// How many different processes were found alive.
    std::size_t seen() const { return seen_.size(); }

    const FamilyScope& scope() const { return scope_; }

private:
    std::vector<Descendant> all_members() const;
    bool nobody_is_found() const;
    std::vector<Descendant> counted(std::vector<Descendant> found);
    std::vector<Descendant> without(const std::vector<ServerId>& servers, const std::vector<Descendant>& members);
    std::vector<Ownership::Owned> owned();

    const Processes& processes_;
    FamilyScope scope_;
    Ownership ownership_;
    std::set<ProcessIdentity> before_test_;
    std::set<ProcessIdentity> seen_;
};

}  // namespace vlmshim
