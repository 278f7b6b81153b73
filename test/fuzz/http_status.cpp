// The first line of an answer, in whatever pieces it arrives.
#include <algorithm>

#include "fuzz.hpp"
#include "vlmshim/core/values/http_status.hpp"

namespace fuzz {

using namespace vlmshim;

void http_status(std::string_view data) {
    using State = HttpStatusLine::State;
    const HttpStatusLine whole = parse_http_status(data);
    require((whole.state == State::Valid) == (whole.status >= 100 && whole.status <= 599),
            "a valid status is in range");
    require(!whole.ready() || (whole.status >= 200 && whole.status < 300), "ready is 2xx");
    // The probe stops at the first answer that is not Incomplete.
    constexpr std::size_t most_pieces = 2048;
    for (std::size_t size = 0; size < std::min(data.size(), most_pieces); ++size) {
        const HttpStatusLine part = parse_http_status(data.substr(0, size));
        if (part.state != State::Incomplete) {
            require(part.state == whole.state && part.status == whole.status, "the pieces do not matter");
            break;
        }
    }
}

}  // namespace fuzz
