#include "vlmshim/keeper/keeper.hpp"

#include <cstdlib>
#include <system_error>

#include "vlmshim/cleanup/report_facts.hpp"
#include "vlmshim/cleanup/signal_wait.hpp"
#include "vlmshim/core/values/process_names.hpp"
#include "vlmshim/keeper/keeper_process.hpp"
#include "vlmshim/log/writer.hpp"
#include "vlmshim/os/own_process.hpp"
#include "vlmshim/os/process_title.hpp"
#include "vlmshim/os/process_tree.hpp"
#include "vlmshim/os/spawn.hpp"

namespace vlmshim {

ExitStatus keep(const RunSetup& setup, const std::function<os::ToKeeper(int link)>& supervise) {
    FamilyScope scope;
    scope.server_names = server_names(setup.config);
    scope.inherited_children = os::has_children() ? os::own_children() : std::vector<Pid>{};
    const bool is_subreaper = !os::become_subreaper();  // refused: the supervisor logs that for itself
    std::error_code error;
    os::LinkEnds link = os::open_link(error);
    if (error) {
        throw std::system_error(error, "socketpair");
    }
    const auto forked = os::fork_process();
    if (const auto* refused = std::get_if<std::error_code>(&forked)) {
        throw std::system_error(*refused, "fork");
    }
    const Pid supervisor = std::get<Pid>(forked);
    if (supervisor.value == 0) {
        // Only copies of the arguments are used by now, so their memory can be overwritten.
        os::take_name(supervisor_name);
        setup.inheritance.arguments.show(supervisor_name);
        link.keeper.reset();
        os::continue_when_parent_ends();
        const os::ToKeeper last = supervise(link.supervisor.get());
        setup.writer.write_rest();
        os::send_message(link.supervisor.get(), last);
        std::_Exit(EXIT_SUCCESS);
    }
    if (!is_subreaper && setup.config.isolation == Isolation::None) {  // in a namespace orphans stay there
        scope.cookie = to_string(os::complete(setup.mark.id, supervisor));
    }
    link.supervisor.reset();
    setup.writer.forget();                         // the supervisor has a copy of the queue and writes it
    os::close_all(setup.inheritance.descriptors);  // the test's
    SystemKeeperWorld world(std::move(link.keeper));
    SystemProcesses processes(setup.mark.id.token);
    const SystemSockets sockets;
    SignalWait reader(setup.inheritance.signals);
    return Keeper(setup.config, setup.log, world, processes, sockets, {setup.reports, setup.summary, reader},
                  supervisor, scope)
        .run();
}

}  // namespace vlmshim
