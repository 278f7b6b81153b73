#include "vlmshim/core/report/free_result.hpp"

#include <algorithm>

namespace vlmshim {

bool FreeResult::is_free(Port port) const {
    return std::none_of(stays.begin(), stays.end(), [&](const Stays& one) { return one.holder.listener.port == port; });
}

bool FreeResult::complete() const {
    return stays.empty() && std::none_of(ended.begin(), ended.end(),
                                         [](const EndedProcess& process) { return process.how == EndedHow::Survived; });
}

std::string json_lines(const FreeResult& result) {
    std::string lines;
    for (const EndedProcess& process : result.ended) {
        JsonWriter json(JsonWriter::Layout::OneLine);
        json.begin_object().key("event").string("ended");
        write_ended(json, process);
        lines += json.end_object().text() + "\n";
    }
    for (const FreeResult::Stays& one : result.stays) {
        JsonWriter json(JsonWriter::Layout::OneLine);
        json.begin_object().key("event").string("stays");
        write_holder(json, one.holder);
        lines += json.key("because").string(one.because).end_object().text() + "\n";
    }
    for (const Port port : result.ports) {
        JsonWriter json(JsonWriter::Layout::OneLine);
        json.begin_object().key("event").string("port").key("port").number(port.number);
        lines += json.key("free").boolean(result.is_free(port)).end_object().text() + "\n";
    }
    return lines;
}

}  // namespace vlmshim
