// A report is JSON, and a page is HTML of the elements that it is made of, whatever the processes in it are called,
// whatever they wrote and whoever holds the ports.
#include <algorithm>
#include <array>
#include <string>

#include "fuzz.hpp"
#include "vlmshim/core/report/page.hpp"
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

/// Elements with quoted attributes that end in order, and text without a character of markup; it shares no code with
/// the writer. The style sheet is the only text that is none.
class PageReader {
public:
    explicit PageReader(std::string_view text) : text_(text) {}

    bool is_page() {
        if (!take("<!DOCTYPE html>\n")) {
            return false;
        }
        do {
            text_.remove_prefix(std::min(text_.find('<'), text_.size()));
        } while (!text_.empty() && tag());
        return text_.empty() && open_.empty();
    }

private:
    bool take(std::string_view word) {
        const bool is_there = text_.starts_with(word);
        text_.remove_prefix(is_there ? word.size() : 0);
        return is_there;
    }

    std::string_view until(std::string_view ends) {
        const std::string_view taken = text_.substr(0, text_.find_first_of(ends));
        text_.remove_prefix(taken.size());
        return taken;
    }

    bool tag() {
        if (take("</")) {
            const bool ends_last = !open_.empty() && until(">") == open_.back();
            open_.pop_back();
            return ends_last && take(">") && content();
        }
        take("<");
        const std::string_view name = until(" />");
        if (std::find(elements.begin(), elements.end(), name) == elements.end()) {
            return false;
        }
        while (take(" ")) {
            const std::string_view attribute = until("=");
            if (attribute.find_first_of("<>\"'& ") != std::string_view::npos || !take("=\"") ||
                until("\"").find_first_of("<>") != std::string_view::npos || !take("\"")) {
                return false;
            }
        }
        if (take("/>")) {
            return content();
        }
        open_.push_back(name);
        return take(">") && content();
    }

    bool content() const {
        const bool is_style = !open_.empty() && open_.back() == "style";
        return is_style || text_.substr(0, text_.find('<')).find_first_of(">\"'") == std::string_view::npos;
    }

    static constexpr auto elements = std::to_array<std::string_view>(
        {"html",  "head", "meta", "title", "style",   "body",    "main", "header", "section", "h1",   "h2",    "h3",
         "p",     "ul",   "li",   "dl",    "dt",      "dd",      "pre",  "code",   "strong",  "div",  "table", "thead",
         "tbody", "tr",   "th",   "td",    "details", "summary", "svg",  "desc",   "rect",    "path", "text"});

    std::string_view text_;
    std::vector<std::string_view> open_;
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
    server.ended_at = maybe(feed, millis);
    if (feed.flag()) {
        server.listening = RunReport::Listening{Pid{feed.number<std::int32_t>()}, feed.text(), texts(feed)};
    }
    return server;
}

RunReport any_report(Feed& feed) {
    RunReport report{};
    report.run = feed.text();
    report.written_by = static_cast<ReportWriter>(feed.below(3));
    report.command = texts(feed);
    report.config_file = feed.text();
    report.started = Millis{feed.number<std::uint32_t>() * std::int64_t{1'000}};
    report.duration = millis(feed);
    report.cause = static_cast<Cause>(feed.below(static_cast<std::size_t>(Cause::SupervisorFailed) + 1));
    report.ended_by = maybe(feed, [](Feed& from) { return Signal{from.number<std::int8_t>()}; });
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
    if (!report.servers.empty() && feed.flag()) {
        report.blamed = ServerId{feed.below(report.servers.size())};
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
        report.ended.push_back({Pid{feed.number<std::int32_t>()}, feed.text(), static_cast<EndedHow>(feed.below(4)),
                                static_cast<EndedWhy>(feed.below(5)), feed.text(), maybe(feed, millis),
                                maybe(feed, millis)});
    }
    report.ended_total = feed.number<std::size_t>();
    report.ports.push_back(Port{feed.number<std::uint16_t>()});
    report.ports_before = maybe(feed, holders);
    report.ports_after = maybe(feed, holders);
    for (std::size_t left = feed.below(3); left > 0; --left) {
        report.warnings.push_back({millis(feed), feed.text(), feed.flag() ? LogLevel::Error : LogLevel::Warning});
        report.strangers.push_back({millis(feed), feed.text(), feed.text()});
        report.slow_readers.push_back({feed.text(), feed.number<std::size_t>()});
    }
    report.config_text = feed.text();
    report.environment.vlmshim = feed.text();
    report.environment.kernel = feed.text();
    report.environment.machine = feed.text();
    report.environment.processors = feed.number<std::size_t>();
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
    std::string page = to_page(made);
    require(PageReader(page).is_page(), "a page is HTML of its own elements only");
    std::replace(page.begin(), page.end(), '\t', ' ');
    for (const std::string_view line : split(page, '\n')) {
        require_printable(line, "a page has no effect on who reads it");
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
