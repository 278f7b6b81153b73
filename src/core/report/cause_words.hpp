// Each cause in words, and what a reader may do about it.
#pragma once

#include <string_view>

#include "vlmshim/core/report/verdict.hpp"

namespace vlmshim {

struct CauseWords {
    std::string_view what;    // "a server ended too early"; empty: there is no cause
    std::string_view advice;  // holds for a reader of the page as well as of the summary of a step
};

CauseWords words_of(Cause cause);

}  // namespace vlmshim
