// Starts the processes of a run, in the run's environment.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "vlmshim/core/config/auto_ports.hpp"
#include "vlmshim/core/config/config.hpp"
#include "vlmshim/core/values/server_id.hpp"
#include "vlmshim/os/file.hpp"
#include "vlmshim/os/inheritance.hpp"
#include "vlmshim/os/spawn.hpp"
#include "vlmshim/supervisor/server_files.hpp"

namespace vlmshim {

class Launcher {
public:
    /// All references outlive it. `mount_namespace` is borrowed; -1: none is joined. `started` is called for each
    /// process.
    Launcher(const Config& config, const PortNumbers& ports, const os::Inheritance& inheritance, std::string run,
             int mount_namespace, std::function<void()> started);

    /// Also closes the caller's descriptors here: the test has them now.
    std::variant<Pid, os::SpawnError> start_test();
    /// Also when no test will be started: a socket or pipe that we held open would outlive the process it was meant
    /// for.
    void close_callers_descriptors();
    /// With its output on a descriptor (borrowed; -1: /dev/null).
    std::variant<Pid, os::SpawnError> start_server(ServerId server, int output);
    /// With its output in its file.
    std::variant<Pid, os::SpawnError> start_server_into_file(ServerId server);
    /// With our own standard output and error.
    std::variant<Pid, os::SpawnError> start_server_on_our_output(ServerId server);
    /// An exec probe of the server's.
    std::variant<Pid, os::SpawnError> start_probe(ServerId server, const std::vector<std::string>& command) const;
    /// In our working directory and environment, without a VLMSHIM_SERVER. The descriptors are borrowed.
    std::variant<Pid, os::SpawnError> start_curl(const std::vector<std::string>& command, int input, int output) const;

    /// For messages.
    std::string why_not_started(ServerId server, const os::SpawnError& error) const;
    std::string why_probe_not_started(ServerId server, const std::vector<std::string>& command,
                                      const os::SpawnError& error) const;
    std::string why_test_not_started(const os::SpawnError& error) const;

    /// The server's command with its port.
    std::vector<std::string> command_of(ServerId server) const;
    /// The expression of its log probe with its port.
    std::string log_pattern_of(ServerId server) const;

private:
    std::variant<Pid, os::SpawnError> spawn(const os::SpawnRequest& request) const;
    /// Only what carries its VLMSHIM_SERVER belongs to a server.
    enum class Belongs { ToServer, ToNone };
    os::SpawnRequest request_for(ServerId server, std::vector<std::string> command, Belongs what) const;
    std::map<std::string, std::string> run_variables() const;
    /// VLMSHIM_PORT
    std::optional<Port> first_port() const;
    /// A string, or several.
    template <typename Text>
    Text with_port(ServerId server, const Text& text) const;
    int input_of(ServerId server);

    const Config& config_;
    const PortNumbers& ports_;
    const os::Inheritance& inheritance_;
    std::string run_;
    int mount_namespace_;
    ServerFiles files_;
    std::map<ServerId, os::Pipe> inputs_;   // of servers with stdin = "open"
    std::vector<int> callers_descriptors_;  // still open
    std::function<void()> started_;
};

}  // namespace vlmshim
