#include "vlmshim/core/config/command_line.hpp"

#include <algorithm>

#include "vlmshim/core/config/option_values.hpp"
#include "vlmshim/core/values/nearest.hpp"
#include "vlmshim/core/values/shell_words.hpp"
#include "vlmshim/core/values/toml_text.hpp"

namespace vlmshim {

namespace {

/// Finds the options, their values and where the command begins.
class Parser {
public:
    explicit Parser(std::span<const char* const> arguments) : arguments_(arguments) {}

    CommandLine parse() {
        while (next_ < arguments_.size()) {
            const std::string_view word = arguments_[next_];
            const bool is_option = word.size() >= 2 && word[0] == '-';  // "-" is a word
            if (!is_option && !takes_ports(line_.mode) && line_.mode != Mode::Help) {
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
        if (takes_ports(line_.mode)) {
            for (; next_ < arguments_.size(); ++next_) {
                read_mode_port(arguments_[next_]);
            }
        }
        line_.command.assign(arguments_.begin() + static_cast<std::ptrdiff_t>(next_), arguments_.end());
        if (follows_lone_word_of_server(next_) && !line_.command.empty()) {
            line_.unquoted_server = quote_server();
        }
        refuse_what_does_not_fit();
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

    std::string_view mode_name() const {
        return line_.mode == Mode::Who    ? "who"
               : line_.mode == Mode::Free ? "free"
               : line_.mode == Mode::Runs ? "runs"
               : line_.mode == Mode::Init ? "init"
                                          : "completions";
    }

    void read_word(std::string_view word) {
        if (takes_ports(line_.mode)) {
            read_mode_port(word);
        } else {
            read_topic(word);
        }
    }

    void read_mode_port(std::string_view word) { values_.take_port("--" + std::string(mode_name()), word); }

    /// Other mistakes do not matter to a user who wants help.
    void read_topic(std::string_view word) {
        if (word != "config") {
            topic_errors_.push_back("--help takes nothing, or the word config, found " + quote_found(word));
        }
        line_.topic = HelpTopic::Config;
    }

    void refuse_what_does_not_fit() {
        const bool runs_nothing = takes_ports(line_.mode) || line_.mode == Mode::Runs || line_.mode == Mode::Init ||
                                  line_.mode == Mode::Completions;
        if (!runs_nothing) {
            return;
        }
        if (!line_.command.empty()) {
            fail("--" + std::string(mode_name()) + " takes no command, found " + quote_found(line_.command.front()));
        }
        const bool has_auto = std::find(line_.ports.begin(), line_.ports.end(), auto_port) != line_.ports.end();
        if (takes_ports(line_.mode) && has_auto) {
            fail("--port auto has no meaning with --" + std::string(mode_name()));
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

    /// -s with all words up to the "--", or to the end.
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
        for (const OptionSpec& spec : option_table()) {
            if (matches(spec)) {
                return &spec;
            }
        }
        return nullptr;
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
        const bool belongs_to_server = near.empty() && follows_lone_word_of_server(next_ - 1);
        fail("unknown option '" + toml_key(word) + "'" +
             (belongs_to_server ? "; --server takes the whole command as one word: " + quote_server()
              : near.empty()    ? "; --help lists them"
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
        const bool had_server = line_.server_command.has_value();
        values_.take(spec.option, value);
        if (!had_server && line_.server_command) {
            behind_server_ = next_;
        }
    }

    std::span<const char* const> arguments_;
    std::size_t next_ = 0;
    std::size_t behind_server_ = 0;  // the word after that of -s
    std::vector<const OptionSpec*> given_;
    std::vector<std::string> topic_errors_;
    CommandLine line_;
    OptionValues values_{line_};
};

}  // namespace

CommandLine parse_command_line(std::span<const char* const> arguments) {
    return Parser(arguments).parse();
}

CommandLine parse_main_arguments(int argc, const char* const* argv) {
    if (argc < 1 || (argc == 1 && *argv[0] == '\0')) {
        CommandLine line;
        line.errors.emplace_back(
            "no arguments, not even the program's name: the caller has to pass argv[0], as in execve(2)");
        return line;
    }
    return parse_command_line({argv + 1, argv + argc});
}

}  // namespace vlmshim
