#include "vlmshim/core/config/option_values.hpp"

#include <algorithm>

#include "vlmshim/core/config/config_check.hpp"
#include "vlmshim/core/config/config_choices.hpp"
#include "vlmshim/core/config/ready_problems.hpp"
#include "vlmshim/core/values/duration.hpp"
#include "vlmshim/core/values/nearest.hpp"
#include "vlmshim/core/values/shell_words.hpp"
#include "vlmshim/core/values/toml_text.hpp"
#include "vlmshim/core/values/url.hpp"

namespace vlmshim {

void OptionValues::take(Option option, std::string_view value) {
    switch (option) {
        case Option::Config:
            return read_config_file(value);
        case Option::NoConfig:
            line_.no_config = true;
            return;
        case Option::Server:
            return read_server(value);
        case Option::Ready:
            return read_ready(value);
        case Option::Port:
            return take_port("--port", value);
        case Option::Timeout:
            return read_timeout(value);
        case Option::Grace:
            return read_duration("--grace", value, line_.grace);
        case Option::Busy:
            return read_choice("--busy", value, line_.busy);
        case Option::Output:
            return read_output(value);
        case Option::Isolate:
            line_.isolation = Isolation::PidNamespace;
            return;
        case Option::Report:
            return read_report(value);
        case Option::Verbose:
            return change_verbosity(1);
        case Option::Quiet:
            return change_verbosity(-1);
        case Option::LogLevel:
            verbosity_ = 0;
            return read_choice("--log-level", value, line_.log_level);
        case Option::LogFormat:
            return read_choice("--log-format", value, line_.log_format);
        case Option::Who:
            return set_mode(Mode::Who);
        case Option::Free:
            return set_mode(Mode::Free);
        case Option::Runs:
            return set_mode(Mode::Runs);
        case Option::Check:
            return set_mode(Mode::Check);
        case Option::Init:
            return set_mode(Mode::Init);
        case Option::Completions:
            set_mode(Mode::Completions);
            return read_choice("--completions", value, line_.shell);
        case Option::Help:
            return set_mode(Mode::Help);
        case Option::Version:
            return set_mode(Mode::Version);
    }
}

/// The first of --help and --version stays; both beat the others, which exclude each other.
void OptionValues::set_mode(Mode mode) {
    if (line_.mode == Mode::Help || line_.mode == Mode::Version) {
        return;
    }
    const bool beats = mode == Mode::Help || mode == Mode::Version;
    if (!beats && line_.mode != Mode::Run && line_.mode != mode) {
        fail("--check, --init, --completions, --who, --free and --runs exclude each other");
    }
    line_.mode = mode;
}

void OptionValues::read_config_file(std::string_view value) {
    if (value.empty()) {
        return fail("--config needs the name of a file, found \"\"");
    }
    line_.config_file = std::string(value);
}

void OptionValues::read_server(std::string_view value) {
    if (line_.server_command) {
        return fail("--server can be given once, found a second one: " + quote_found(value) +
                    "; several servers are [[server]] in a vlmshim.toml, see vlmshim.toml(5)");
    }
    auto split = split_command(value);
    if (const auto* error = std::get_if<ShellWordsError>(&split)) {
        return fail("--server " + error->message + ", found " + quote_found(value));
    }
    auto words = std::get<std::vector<std::string>>(std::move(split));
    if (words.front().empty()) {
        return fail("--server must not start with an empty word, found " + quote_found(value));
    }
    line_.server_command = std::move(words);
}

void OptionValues::read_output(std::string_view value) {
    line_.output = parse_output(value);
    if (!line_.output) {
        fail("--output must be one of " + list_quoted(output_words()) + ", found " + quote_found(value) +
             did_you_mean(std::string(value), output_words(), '"'));
    } else if (line_.output->mode == OutputMode::File && line_.output->path.empty()) {
        fail("--output must name a file, found \"file:\"");
    }
}

void OptionValues::read_ready(std::string_view value) {
    const std::optional<Ready> ready = parse_ready(value);
    if (!ready) {
        return fail("--ready must be http://HOST:PORT/PATH, /PATH or tcp://HOST:PORT, found " + quote_found(value));
    }
    // Neither the port nor the server is known yet: finish_config checks again.
    ServerConfig any;
    any.external = !ready->http.empty();
    any.port = Port{1};
    any.ready = *ready;
    for (const ReadyProblem& problem : ready_problems(any)) {
        fail("--ready " + problem.message + ", found " + quote_found(value));
    }
    line_.ready = ready;
}

void OptionValues::read_report(std::string_view value) {
    if (value.empty()) {
        return fail("--report needs the name of a file, found \"\"");
    }
    if (std::find(line_.reports.begin(), line_.reports.end(), value) != line_.reports.end()) {
        return fail("--report names a file twice: " + quote_found(value));
    }
    line_.reports.emplace_back(value);
}

void OptionValues::take_port(const std::string& option, std::string_view value) {
    const std::optional<Port> port = value == "auto" && !takes_ports(line_.mode) ? auto_port : parse_port(value);
    if (!port && takes_ports(line_.mode)) {
        return fail(option + " takes ports, numbers from 1 to 65535, found " + quote_found(value));
    }
    if (!port) {
        return fail(option + " must be a number from 1 to 65535 or auto, found " + quote_found(value));
    }
    line_.ports.push_back(*port);
}

void OptionValues::read_duration(const std::string& option, std::string_view value, std::optional<Millis>& duration) {
    if (const std::optional<Millis> parsed = parse_duration(value)) {
        duration = parsed;
    } else {
        fail(option + " " + explain_bad_duration(value) + ", found " + quote_found(value));
    }
}

void OptionValues::read_timeout(std::string_view value) {
    read_duration("--timeout", value, line_.timeout);
    if (line_.timeout == Millis{0}) {
        line_.timeout.reset();
        fail("--timeout must be longer than 0, found " + quote_found(value));
    }
}

template <typename Enum>
void OptionValues::read_choice(const std::string& option, std::string_view value, std::optional<Enum>& choice) {
    if (const std::optional<Enum> found = find_choice<Enum>(value)) {
        choice = found;
        return;
    }
    const std::vector<std::string> allowed = choice_names<Enum>();
    fail(option + " must be one of " + list_quoted(allowed) + ", found " + quote_found(value) +
         did_you_mean(std::string(value), allowed, '"'));
}

/// -v -v and -q -q add up; a change of direction starts anew, so the last one wins.
void OptionValues::change_verbosity(int step) {
    const bool same_direction = (step > 0) == (verbosity_ > 0);
    verbosity_ = std::clamp(same_direction ? verbosity_ + step : step, -2, 2);
    switch (verbosity_) {
        case 2:
            line_.log_level = LogLevel::Trace;
            break;
        case 1:
            line_.log_level = LogLevel::Debug;
            break;
        case -1:
            line_.log_level = LogLevel::Warning;
            break;
        default:
            line_.log_level = LogLevel::Error;
            break;
    }
}

}  // namespace vlmshim
