// What a signal means: every way in which one request arrives, and what is a second one.
#include <doctest/doctest.h>

#include <csignal>
#include <string>

#include "vlmshim/core/lifecycle/signal_intake.hpp"
#include "vlmshim/core/values/signal_names.hpp"
#include "vlmshim/core/values/signal_numbers.hpp"

using namespace vlmshim;

namespace {

constexpr Signal usr1{SIGUSR1};
constexpr Signal winch{SIGWINCH};
const Pid self{100};
const Pid test{101};
const Pid agent{7};
const Pid outside{0};

struct Text {
    static std::string with(const std::optional<Signal>& signal) {
        return signal ? " pass-on:" + signal_name(*signal) : "";
    }
    static std::string with(Reach reach) {
        switch (reach) {
            case Reach::OnlyUs:
                return "";
            case Reach::Group:
                return " group-has-it";
            case Reach::All:
                return " all-have-it";
        }
        return "?";
    }
    std::string operator()(const meaning::Nothing&) const { return "nothing"; }
    std::string operator()(const meaning::TestHasIt&) const { return "test-has-it"; }
    std::string operator()(const meaning::EndRun& m) const {
        return "end:" + signal_name(m.signal) + with(m.pass_on) + with(m.reach);
    }
    std::string operator()(const meaning::SameRequest& m) const { return "same" + with(m.pass_on) + with(m.reach); }
    std::string operator()(const meaning::EndNow&) const { return "now"; }
    std::string operator()(const meaning::PassOn& m) const { return "pass-on:" + signal_name(m.signal); }
    std::string operator()(const meaning::WantsTerminal&) const { return "wants-terminal"; }
    std::string operator()(const meaning::StopJob&) const { return "stop-job"; }
    std::string operator()(const meaning::Continue&) const { return "continue"; }
};

ArrivedSignal typed(Signal signal) {
    return {{signal, Pid{0}, SignalCode::Kernel}, SignalPath::Direct};
}
ArrivedSignal direct(Signal signal, Pid sender) {
    return {{signal, sender, SignalCode::Process}, SignalPath::Direct};
}
ArrivedSignal relayed(Signal signal, Pid sender) {
    return {{signal, sender, SignalCode::Process}, SignalPath::Relayed};
}

std::string decide(SignalIntake& intake, const ArrivedSignal& arrived, int at) {
    return std::visit(Text{}, intake.decide(arrived, Millis{at}));
}

}  // namespace

TEST_CASE("one signal") {
    struct Row {
        ArrivedSignal arrived;
        const char* meaning;
    };
    const ArrivedSignal ignored_hup{{sighup, agent, SignalCode::Process}, SignalPath::Relayed, Disposition::Ignored};
    const ArrivedSignal ignored_int{{sigint, Pid{0}, SignalCode::Kernel}, SignalPath::Direct, Disposition::Ignored};
    const ArrivedSignal hang_up{{sighup, Pid{0}, SignalCode::Kernel}, SignalPath::Relayed};
    for (const Row& row : {
             Row{relayed(sigterm, agent), "end:SIGTERM pass-on:SIGTERM"},
             Row{direct(sigterm, test), "end:SIGTERM pass-on:SIGTERM"},  // kill -TERM $PPID
             Row{relayed(sigterm, outside), "end:SIGTERM pass-on:SIGTERM"},
             Row{typed(sigint), "end:SIGINT group-has-it"},
             Row{typed(sigquit), "end:SIGQUIT group-has-it"},
             Row{hang_up, "end:SIGHUP pass-on:SIGHUP"},  // of the caller's group, not of ours
             Row{ignored_hup, "pass-on:SIGHUP"},         // nohup
             Row{ignored_int, "test-has-it"},
             Row{relayed(usr1, agent), "pass-on:SIGUSR1"},
             Row{direct(usr1, test), "pass-on:SIGUSR1"},
             Row{direct(usr1, self), "nothing"},  // our own echo
             Row{direct(sigterm, self), "nothing"},
             Row{relayed(usr1, self), "pass-on:SIGUSR1"},  // to the keeper: no echo
             Row{typed(winch), "test-has-it"},
             Row{relayed(winch, agent), "pass-on:SIGWINCH"},
             Row{direct(sigpipe, agent), "nothing"},
             Row{direct(sigchld, test), "nothing"},
             Row{direct(sigcont, agent), "continue"},
             Row{direct(sigcont, self), "nothing"},
             Row{typed(sigttin), "wants-terminal"},
             Row{direct(sigttin, test), "wants-terminal"},  // sh -i: kill(0, SIGTTIN)
             Row{direct(sigttou, test), "wants-terminal"},
             Row{direct(sigttin, self), "nothing"},
             Row{relayed(sigttin, agent), "pass-on:SIGTTIN"},
             Row{typed(sigtstp), "stop-job"},
             Row{direct(sigtstp, test), "stop-job"},
             Row{relayed(sigtstp, agent), "stop-job"},
         }) {
        SignalIntake intake({}, self);
        CAPTURE(signal_name(row.arrived.info.signal));
        CHECK(decide(intake, row.arrived, 0) == row.meaning);
    }
}

