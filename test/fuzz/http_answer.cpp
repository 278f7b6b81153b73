// An answer, in whatever pieces it arrives.
#include <algorithm>

#include "fuzz.hpp"
#include "vlmshim/core/values/http_answer.hpp"

namespace fuzz {

using namespace vlmshim;

void http_answer(std::string_view data) {
    HttpAnswer whole;
    whole.take(data);
    require(whole.status() == 0 || (whole.status() >= 200 && whole.status() <= 599), "a final status is in range");
    require(!whole.is_complete() || whole.status() != 0, "what is complete has a status");
    require(!whole.is_complete() || !whole.is_invalid(), "one of them");

    // The probe stops at the first status, and reads on to the end.
    HttpAnswer pieces;
    int first_status = 0;
    constexpr std::size_t piece = 3;
    for (std::size_t at = 0; at < data.size(); at += piece) {
        pieces.take(data.substr(at, piece));
        require(first_status == 0 || pieces.status() == first_status, "a status stays what it is");
        first_status = pieces.status();
    }
    require(pieces.status() == whole.status() && pieces.is_complete() == whole.is_complete() &&
                pieces.is_invalid() == whole.is_invalid(),
            "the pieces do not matter");
    whole.end();
    require(whole.is_complete() || whole.is_invalid(), "nothing comes after the end");
}

}  // namespace fuzz
