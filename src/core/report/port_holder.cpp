#include "vlmshim/core/report/port_holder.hpp"

#include <utility>

#include "vlmshim/core/report/json_members.hpp"
#include "vlmshim/core/report/text_table.hpp"
#include "vlmshim/core/values/duration.hpp"
#include "vlmshim/core/values/utc_text.hpp"

namespace vlmshim {

namespace {

std::string describe_run(const RunOfProcess& run) {
    switch (run.state) {
        case RunOfProcess::State::None:
            return "-";
        case RunOfProcess::State::Alive:
            return run.keeper.value != 0 ? "pid " + std::to_string(run.keeper.value) + ", alive" : "alive";
        case RunOfProcess::State::Dead:
            return "dead";
        case RunOfProcess::State::Unknown:
            return "unknown";
    }
    return {};
}

std::string_view state_name(RunOfProcess::State state) {
    switch (state) {
        case RunOfProcess::State::None:
            break;
        case RunOfProcess::State::Alive:
            return "alive";
        case RunOfProcess::State::Dead:
            return "dead";
        case RunOfProcess::State::Unknown:
            return "unknown";
    }
    return "none";
}

std::vector<std::string> row_of(const PortHolder& holder) {
    const std::string address = describe_address(holder.listener);
    const std::string user = holder.user.empty() ? "-" : holder.user;
    if (holder.pid.value == 0) {
        return {address, "-", user, "-", "-", "owner not visible because " + holder.not_visible_because};
    }
    return {address,
            std::to_string(holder.pid.value),
            user,
            holder.age ? describe_age(*holder.age) : "-",
            describe_run(holder.run),
            holder.command};
}

void write_run(JsonWriter& json, const RunOfProcess& run) {
    json.key("run");
    if (run.state == RunOfProcess::State::None) {
        json.null();
        return;
    }
    json.begin_object();
    write_text(json, "id", run.id);
    json.key("state").string(state_name(run.state));
    write_pid(json, "keeper", run.keeper);
    json.end_object();
}

}  // namespace

std::string name_of_living(const RunOfProcess& run) {
    return run.keeper.value != 0 ? "the vlmshim run of pid " + std::to_string(run.keeper.value) : "a vlmshim run";
}

std::string describe_living(const RunOfProcess& run) {
    const bool is_known = run.state == RunOfProcess::State::Alive;
    return name_of_living(run) +
           (is_known ? ", which is still alive" : ", which may still be alive (that cannot be known from here)");
}

std::string origin_of_ended(const RunOfProcess& run) {
    switch (run.state) {
        case RunOfProcess::State::None:
            break;
        case RunOfProcess::State::Alive:
            return "which belongs to " + name_of_living(run) + ": that run will fail";
        case RunOfProcess::State::Dead:
            return "left over from a vlmshim run that died";
        case RunOfProcess::State::Unknown:
            return "which belongs to " + describe_living(run);
    }
    return "";
}

bool root_would_see(const HiddenFacts& facts) {
    using Viewer = HiddenFacts::Viewer;
    const bool is_root = facts.viewer == Viewer::Root || facts.viewer == Viewer::RootWithoutTrace;
    return facts.table_was_read && facts.has_inode && !is_root && (facts.proc_hides || facts.refused > 0);
}

std::string hidden_because(const HiddenFacts& facts) {
    using Viewer = HiddenFacts::Viewer;
    if (!facts.table_was_read) {
        return "the kernel's list of listeners cannot be read: only a bind failed";
    }
    if (!facts.has_inode) {
        return "no process has the socket: it is the kernel's, or its process has just ended";
    }
    if (facts.proc_hides) {
        return "/proc hides the processes of other users (hidepid)" +
               std::string(facts.viewer == Viewer::RootWithoutTrace ? ", from root too without CAP_SYS_PTRACE" : "");
    }
    if (facts.refused == 0) {
        return "no process of this PID namespace has the socket: it is in another one, or in the kernel";
    }
    switch (facts.viewer) {
        case Viewer::OtherUser:
            break;
        case Viewer::Owner:
            return "only root may look into those processes of " + facts.user +
                   " that are not dumpable (prctl(2)); it may be in another PID namespace, too";
        case Viewer::Root:
            return "root of this user namespace may not look into processes outside it; it may be in another PID "
                   "namespace, too";
        case Viewer::RootWithoutTrace:
            return "without CAP_SYS_PTRACE root may not look into every process; it may be in another PID namespace, "
                   "too";
    }
    const std::string who = facts.user == "root" ? "only root" : "only " + facts.user + " and root";
    return who + " may look into the processes of " + facts.user;
}

std::string holder_table(const std::vector<PortHolder>& holders) {
    if (holders.empty()) {
        return {};
    }
    std::vector<std::vector<std::string>> rows{{"ADDRESS", "PID", "USER", "STARTED", "VLMSHIM RUN", "COMMAND"}};
    for (const PortHolder& holder : holders) {
        rows.push_back(row_of(holder));
    }
    return text_table(std::move(rows));
}

void write_holder(JsonWriter& json, const PortHolder& holder) {
    json.key("port").number(holder.listener.port.number);
    json.key("address").string(describe_host(holder.listener.address));
    write_pid(json, "pid", holder.pid);
    write_text(json, "user", holder.user);
    write_text(json, "command", holder.command);
    write_text(json, "since", holder.since ? utc_text(*holder.since) : "");
    write_run(json, holder.run);
    write_text(json, "not_visible_because", holder.not_visible_because);
}

}  // namespace vlmshim