TEST_CASE("the sender is known, whatever the signal means and by whatever path it came") {
    const auto sender_of = [](const SignalMeaning& meaning) {
        const auto* end = std::get_if<meaning::EndRun>(&meaning);
        const auto* same = std::get_if<meaning::SameRequest>(&meaning);
        const auto* pass_on = std::get_if<meaning::PassOn>(&meaning);
        return end != nullptr       ? end->sender
               : same != nullptr    ? same->sender
               : pass_on != nullptr ? pass_on->sender
                                    : Pid{-1};
    };
    for (const Signal signal : {sigterm, sigint, sighup, sigquit}) {
        for (const auto arrive : {direct, relayed}) {
            SignalIntake intake({}, self);
            CHECK(sender_of(intake.decide(arrive(signal, test), Millis{0})) == test);
            CHECK(sender_of(intake.decide(arrive(signal, agent), Millis{1})) == agent);
            CHECK(sender_of(intake.decide(arrive(sighup, outside), Millis{2})) == outside);
            CHECK(sender_of(intake.decide(arrive(usr1, test), Millis{3})) == test);
        }
    }
}

TEST_CASE("a second signal after the first") {
    struct Row {
        ArrivedSignal first;
        ArrivedSignal second;
        int after;
        const char* meaning;
    };
    const ArrivedSignal hang_up = typed(sighup);
    for (const Row& row : {
             // the same request
             Row{relayed(sigterm, agent), relayed(sigterm, agent), 0, "same"},  // timeout(1): its child, then its group
             Row{relayed(sigterm, agent), relayed(sigterm, agent), 500, "same"},
             Row{relayed(sigterm, agent), relayed(sigterm, Pid{8}), 300, "same"},
             Row{relayed(sigterm, agent), relayed(sigterm, outside), 300, "same"},
             Row{typed(sigint), relayed(sigint, agent), 400, "same"},  // npm, concurrently
             Row{typed(sigint), typed(sigint), 200, "same group-has-it"},
             Row{relayed(sigint, agent), typed(sigint), 200, "same group-has-it"},
             Row{relayed(sigterm, agent), direct(sigterm, agent), 20, "same all-have-it"},  // kill of every process
             Row{direct(sigterm, agent), relayed(sigterm, agent), 20, "same all-have-it"},
             Row{relayed(sigterm, outside), direct(sigterm, outside), 20, "same all-have-it"},
             Row{relayed(sigterm, agent), direct(sigterm, Pid{8}), 20, "same"},
             // another signal within it is passed on, and is the same request all the same
             Row{relayed(sigint, agent), relayed(sigterm, agent), 100, "same pass-on:SIGTERM"},
             Row{typed(sigint), relayed(sigterm, agent), 100, "same pass-on:SIGTERM"},
             Row{relayed(sigterm, agent), typed(sigint), 100, "same group-has-it"},
             // after it: now
             Row{relayed(sigterm, agent), relayed(sigterm, agent), 501, "now"},
             Row{typed(sigint), typed(sigint), 501, "now"},
             Row{relayed(sigterm, agent), direct(sigterm, agent), 501, "now"},
             Row{relayed(sigint, agent), relayed(sigterm, outside), 2'000, "now"},
             Row{relayed(sigint, agent), relayed(sighup, agent), 2'000, "now"},
             // the kernel hangs up our group, the shell its job, whenever it gets to it
             Row{hang_up, relayed(sighup, agent), 100, "same"},
             Row{hang_up, relayed(sighup, agent), 5'000, "same"},
             Row{hang_up, relayed(sigterm, agent), 5'000, "now"},
             // what does not end the run does not count
             Row{relayed(usr1, agent), relayed(sigterm, agent), 2'000, "end:SIGTERM pass-on:SIGTERM"},
             Row{direct(sigterm, self), relayed(sigterm, agent), 2'000, "end:SIGTERM pass-on:SIGTERM"},
         }) {
        SignalIntake intake({}, self);
        decide(intake, row.first, 1'000);
        CAPTURE(row.meaning);
        CAPTURE(row.after);
        CHECK(decide(intake, row.second, 1'000 + row.after) == row.meaning);
    }
}

TEST_CASE("the time is counted from the first one, however often it is repeated") {
    SignalIntake intake({}, self);
    decide(intake, relayed(sigint, agent), 0);
    for (const int at : {100, 300, 450}) {
        CHECK(decide(intake, relayed(sigint, agent), at) == "same");
    }
    CHECK(decide(intake, relayed(sigint, agent), 600) == "now");
    CHECK(decide(intake, relayed(sigint, agent), 700) == "now");
}

TEST_CASE("each signal is passed on once within the time, as it is rewritten") {
    SignalsConfig config;
    config.rewrite = {{sigterm, sigint}, {usr1, sigquit}};
    SignalIntake intake(config, self);
    CHECK(decide(intake, relayed(usr1, agent), 0) == "pass-on:SIGQUIT");
    CHECK(decide(intake, relayed(sigterm, agent), 0) == "end:SIGTERM pass-on:SIGINT");
    CHECK(decide(intake, relayed(sigint, agent), 10) == "same");
    CHECK(decide(intake, relayed(sighup, agent), 20) == "same pass-on:SIGHUP");
    CHECK(decide(intake, relayed(sighup, agent), 30) == "same");
}

TEST_CASE("what is typed while the run has the terminal, the caller's group gets as well") {
    for (const Signal signal : {sigint, sigquit, sigtstp}) {
        CHECK(SignalIntake::is_for_callers_group_too(typed(signal), TerminalOwner::Run));
        CHECK_FALSE(SignalIntake::is_for_callers_group_too(typed(signal), TerminalOwner::Caller));
        CHECK_FALSE(SignalIntake::is_for_callers_group_too(direct(signal, test), TerminalOwner::Run));
        CHECK_FALSE(SignalIntake::is_for_callers_group_too(relayed(signal, agent), TerminalOwner::Run));
    }
    CHECK_FALSE(SignalIntake::is_for_callers_group_too(typed(sighup), TerminalOwner::Run));
    CHECK_FALSE(SignalIntake::is_for_callers_group_too(typed(sigttin), TerminalOwner::Run));
}
