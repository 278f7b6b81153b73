#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <string>

#include "vlmshim/log/log.hpp"
#include "vlmshim/log/writer.hpp"
#include "vlmshim/os/environment.hpp"
#include "vlmshim/os/file.hpp"
#include "vlmshim/os/poll.hpp"
#include "vlmshim/os/room_watch.hpp"

using namespace vlmshim;

namespace {

constexpr Millis at_once{0};
constexpr Millis long_enough{60'000};

/// A pipe of one page whose reader is this test, and a writer at its other end.
struct Piped {
    Piped() {
        std::signal(SIGPIPE, SIG_IGN);  // vlmshim has blocked it, as all signals
        std::error_code error;
        pipe = os::open_pipe(error);
        ::fcntl(pipe.writer.get(), F_SETPIPE_SZ, 4096);
        ::fcntl(pipe.reader.get(), F_SETFL, O_NONBLOCK);
        writer.emplace(pipe.writer.get());
        writer->describe_lost_by([](std::size_t lines) { return std::to_string(lines) + " lost\n"; });
        writer->when_waiting([this] { ++waits; });
    }
    ~Piped() { writer->forget(); }

    /// So that nothing more fits.
    void fill() { writer->line(std::string(4095, '.') + "\n"); }
    std::string read() {
        std::array<char, 8192> buffer;
        const ssize_t got = ::read(pipe.reader.get(), buffer.data(), buffer.size());
        return {buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
    }
    std::string read_all() {
        std::string all;
        for (std::string part = read(); !part.empty(); part = read()) {
            all += part;
            writer->write_more();
        }
        return all;
    }
    std::string read_after_filling() {
        read();
        writer->write_more();
        return read();
    }

    os::Pipe pipe;
    std::optional<Writer> writer;
    int waits = 0;
};

struct GitHubActions {
    explicit GitHubActions(const char* value) { ::setenv("GITHUB_ACTIONS", value, 1); }
    ~GitHubActions() { ::setenv("GITHUB_ACTIONS", before.c_str(), 1); }

    const std::string before{os::environment("GITHUB_ACTIONS")};
};

}  // namespace

TEST_CASE("a line is written at once if it fits") {
    Piped piped;
    piped.writer->line("one\n");
    CHECK(piped.read() == "one\n");
    CHECK(!piped.writer->is_waiting());
    CHECK(piped.waits == 0);
    CHECK((::fcntl(piped.pipe.writer.get(), F_GETFL) & O_NONBLOCK) == 0);
}

TEST_CASE("a line that a full pipe does not take is kept, and written when there is room") {
    Piped piped;
    piped.fill();
    CHECK(piped.waits == 0);
    piped.writer->line("one\n");
    CHECK(piped.writer->is_waiting());
    CHECK(piped.waits == 1);
    CHECK(!piped.writer->write_more());
    piped.writer->line("two\n");
    CHECK(piped.read_after_filling() == "one\ntwo\n");
    CHECK(!piped.writer->is_waiting());
}

TEST_CASE("a page is written whole or not at all, a longer line in pages") {
    Piped piped;
    piped.writer->line(std::string(4096, 'a') + std::string(3'000, 'b') + "\n");
    CHECK(piped.writer->is_waiting());
    CHECK(piped.read() == std::string(4096, 'a'));
    piped.writer->write_more();
    CHECK(piped.read() == std::string(3'000, 'b') + "\n");
}

TEST_CASE("lines that are too many to keep are counted, and the last line is written last") {
    Piped piped;
    piped.fill();
    const std::string line(1'023, 'x');
    for (int i = 0; i < 300; ++i) {
        piped.writer->line(line + "\n");
    }
    piped.writer->line("last\n");
    CHECK(piped.read().size() == 4096);
    piped.writer->write_more();
    CHECK(piped.read().starts_with("45 lost\nxxx"));
    piped.writer->write_more();
    CHECK(piped.read_all().ends_with("xxx\nlast\n"));
    CHECK(!piped.writer->is_waiting());
}

TEST_CASE("a live line is written at once or dropped") {
    Piped piped;
    CHECK(piped.writer->now_or_never("live\r"));
    CHECK(piped.read() == "live\r");
    piped.fill();
    CHECK(!piped.writer->now_or_never("live\r"));
    CHECK(!piped.writer->is_waiting());
    piped.writer->line("one\n");
    CHECK(!piped.writer->now_or_never("live\r"));
    CHECK(piped.read_after_filling() == "one\n");
}

TEST_CASE("a pipe without a reader is not waited for") {
    Piped piped;
    piped.fill();
    piped.writer->line("one\n");
    piped.pipe.reader.reset();
    piped.writer->line("two\n");
    CHECK(!piped.writer->is_waiting());
    piped.writer->write_rest(long_enough, [](int, Millis) {
        FAIL("it waits");
        return Writer::Hurry::Yes;
    });
}

TEST_CASE("a closed descriptor is not waited for") {
    Writer closed(-1);
    closed.line("one\n");
    CHECK(!closed.is_waiting());
    CHECK(!closed.now_or_never("live\r"));
}

TEST_CASE("at the end the rest is written as long as it is read") {
    Piped piped;
    piped.fill();
    for (int i = 0; i < 20; ++i) {
        piped.writer->line(std::string(999, 'x') + "\n");
    }
    std::string all;
    piped.writer->write_rest(long_enough, [&](int descriptor, Millis) {
        CHECK((descriptor == piped.pipe.writer.get() || descriptor == -1));
        all += piped.read();
        return Writer::Hurry::No;
    });
    all += piped.read();
    CHECK(all.size() == 4096 + 20'000);
    CHECK(!piped.writer->is_waiting());
}

TEST_CASE("at the end the wait is over at the time limit, or when it has to hurry") {
    Piped piped;
    piped.fill();
    piped.writer->line("one\n");
    int looks = 0;
    const auto wait = [&](int, Millis) { return ++looks < 3 ? Writer::Hurry::No : Writer::Hurry::Yes; };
    SUBCASE("time limit") {
        piped.writer->write_rest(at_once, wait);
        CHECK(looks == 0);
    }
    SUBCASE("hurry") {
        piped.writer->write_rest(long_enough, wait);
        CHECK(looks == 3);
    }
    CHECK(!piped.writer->is_waiting());
    looks = 0;
    piped.writer->line("two\n");
    piped.writer->write_rest(long_enough, wait);  // it does not wait a second time
    CHECK(looks == 0);
}

TEST_CASE("kept lines are forgotten where a child writes them") {
    Piped piped;
    piped.fill();
    piped.writer->line("one\n");
    piped.writer->forget();
    CHECK(!piped.writer->is_waiting());
    CHECK(piped.read_after_filling().empty());
}

TEST_CASE("room is reported without a change to the descriptor") {
    Piped piped;
    piped.fill();
    os::RoomWatch room;
    REQUIRE(room.watch(piped.pipe.writer.get()));
    CHECK(!os::wait_readable(room.descriptor(), {}, at_once));
    piped.read();
    CHECK(os::wait_readable(room.descriptor(), {}, at_once));
    room.forget();
    CHECK(!os::wait_readable(room.descriptor(), {}, at_once));
    CHECK((::fcntl(piped.pipe.writer.get(), F_GETFL) & O_NONBLOCK) == 0);
    CHECK(!room.watch(-1));
}

TEST_CASE("lost lines are reported also after the log is destroyed") {
    Piped piped;
    piped.fill();
    auto log = make_log({}, *piped.writer);
    for (int i = 0; i < 300; ++i) {
        log->info(std::string(1'023 - 9, 'x'));  // and "vlmshim: "
    }
    CHECK(log->lost_lines() == 44);
    log.reset();
    const std::string told = piped.read_after_filling();
    CHECK(told.starts_with("vlmshim: warning: 44 lines missing here: nobody read them in time\nvlmshim: xxx"));
}

TEST_CASE("text of others is escaped by the log, in every message") {
    Piped piped;
    const auto text = make_log({}, *piped.writer);
    text->warn("pid 7 (a\x1b[2J\n##[x\u202e)\t");
    CHECK(piped.read() == "vlmshim: warning: pid 7 (a\\x1b[2J\\n##\\[x\\u202e)\t\n");
    LogConfig config;
    config.format = LogFormat::Json;
    const auto json = make_log(config, *piped.writer);
    json->warn("pid 7 (a\x1b[2J\n##[x\u202e)");
    CHECK(piped.read().find(R"x("message":"pid 7 (a\u001b[2J\u000a##\u005bx\u202e)"})x") != std::string::npos);
}

TEST_CASE("a group of lines that is folded is written as a whole or not at all: without its end all else is folded") {
    const GitHubActions github("true");
    Piped piped;
    const auto log = make_log({}, *piped.writer);
    const std::vector<std::string> output(20, std::string(500, 'o'));
    const auto overflow = [&] {
        for (int i = 0; i < 300; ++i) {
            log->info(std::string(1'023, 'x'));
        }
    };
    std::string whole = "::group::vlmshim: model: what it printed:\n";
    for (const std::string& line : output) {
        whole += "vlmshim: " + line + "\n";
    }
    whole += "::endgroup::\n";
    SUBCASE("its beginning was written") {
        log->group(LogLevel::Info, "model: what it printed:", output);
        REQUIRE(piped.writer->is_waiting());
        overflow();
        CHECK(piped.read_all().starts_with(whole + "vlmshim: warning: "));
    }
    SUBCASE("nothing of it was written") {
        piped.fill();
        log->group(LogLevel::Info, "model: what it printed:", output);
        overflow();
        CHECK(log->lost_lines() > output.size());
        const std::string rest = piped.read_all().substr(4'096);
        CHECK(rest.starts_with("vlmshim: warning: "));
        CHECK(rest.find("::") == std::string::npos);
    }
    SUBCASE("it is read") {
        log->group(LogLevel::Info, "model: what it printed:", output);
        log->info("afterwards");
        CHECK(piped.read_all() == whole + "vlmshim: afterwards\n");
        CHECK(log->lost_lines() == 0);
    }
}

TEST_CASE("lines that are not folded are lost one by one") {
    const GitHubActions github("false");
    Piped piped;
    piped.fill();
    const auto log = make_log({}, *piped.writer);
    log->group(LogLevel::Info, "title", std::vector<std::string>(300, std::string(1'023, 'o')));
    CHECK(log->lost_lines() > 0);
    CHECK(log->lost_lines() < 100);
}
