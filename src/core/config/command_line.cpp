#include "vlmshim/core/config/command_line.hpp"

#include <algorithm>

#include "vlmshim/core/config/config_check.hpp"
#include "vlmshim/core/config/config_choices.hpp"
#include "vlmshim/core/config/ready_check.hpp"
#include "vlmshim/core/values/duration.hpp"
#include "vlmshim/core/values/shell_words.hpp"
#include "vlmshim/core/values/toml_text.hpp"
#include "vlmshim/core/values/url.hpp"

namespace vlmshim {

namespace {

class Parser {
public:
    explicit Parser(std::span<const char* const> arguments) : arguments_(arguments) {}

    CommandLine parse() {
        while (next_ < arguments_.size()) {
            const std::string_view word = arguments_[next_];
            const bool is_option = word.size() >= 2 && word[0] == '-';  // "-" and "" are none
            if (!is_option && !takes_ports() && line_.mode != Mode::Help) {
                break;  // the command
            }
            ++next_;
            if (!is_option) {
                read_word(word);
                continue;
            }
            if (word == "--") {
                break;
            }
            if (word[1] == '-') {
                read_long(word.substr(2));
            } else {
                read_cluster(word.substr(1));
            }
        }
        if (takes_ports()) {
            for (; next_ < arguments_.size(); ++next_) {
                read_port("--" + std::string(mode_name()), arguments_[next_]);
            }
        }
        line_.command.assign(arguments_.begin() + static_cast<std::ptrdiff_t>(next_), arguments_.end());
        if (follows_lone_word_of_server(next_) && !line_.command.empty()) {
            line_.unquoted_server = quote_server();
        }
        refuse_what_a_run_has();
        if (line_.config_file && line_.no_config) {
            fail("--config and --no-config exclude each other");
        }
        if (line_.mode == Mode::Help || line_.mode == Mode::Version) {
            line_.errors = std::move(topic_errors_);
        }
        return std::move(line_);
    }

private:
    void fail(std::string message) { line_.errors.push_back(std::move(message)); }

    bool takes_ports() const { return line_.mode == Mode::Who || line_.mode == Mode::Free; }
    std::string_view mode_name() const {
        return line_.mode == Mode::Who ? "who" : line_.mode == Mode::Free ? "free" : "init";
    }

    void read_word(std::string_view word) {
        if (takes_ports()) {
            read_port("--" + std::string(mode_name()), word);
        } else {
            read_topic(word);
        }
    }

    /// What else is wrong does not matter to somebody who asks for help.
    void read_topic(std::string_view word) {
        if (word != "config") {
            topic_errors_.push_back("--help takes nothing, or the word config, found " + quote_found(word));
        }
        line_.topic = HelpTopic::Config;
    }

    void refuse_what_a_run_has() {
        if (!takes_ports() && line_.mode != Mode::Init) {
            return;
        }
        if (!line_.command.empty()) {
            fail("--init takes no command, found " + quote_found(line_.command.front()));
        }
        for (const OptionSpec* spec : given_) {
            if (!fits_mode(spec->option, line_.mode)) {
                fail("--" + std::string(spec->name) + " has no meaning with --" + std::string(mode_name()));
            }
        }
    }

    /// `-s python3 run.py`, and not `-s 'python3 run.py'`.
    bool follows_lone_word_of_server(std::size_t place) const {
        return line_.server_command && line_.server_command->size() == 1 && place == behind_server_;
    }

    /// -s with all words from there to the "--", or to the end.
    std::string quote_server() const {
        std::vector<std::string> words = *line_.server_command;
        const auto first = arguments_.begin() + static_cast<std::ptrdiff_t>(behind_server_);
        const auto end = std::find_if(first, arguments_.end(), [](std::string_view word) { return word == "--"; });
        words.insert(words.end(), first, end);
        return "-s " + join_command({join_command(words)});
    }

    /// `--name VALUE` or `--name=VALUE`
    void read_long(std::string_view word) {
        const std::size_t equals = word.find('=');
        const std::string_view name = word.substr(0, equals);
        const OptionSpec* spec = find([&](const OptionSpec& option) { return option.name == name; });
        if (spec == nullptr) {
            fail_unknown(name);
        } else if (spec->option == Option::Help && equals != std::string_view::npos) {
            apply(*spec, {});
            read_topic(word.substr(equals + 1));
        } else if (spec->argument.empty() && equals != std::string_view::npos) {
            fail("--" + std::string(name) + " takes no value, found " + quote_found(word.substr(equals + 1)));
        } else if (equals != std::string_view::npos) {
            apply(*spec, word.substr(equals + 1));
        } else {
            apply_with_next(*spec);
        }
    }

    /// `-vp9000`: letters without a value, the last one may have one, here or as the next word.
    void read_cluster(std::string_view letters) {
        while (!letters.empty()) {
            const char letter = letters.front();
            letters.remove_prefix(1);
            const OptionSpec* spec = find([&](const OptionSpec& option) { return option.letter == letter; });
            if (spec == nullptr) {
                fail_unknown_option(std::string("-") + letter, "");
                return;
            }
            if (!spec->argument.empty() && !letters.empty()) {
                apply(*spec, letters);
                return;
            }
            apply_with_next(*spec);
        }
    }

    template <typename Matches>
    static const OptionSpec* find(Matches matches) {
        const auto found = std::ranges::find_if(option_table(), matches);
        return found == option_table().end() ? nullptr : &*found;
    }

    void fail_unknown(std::string_view name) {
        std::vector<std::string> names;
        for (const OptionSpec& spec : option_table()) {
            names.push_back("--" + std::string(spec.name));
        }
        const std::string word = "--" + std::string(name);
        fail_unknown_option(word, did_you_mean(word, names, '\''));
    }

