#include "vlmshim/supervisor/run_scope.hpp"

#include <system_error>

#include "vlmshim/cleanup/report_facts.hpp"
#include "vlmshim/os/own_process.hpp"
#include "vlmshim/os/process.hpp"
#include "vlmshim/os/wait.hpp"

namespace vlmshim {

namespace {

os::PidNamespace isolate(const os::Inheritance& inheritance, Log& log) {
    auto made = os::make_pid_namespace(inheritance.arguments);
    if (const auto* error = std::get_if<os::NamespaceError>(&made)) {
        throw std::system_error(error->error, "pid_namespace = true is not possible here: " + error->step);
    }
    auto& created = std::get<os::PidNamespace>(made);
    if (!created.mounts) {
        log.warn("the namespace could not get a /proc of its own: /proc shows the pids outside");
    }
    return std::move(created);
}

}  // namespace

RunScope prepare_scope(const Config& config, const os::Inheritance& inheritance, const std::string& run, Log& log) {
    RunScope scope;
    scope.family.server_names = server_names(config);
    const auto refused = os::become_subreaper();
    if (refused) {
        scope.family.cookie = run;
    }
    switch (config.isolation) {
        case Isolation::None:
            break;
        case Isolation::PidNamespace:
            scope.pid_namespace = isolate(inheritance, log);
            scope.family.namespace_init = scope.pid_namespace.init;
            scope.family.cookie.clear();  // orphans stay in the namespace
            break;
    }
    // Only now: a log message may start a thread, and a process with threads gets no user namespace, unshare(2).
    if (refused) {
        log.warn("PR_SET_CHILD_SUBREAPER: ", refused.message(), ": daemons are found by their environment only");
    }
    if (!os::proc_is_ours()) {
        log.warn("there is no /proc of ours: processes are found late, when their parents have ended");
    }
    return scope;
}

void leave_scope(RunScope& scope) {
    if (scope.pid_namespace.release) {  // nothing was started in it
        scope.pid_namespace.release.reset();
        os::wait_for_child(scope.pid_namespace.init);
    }
}

}  // namespace vlmshim
