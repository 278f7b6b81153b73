#include "vlmshim/core/report/github.hpp"

#include "vlmshim/core/values/display_text.hpp"

namespace vlmshim {

std::string github_error(std::string_view message) {
    std::string text = "::error title=vlmshim::";
    for (const char c : display_text(message)) {
        text += c == '%' ? "%25" : std::string(1, c);
    }
    return text + "\n";
}

}  // namespace vlmshim
