// A report is JSON whatever the processes in it are called, whatever they wrote and whoever holds the ports.
#include <string>

#include "fuzz.hpp"
#include "vlmshim/core/report/run_report.hpp"

namespace fuzz {

using namespace vlmshim;

namespace {

/// RFC 8259, nothing more; it shares no code with the writer. Stops at what is none.
class JsonReader {
public:
    explicit JsonReader(std::string_view text) : text_(text) {}

    bool is_json() {
        value();
        space();
        return good_ && at_ == text_.size();
    }

private:
    char here() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    void space() { at_ = std::min(text_.find_first_not_of(" \n", at_), text_.size()); }
    bool take(char c) {
        const bool is_there = here() == c;
        at_ += is_there ? 1 : 0;
        return is_there;
    }
    void expect(char c) { good_ = take(c) && good_; }
    void expect(std::string_view word) {
        good_ = good_ && text_.substr(at_).starts_with(word);
        at_ += word.size();
    }

    void value() {
        space();
        switch (here()) {
            case '{':
                return list('{', '}', [this] {
                    space();
                    string();
                    space();
                    expect(':');
                    value();
                });
            case '[':
                return list('[', ']', [this] { value(); });
            case '"':
                return string();
            case 't':
                return expect("true");
            case 'f':
                return expect("false");
            case 'n':
                return expect("null");
            default:
                return number();
        }
    }
    template <typename Item>
    void list(char open, char close, Item item) {
        expect(open);
        space();
        if (take(close)) {
            return;
        }
        do {
            item();
            space();
        } while (good_ && take(','));
        expect(close);
    }
    void string() {
        expect('"');
        while (good_ && here() != '"') {
            const char c = here();
            ++at_;
            good_ = at_ < text_.size() && (c < 0 || c >= ' ');
            if (c == '\\') {
                escape();
            }
        }
        expect('"');
    }
    void escape() {
        if (take('u')) {
            for (int i = 0; i < 4; ++i, ++at_) {
                good_ = good_ && std::string_view("0123456789abcdefABCDEF").find(here()) != std::string_view::npos;
            }
            return;
        }
        good_ = good_ && std::string_view("\"\\/bfnrt").find(here()) != std::string_view::npos;
        ++at_;
    }
    void number() {
        take('-');
        const std::size_t end = std::min(text_.find_first_not_of("0123456789", at_), text_.size());
        good_ = good_ && end > at_ && (here() != '0' || end == at_ + 1);
        at_ = end;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    bool good_ = true;
};

// --- a report from any bytes

std::vector<std::string> texts(Feed& feed) {
    std::vector<std::string> some;
    for (std::size_t left = feed.below(4); left > 0; --left) {
        some.push_back(feed.text());
    }
    return some;
}

Millis millis(Feed& feed) {
    return Millis{feed.number<std::int32_t>()};
}

ExitStatus status(Feed& feed) {
    return feed.flag() ? ExitStatus::exited(feed.number<std::uint8_t>())
                       : ExitStatus::signaled(Signal{feed.number<std::int8_t>()});
}

template <typename Make>
auto maybe(Feed& feed, Make make) {
    return feed.flag() ? std::optional(make(feed)) : std::nullopt;
}

PortHolder holder(Feed& feed) {
    PortHolder holder{};
    holder.listener.port = Port{feed.number<std::uint16_t>()};
    holder.listener.inode = feed.number<std::uint64_t>();
    holder.listener.uid = maybe(feed, [](Feed& from) { return from.number<std::uint32_t>(); });
    holder.pid = Pid{feed.number<std::int32_t>()};
    holder.user = feed.text();
    holder.command = feed.text();
    holder.age = maybe(feed, millis);
    holder.since = maybe(feed, millis);
    holder.run.state = static_cast<RunOfProcess::State>(feed.below(4));
    holder.run.id = feed.text();
    holder.run.keeper = Pid{feed.number<std::int32_t>()};
    holder.passed_on = feed.flag();
    holder.not_visible_because = feed.text();
    return holder;
}

std::vector<PortHolder> holders(Feed& feed) {
    std::vector<PortHolder> some;
    for (std::size_t left = feed.below(3); left > 0; --left) {
        some.push_back(holder(feed));
    }
    return some;
}

RunReport::Server server(Feed& feed) {
    RunReport::Server server{};
    server.name = feed.text();
    server.command = texts(feed);
    server.port = Port{feed.number<std::uint16_t>()};
    server.pid = Pid{feed.number<std::int32_t>()};
    server.reused = feed.flag();
    server.probe = feed.text();
    server.started_at = maybe(feed, millis);
    server.ready_at = maybe(feed, millis);
    server.listener_lost_at = maybe(feed, millis);
    for (std::size_t left = feed.below(4); left > 0; --left) {
        server.answers.add(millis(feed), feed.text());
    }
    if (feed.flag()) {
        server.output = KeptLines{.lines = texts(feed), .dropped = feed.number<std::size_t>()};
    } else if (feed.flag()) {
        server.output = RunReport::OutputFile{feed.text()};
    }
    server.status = maybe(feed, status);
    return server;
}

RunReport any_report(Feed& feed) {
    RunReport report{};
    report.run = feed.text();
    report.written_by = feed.text();
    report.command = texts(feed);
    report.config_file = feed.text();
    report.started = Millis{feed.number<std::uint32_t>() * std::int64_t{1'000}};
    report.duration = millis(feed);
    report.cause = feed.text();
    report.reason = feed.text();
    report.errors = texts(feed);
    report.status = maybe(feed, status);
    constexpr std::size_t phases = static_cast<std::size_t>(Phase::Done) + 1;
    for (std::size_t left = feed.below(4); left > 0; --left) {
        report.phases.push_back({static_cast<Phase>(feed.below(phases)), millis(feed)});
    }
    for (std::size_t left = feed.below(3); left > 0; --left) {
        report.servers.push_back(server(feed));
    }
    if (feed.flag()) {
        report.test =
            RunReport::Test{Pid{feed.number<std::int32_t>()}, millis(feed), maybe(feed, millis), maybe(feed, status)};
    }
    for (std::size_t left = feed.below(3); left > 0; --left) {
        report.signals.push_back(
            {millis(feed), Signal{feed.number<std::int8_t>()}, Pid{feed.number<std::int32_t>()}, feed.text()});
    }
    for (std::size_t left = feed.below(3); left > 0; --left) {
        report.ended.push_back({Pid{feed.number<std::int32_t>()}, feed.text(), static_cast<EndedHow>(feed.below(4))});
    }
    report.ended_total = feed.number<std::size_t>();
    report.ports.push_back(Port{feed.number<std::uint16_t>()});
    report.ports_before = maybe(feed, holders);
    report.ports_after = maybe(feed, holders);
    return report;
}

}  // namespace

void report(std::string_view data) {
    Feed feed(data);
    const RunReport made = any_report(feed);
    const std::string json = to_json(made);
    require(JsonReader(json).is_json(), "a report is JSON");
    require(json.ends_with("}\n"), "a report ends its line");
    for (const std::string_view line : split(json, '\n')) {
        require_printable(line, "a report has no effect on who reads it");
    }
    if (made.ports_before) {
        std::string table = holder_table(*made.ports_before);
        require(made.ports_before->empty() == table.empty(), "no holders, no table");
        for (const std::string_view line : split(table, '\n')) {
            require_printable(line, "a table of holders has no effect");
        }
    }
}

}  // namespace fuzz
