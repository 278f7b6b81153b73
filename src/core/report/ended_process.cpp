#include "vlmshim/core/report/ended_process.hpp"

namespace vlmshim {

std::string_view ended_how_name(EndedHow how) {
    switch (how) {
        case EndedHow::ByItself:
            return "by itself";
        case EndedHow::Terminated:
            return "asked";
        case EndedHow::Killed:
            return "killed";
        case EndedHow::Survived:
            return "survived";
    }
    return {};
}

std::string_view ended_why_name(EndedWhy why) {
    switch (why) {
        case EndedWhy::Leftover:
            return "leftover";
        case EndedWhy::Test:
            return "test";
        case EndedWhy::Server:
            return "server";
        case EndedWhy::PortHolder:
            return "port holder";
        case EndedWhy::DeadRun:
            return "dead run";
    }
    return {};
}

void write_ended(JsonWriter& json, const EndedProcess& process) {
    json.key("pid").number(process.pid.value);
    json.key("command").string(process.command);
    json.key("how").string(ended_how_name(process.how));
}

}  // namespace vlmshim
