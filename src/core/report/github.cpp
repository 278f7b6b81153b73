#include "vlmshim/core/report/github.hpp"

namespace vlmshim {

std::string github_error(std::string_view message) {
    std::string text = "::error title=vlmshim::";
    for (const char c : message) {
        switch (c) {
            case '%':
                text += "%25";
                break;
            case '\r':
                text += "%0D";
                break;
            case '\n':
                text += "%0A";
                break;
            default:
                text += c;
                break;
        }
    }
    return text + "\n";
}

}  // namespace vlmshim