    void fail_unknown_option(const std::string& word, const std::string& near) {
        const bool is_the_servers = near.empty() && follows_lone_word_of_server(next_ - 1);
        fail("unknown option '" + toml_key(word) + "'" +
             (is_the_servers ? "; --server takes the whole command as one word: " + quote_server()
              : near.empty() ? "; --help lists them"
                             : near));
    }

    void apply_with_next(const OptionSpec& spec) {
        if (spec.argument.empty()) {
            apply(spec, {});
        } else if (next_ == arguments_.size()) {
            fail("--" + std::string(spec.name) + " needs a value: " + std::string(spec.argument));
        } else {
            apply(spec, arguments_[next_++]);
        }
    }

    void apply(const OptionSpec& spec, std::string_view value) {
        given_.push_back(&spec);
        switch (spec.option) {
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
                return read_port("--port", value);
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
            case Option::Check:
                return set_mode(Mode::Check);
            case Option::Init:
                return set_mode(Mode::Init);
            case Option::Help:
                return set_mode(Mode::Help);
            case Option::Version:
                return set_mode(Mode::Version);
        }
    }

    /// The first of --help and --version stays; both beat the others, which exclude each other.
    void set_mode(Mode mode) {
        if (line_.mode == Mode::Help || line_.mode == Mode::Version) {
            return;
        }
        const bool beats = mode == Mode::Help || mode == Mode::Version;
        if (!beats && line_.mode != Mode::Run && line_.mode != mode) {
            fail("--check, --init, --who and --free exclude each other");
        }
        line_.mode = mode;
    }

    void read_config_file(std::string_view value) {
        if (value.empty()) {
            return fail("--config needs the name of a file, found \"\"");
        }
        line_.config_file = std::string(value);
    }

    void read_server(std::string_view value) {
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
        behind_server_ = next_;
    }

    void read_output(std::string_view value) {
        line_.output = parse_output(value);
        if (!line_.output) {
            fail("--output must be one of " + list_quoted(output_words()) + ", found " + quote_found(value) +
                 did_you_mean(std::string(value), output_words(), '"'));
        } else if (line_.output->mode == OutputMode::File && line_.output->path.empty()) {
            fail("--output must name a file, found \"file:\"");
        }
    }

    void read_ready(std::string_view value) {
        const std::optional<Ready> ready = parse_ready(value);
        if (!ready) {
            return fail("--ready must be http://HOST:PORT/PATH, /PATH or tcp://HOST:PORT, found " + quote_found(value));
        }
        // Neither the port nor whose server it is are known yet; finish_config looks again.
        ServerConfig any;
        any.external = !ready->http.empty();
        any.port = Port{1};
        any.ready = *ready;
        for (const ReadyProblem& problem : ready_problems(any)) {
            fail("--ready " + problem.message + ", found " + quote_found(value));
        }
        line_.ready = ready;
    }

    void read_report(std::string_view value) {
        if (value.empty()) {
            return fail("--report needs the name of a file, found \"\"");
        }
        line_.report = std::string(value);
    }

    void read_port(const std::string& option, std::string_view value) {
        const std::optional<Port> port = value == "auto" && !takes_ports() ? auto_port : parse_port(value);
        if (!port && takes_ports()) {
            return fail(option + " takes ports, numbers from 1 to 65535, found " + quote_found(value));
        }
        if (!port) {
            return fail(option + " must be a number from 1 to 65535 or auto, found " + quote_found(value));
        }
        line_.ports.push_back(*port);
    }

    void read_duration(const std::string& option, std::string_view value, std::optional<Millis>& duration) {
        if (const std::optional<Millis> parsed = parse_duration(value)) {
            duration = parsed;
        } else {
            fail(option + " " + explain_bad_duration(value) + ", found " + quote_found(value));
        }
    }

    void read_timeout(std::string_view value) {
        read_duration("--timeout", value, line_.timeout);
        if (line_.timeout == Millis{0}) {
            line_.timeout.reset();
            fail("--timeout must be longer than 0, found " + quote_found(value));
        }
    }

    template <typename Enum>
    void read_choice(const std::string& option, std::string_view value, std::optional<Enum>& choice) {
        if (const std::optional<Enum> found = find_choice<Enum>(value)) {
            choice = found;
            return;
        }
        const std::vector<std::string> allowed = choice_names<Enum>();
        fail(option + " must be one of " + list_quoted(allowed) + ", found " + quote_found(value) +
             did_you_mean(std::string(value), allowed, '"'));
    }

    /// -v -v and -q -q add up; a change of direction starts anew, so the last one wins.
    void change_verbosity(int step) {
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

    std::span<const char* const> arguments_;
    std::size_t next_ = 0;
    std::size_t behind_server_ = 0;  // the word after that of -s
    int verbosity_ = 0;              // the -v (above 0) or -q (below) in a row so far
    std::vector<const OptionSpec*> given_;
    std::vector<std::string> topic_errors_;
    CommandLine line_;
};

}  // namespace

CommandLine parse_command_line(std::span<const char* const> arguments) {
    return Parser(arguments).parse();
}

CommandLine parse_main_arguments(int argc, const char* const* argv) {
    if (argc < 1 || (argc == 1 && *argv[0] == '\0')) {
        CommandLine line;
        line.errors.emplace_back(
            "no arguments, not even the program's name: who starts vlmshim has to pass argv[0], as in execve(2)");
        return line;
    }
    return parse_command_line({argv + 1, argv + argc});
}

}  // namespace vlmshim
