#include "vlmshim/core/report/report_words.hpp"

namespace vlmshim {

std::string_view why_not_started(const RunReport::Server& server) {
    if (server.reused) {
        return "not started by this run: it was running before";
    }
    return server.started_at ? "" : "not started";
}

std::string server_title(const std::string& name) {
    return name == "server" ? name : "server " + name;
}

std::string exact_time(Millis at) {
    if (at < Millis{0}) {
        return "-";
    }
    if (at < Millis{1'000}) {
        return std::to_string(at.count()) + " ms";
    }
    const Millis seconds = at % 60'000;
    const auto minutes = (at - seconds) / 60'000;
    const std::string before = minutes > Millis{0} ? std::to_string(minutes.count()) + " min " : "";
    return before + std::to_string(seconds.count() / 1'000) + "." +
           std::to_string(1'000 + seconds.count() % 1'000).substr(1) + " s";
}

}  // namespace vlmshim
