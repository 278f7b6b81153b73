#include "vlmshim/os/machine.hpp"

#include <sched.h>
#include <sys/utsname.h>

namespace vlmshim::os {

Machine machine() {
    Machine found;
    struct utsname names {};
    if (::uname(&names) == 0) {
        found.kernel = std::string(names.sysname) + " " + names.release;
        found.machine = names.machine;
    }
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    if (::sched_getaffinity(0, sizeof(allowed), &allowed) == 0) {  // fails where there are more than 1024
        found.processors = static_cast<std::size_t>(CPU_COUNT(&allowed));
    }
    return found;
}

}  // namespace vlmshim::os
