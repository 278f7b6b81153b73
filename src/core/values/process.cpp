#include "vlmshim/core/values/process.hpp"

#include <set>

namespace vlmshim {

std::vector<Descendant> outside_of(const std::vector<Pid>& roots, std::vector<Descendant> all) {
    std::set<Pid> inside(roots.begin(), roots.end());
    std::erase_if(all, [&](const Descendant& descendant) {
        const Pid pid = descendant.identity.pid;
        const bool within = inside.contains(pid) || inside.contains(descendant.parent);
        if (within) {
            inside.insert(pid);
        }
        return within;
    });
    return all;
}

}  // namespace vlmshim
