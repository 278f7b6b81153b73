// vlmshim-bench-lookup PORT RUNS WHAT...: the time of vlmshim's own questions about a port, asked in a loop.
// table: the listener table; before, after: the whole look of the port guard; owner: whose server answers, asked
// of a child of ours that listens, as a run asks. The port has to be free. A line a run: WHAT NANOSECONDS.
#include <arpa/inet.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "vlmshim/cleanup/listener_owner.hpp"
#include "vlmshim/cleanup/port_guard.hpp"
#include "vlmshim/log/log.hpp"
#include "vlmshim/log/writer.hpp"

namespace {

using namespace vlmshim;

template <typename Work>
void measure(const std::string& what, int runs, Work work) {
    for (int run = -runs / 10; run < runs; ++run) {
        const auto begin = std::chrono::steady_clock::now();
        work();
        const auto end = std::chrono::steady_clock::now();
        if (run >= 0) {
            std::printf("%s %lld\n", what.c_str(), static_cast<long long>((end - begin) / std::chrono::nanoseconds(1)));
        }
    }
}

/// A child that listens on the port, until stopped.
pid_t start_server(Port port) {
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port.number);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || listen(listener, 1) != 0) {
        std::perror("vlmshim-bench-lookup: listen");
        std::exit(98);
    }
    const pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;) {
            pause();
        }
    }
    close(listener);
    return child;
}

void measure_owner(const std::string& what, int runs, Port port) {
    const pid_t server = start_server(port);
    const SystemSockets sockets;
    const SystemProcesses processes;
    measure(what, runs, [&] {
        const auto own = [&] {
            PortOwners owners;
            for (const Descendant& descendant : processes.descendants_of(processes.self())) {
                owners.pids.push_back(descendant.identity.pid);
            }
            return owners;
        };
        const ListenerOwner owner = owner_of(sockets, processes, Address::loopback(IpVersion::V4), port, own);
        if (owner.kind != ListenerOwner::Kind::Ours) {
            std::fputs("vlmshim-bench-lookup: our server was not recognised\n", stderr);
            std::exit(98);
        }
    });
    kill(server, SIGKILL);
    waitpid(server, nullptr, 0);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4) {
        std::fputs("usage: vlmshim-bench-lookup PORT RUNS table|before|after|owner...\n", stderr);
        return 98;
    }
    Config config;
    config.ports.guard = {Port{static_cast<std::uint16_t>(std::atoi(argv[1]))}};
    const int runs = std::atoi(argv[2]);
    Writer writer(STDERR_FILENO);
    const auto log = make_log({}, writer);
    const PortNumbers numbers(config);
    const SystemSockets sockets;
    SystemProcesses processes;
    EndedLog ended(processes, EndedLog::Wanted::No);
    PortGuard guard(config.ports, numbers, sockets, processes, ended, *log);
    for (int i = 3; i < argc; ++i) {
        const std::string what = argv[i];
        if (what == "table") {
            measure(what, runs, [&] { os::listeners_on(config.ports.guard); });
        } else if (what == "before") {
            measure(what, runs, [&] { guard.look(LookTime::Before); });
        } else if (what == "after") {
            measure(what, runs, [&] { guard.look(LookTime::After); });
        } else if (what == "owner") {
            measure_owner(what, runs, config.ports.guard.front());
        }
    }
    return 0;
}
