#include "vlmshim/init.hpp"

#include <unistd.h>

#include <algorithm>

#include "vlmshim/core/config/first_config.hpp"
#include "vlmshim/core/values/exit_status.hpp"
#include "vlmshim/core/values/shell_words.hpp"
#include "vlmshim/find_config.hpp"
#include "vlmshim/os/environment.hpp"
#include "vlmshim/os/file.hpp"
#include "vlmshim/os/own_process.hpp"
#include "vlmshim/os/program.hpp"
#include "vlmshim/os/spawn.hpp"
#include "vlmshim/stderr_log.hpp"

namespace vlmshim {

namespace {

constexpr const char* schema_name = "/vlmshim/vlmshim.schema.json";

std::string folder_of(const std::string& path) {
    return path.substr(0, path.find_last_of('/'));
}

/// Beside the program, where an installation or an unpacked archive has it; else below the prefix of the build.
std::string schema_path() {
    const std::string program = os::own_program();
    const std::string beside = program.empty() ? "" : folder_of(folder_of(program)) + "/share" + schema_name;
    return !beside.empty() && ::access(beside.c_str(), R_OK) == 0 ? beside : VLMSHIM_DATADIR + std::string(schema_name);
}

FolderFacts look_around() {
    constexpr std::size_t longest_read = 1U << 20U;
    FolderFacts facts;
    facts.files = os::files_in(".");
    facts.files_in_tests = os::files_in("tests");
    for (const std::string& name : files_to_read()) {
        std::error_code ignored;
        if (std::binary_search(facts.files.begin(), facts.files.end(), name)) {
            facts.texts[name] = os::read_file(name.c_str(), ignored, longest_read).value_or("");
        }
    }
    const std::vector<std::string> environment = os::make_environment({}, {});
    for (const std::string& name : programs_to_look_for()) {
        if (os::look_at_program(name, environment, "").executable) {
            facts.programs.push_back(name);
        }
    }
    facts.schema = schema_path();
    return facts;
}

std::string why_not(std::error_code error) {
    if (error == std::errc::file_exists) {
        return std::string(config_name) +
               " is there already, and nothing is written over it: " + "vlmshim --check says what is in it";
    }
    return std::string(config_name) + " cannot be written in " + join_command({os::working_directory()}) + ": " +
           error.message();
}

}  // namespace

int init(const CommandLine& line) {
    const StderrLog log(typed_log(line));
    const FirstConfig made = first_config(look_around());
    if (const std::error_code error = os::write_new_file(config_name, made.text)) {
        log->error(why_not(error));
        return exit_own_failure;
    }
    log->info("wrote ", config_name, ": ", made.server.empty() ? "no server" : "server '" + made.server + "'", ", ",
              made.test.empty() ? "no test" : "test '" + made.test + "'");
    log->info("next: vlmshim --check says what will not work; ",
              made.test.empty() ? "vlmshim -- COMMAND runs COMMAND with it" : "vlmshim runs the test");
    if (!os::environment("VLMSHIM_CONFIG").empty()) {
        log->warn("VLMSHIM_CONFIG is set, and the file that it names is read instead of this one");
    }
    return 0;
}

}  // namespace vlmshim
