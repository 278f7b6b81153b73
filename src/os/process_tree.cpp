#include "vlmshim/os/process_tree.hpp"

#include <unistd.h>

#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <unordered_set>

#include "vlmshim/core/values/read_number.hpp"
#include "vlmshim/core/values/run_id.hpp"
#include "vlmshim/os/file.hpp"
#include "vlmshim/os/own_process.hpp"
#include "vlmshim/os/wait.hpp"

namespace vlmshim::os {

namespace {

/// Children are listed under the thread that forked them. Most processes have a single thread, whose id is the pid;
/// when that is a zombie, its children have another parent already.
std::vector<Pid> children_of(Pid pid, const ProcStat& stat) {
    std::vector<Pid> children;
    const std::string tasks = proc_path(pid, "task");
    const bool single = stat.threads <= 1;
    if (single && stat.dead()) {
        return children;
    }
    for (const Pid thread : single ? std::vector<Pid>{pid} : numbers_in(tasks)) {
        const auto text = read_file((tasks + "/" + std::to_string(thread.value) + "/children").c_str());
        if (text) {
            const std::vector<Pid> some = parse_children(*text);
            children.insert(children.end(), some.begin(), some.end());
        }
    }
    return children;
}

constexpr const char* own_list = "/proc/thread-self/children";

bool kernel_lists_children() {
    static const bool has_lists = ::access(own_list, R_OK) == 0;
    return has_lists;
}

std::multimap<Pid, Pid> children_by_parent() {
    std::multimap<Pid, Pid> children;
    for (const Pid pid : all_pids()) {
        if (const auto stat = read_stat(pid)) {
            children.emplace(stat->parent, pid);
        }
    }
    return children;
}

Life life_of(const ProcStat& stat) {
    return stat.dead() ? Life::Dead : Life::Living;
}

}  // namespace

std::vector<Descendant> descendants_of(Pid root) {
    if (!proc_is_ours()) {
        std::vector<Descendant> children;
        for (const Pid child : root == own_pid() ? own_children() : std::vector<Pid>{}) {
            children.push_back({{child, 0}, root, Life::Living});
        }
        return children;
    }
    std::multimap<Pid, Pid> all;
    if (!kernel_lists_children()) {
        all = children_by_parent();
    }
    const auto children = [&](Pid pid, const ProcStat& stat) {
        if (kernel_lists_children()) {
            return children_of(pid, stat);
        }
        std::vector<Pid> found;
        const auto [begin, end] = all.equal_range(pid);
        for (auto it = begin; it != end; ++it) {
            found.push_back(it->second);
        }
        return found;
    };

    // A queue, not recursion: a tree can be of any depth. A process that gets another parent during the walk can be
    // found twice.
    std::vector<Descendant> found;
    std::unordered_set<int> seen{root.value};
    std::deque<ProcStat> queue;
    if (auto stat = read_stat(root)) {
        queue.push_back(std::move(*stat));
    }
    for (; !queue.empty(); queue.pop_front()) {
        const Pid parent = queue.front().pid;
        for (const Pid child : children(parent, queue.front())) {
            if (!seen.insert(child.value).second) {
                continue;
            }
            if (auto stat = read_stat(child)) {
                found.push_back({{child, stat->start_ticks}, parent, life_of(*stat)});
                queue.push_back(std::move(*stat));
            }
        }
    }
    return found;
}

std::vector<Pid> own_children() {
    if (!proc_is_ours()) {
        // The highest pid is not known: the usual limit first, then the largest one possible (pid_max in proc(5)).
        constexpr int usual = 65'536;
        constexpr int highest = 4'194'304;
        auto children = children_by_number(usual);
        return children.empty() && has_children() ? children_by_number(highest) : children;
    }
    if (kernel_lists_children()) {
        // The main thread has forked them all, and orphans become children of the first living thread.
        return parse_children(read_file(own_list).value_or(""));
    }
    std::vector<Pid> children;
    const auto all = children_by_parent();
    const auto [begin, end] = all.equal_range(own_pid());
    for (auto it = begin; it != end; ++it) {
        children.push_back(it->second);
    }
    return children;
}

std::vector<Pid> all_pids() {
    return numbers_in("/proc");
}

std::optional<Descendant> carrier(Pid pid, const std::string& cookie) {
    const auto before = read_stat(pid);
    // Asked by number, /proc has every thread as well.
    if (!before || environment_variable(pid, run_variable) != cookie || !is_ours(pid) || thread_group_of(pid) != pid) {
        return std::nullopt;
    }
    const auto stat = read_stat(pid);
    if (!stat || stat->start_ticks != before->start_ticks) {
        return std::nullopt;  // the pid stands for another process now, which need not be of the run
    }
    return Descendant{{pid, stat->start_ticks}, stat->parent, life_of(*stat)};
}

Pid newest_number() {
    const std::string text = read_file("/proc/loadavg").value_or("");
    const std::string_view line = std::string_view(text).substr(0, text.find('\n'));
    Pid newest;
    return read_number(line.substr(line.rfind(' ') + 1), newest.value) ? newest : Pid{};
}

std::vector<ProcessIdentity> all_processes() {
    std::vector<ProcessIdentity> found;
    for (const Pid pid : all_pids()) {
        if (const auto identity = identify(pid)) {
            found.push_back(*identity);
        }
    }
    return found;
}

}  // namespace vlmshim::os
