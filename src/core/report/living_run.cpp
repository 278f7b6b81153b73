#include "vlmshim/core/report/living_run.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <tuple>
#include <utility>

#include "vlmshim/core/report/json_members.hpp"
#include "vlmshim/core/report/text_table.hpp"
#include "vlmshim/core/values/display_text.hpp"
#include "vlmshim/core/values/duration.hpp"
#include "vlmshim/core/values/process_names.hpp"
#include "vlmshim/core/values/server_name.hpp"
#include "vlmshim/core/values/utc_text.hpp"
#include "vlmshim/core/values/words.hpp"

namespace vlmshim {

namespace {

void add_port(std::vector<Port>& ports, Port port) {
    const auto place = std::lower_bound(ports.begin(), ports.end(), port);
    if (port != Port{} && (place == ports.end() || *place != port)) {
        ports.insert(place, port);
    }
}

/// Places in LivingRun::servers.
using NamedServers = std::map<std::string, std::size_t>;

/// nullptr: `member` is of no server, and has no socket that no process above it has.
LivingRun::Server* server_of(LivingRun& run, const RunMember& member, const std::set<std::uint64_t>& known,
                             NamedServers& named) {
    const auto is_new = [&](const RunMember::Socket& socket) { return !known.contains(socket.inode); };
    if (member.server.empty() && std::none_of(member.listens.begin(), member.listens.end(), is_new)) {
        return nullptr;
    }
    const auto [place, is_first] = named.try_emplace(member.server, run.servers.size());
    if (!is_first && !member.server.empty()) {
        return &run.servers[place->second];
    }
    return &run.servers.emplace_back(LivingRun::Server{member.server, member.pid, member.program, {}, {}});
}

/// Whether the test can run: in other phases a process without a server is a probe or a leftover.
bool may_have_test(std::optional<Phase> phase) {
    return !phase || *phase == Phase::Testing || *phase == Phase::Stopping;
}

/// The first child without a server; one that has wiped its environment only if there is no other.
const RunMember* test_among(const std::vector<RunMember>& members, Pid root) {
    const RunMember* test = nullptr;
    for (const RunMember& member : members) {
        const bool is_child = member.parent == root && member.program != namespace_init_name;
        if (is_child && member.server.empty() && (test == nullptr || (member.has_run && !test->has_run))) {
            test = &member;
        }
    }
    return test;
}

std::string phase_text(const LivingRun& run) {
    const std::string phase(run.phase ? phase_name(*run.phase) : "-");
    return run.stopped ? phase + ", stopped" : phase;
}

/// What several texts are in one cell, which is not to be cut: "8080, 9000, 3 more"; "-": none.
std::string in_cell(const std::vector<std::string>& texts) {
    constexpr std::size_t most = 10;
    constexpr std::size_t most_bytes = 180;
    std::string cell;
    std::size_t shown = 0;
    for (; shown < std::min(texts.size(), most); ++shown) {
        const std::string text = (cell.empty() ? "" : ", ") + display_text(texts[shown]);
        if (cell.size() + text.size() > most_bytes) {
            break;
        }
        cell += text;
    }
    if (shown < texts.size()) {
        cell += (cell.empty() ? "" : ", ") + std::to_string(texts.size() - shown) + " more";
    }
    return cell.empty() ? "-" : cell;
}

std::vector<std::string> row_of(const LivingRun& run) {
    std::vector<std::string> ports;
    for (const Port port : run.ports) {
        ports.push_back(std::to_string(port.number));
    }
    std::vector<std::string> servers;
    for (const LivingRun::Server& server : run.servers) {
        servers.push_back((server.name.empty() ? "[" + server.program + "]" : server.name) + " (pid " +
                          std::to_string(server.pid.value) + ")");
    }
    return {std::to_string(run.pid.value),
            run.user,
            run.age ? describe_age(*run.age) : "-",
            phase_text(run),
            in_cell(ports),
            in_cell(servers),
            run.test ? run.test->command : "-"};
}

/// What an object lists: the processes of a run, and thereby any user, can make any number of them.
template <typename Item>
std::span<const Item> first_of(const std::vector<Item>& items) {
    constexpr std::size_t most = 100;
    return std::span(items).first(std::min(items.size(), most));
}

}  // namespace

std::string claimed_server(std::string_view claim) {
    constexpr std::size_t longest = 100;
    return is_server_name(claim) ? std::string(claim.substr(0, longest)) : std::string{};
}

std::vector<RunMember> by_parent(std::vector<RunMember> all) {
    std::sort(all.begin(), all.end(), [](const RunMember& a, const RunMember& b) {
        return std::tuple(a.parent, a.start_ticks, a.pid) < std::tuple(b.parent, b.start_ticks, b.pid);
    });
    return all;
}

std::vector<RunMember> members_below(Pid root, const std::vector<RunMember>& all, const std::set<Pid>& nested) {
    std::vector<RunMember> found;
    std::set<Pid> seen{root};
    const auto add_children_of = [&](Pid parent) {
        const auto is_before = [](const RunMember& member, Pid pid) { return member.parent < pid; };
        for (auto child = std::lower_bound(all.begin(), all.end(), parent, is_before);
             child != all.end() && child->parent == parent; ++child) {
            if (seen.insert(child->pid).second) {
                found.push_back(*child);
            }
        }
    };
    add_children_of(root);
    for (std::size_t next = 0; next < found.size(); ++next) {
        const Pid pid = found[next].pid;
        if (!nested.contains(pid)) {
            add_children_of(pid);
        }
    }
    return found;
}

void add_members(LivingRun& run, Pid root, const std::vector<RunMember>& members) {
    std::set<std::uint64_t> known;
    NamedServers named;
    bool has_first_port = false;
    std::sort(run.ports.begin(), run.ports.end());
    run.ports.erase(std::unique(run.ports.begin(), run.ports.end()), run.ports.end());
    for (const RunMember& member : members) {
        if (LivingRun::Server* const server = server_of(run, member, known, named)) {
            for (const RunMember::Socket& socket : member.listens) {
                add_port(server->ports, socket.port);
                add_port(run.ports, socket.port);
            }
        }
        for (const RunMember::Socket& socket : member.listens) {
            known.insert(socket.inode);
        }
        if (!has_first_port && member.parent == root && member.has_run) {
            add_port(run.ports, member.first_port);
            has_first_port = true;
        }
    }
    const RunMember* const test = may_have_test(run.phase) ? test_among(members, root) : nullptr;
    if (test != nullptr) {
        run.test = LivingRun::Test{test->pid, {}};
    }
}

std::string run_table(const std::vector<LivingRun>& runs) {
    if (runs.empty()) {
        return {};
    }
    std::vector<std::vector<std::string>> rows{{"PID", "USER", "STARTED", "PHASE", "PORTS", "SERVERS", "TEST"}};
    for (const LivingRun& run : runs) {
        rows.push_back(row_of(run));
    }
    return text_table(std::move(rows));
}

void write_living_run(JsonWriter& json, const LivingRun& run) {
    write_pid(json, "pid", run.pid);
    write_text(json, "user", run.user);
    write_text(json, "since", run.since ? utc_text(*run.since) : "");
    write_text(json, "phase", run.phase ? phase_name(*run.phase) : "");
    json.key("stopped").boolean(run.stopped);
    write_ports(json, "ports", first_of(run.ports));
    json.key("servers").begin_array();
    for (const LivingRun::Server& server : first_of(run.servers)) {
        json.begin_object();
        write_text(json, "name", server.name);
        write_pid(json, "pid", server.pid);
        write_text(json, "command", server.command);
        write_ports(json, "ports", first_of(server.ports));
        json.end_object();
    }
    json.end_array().key("test");
    if (!run.test) {
        json.null();
        return;
    }
    json.begin_object();
    write_pid(json, "pid", run.test->pid);
    write_text(json, "command", run.test->command);
    json.end_object();
}

std::string no_run_text(const RunViewer& viewer) {
    return viewer.is_root ? "no run lives here" : "no run of yours lives here";
}

std::string not_shown_text(std::size_t count, const RunViewer& viewer) {
    const std::string is = count_of(count, "other run") + (count == 1 ? " lives" : " live");
    constexpr std::string_view elsewhere = "in a PID namespace that cannot be seen from here";
    const std::string because = !viewer.is_root    ? "of another user, or "
                                : !viewer.sees_all ? "not to be looked into without CAP_SYS_PTRACE, or "
                                                   : "";
    return is + ", not shown: " + because + std::string(elsewhere);
}

}  // namespace vlmshim
