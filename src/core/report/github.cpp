#include "vlmshim/core/report/github.hpp"

#include "vlmshim/core/values/display_text.hpp"

namespace vlmshim {

namespace {

std::string command(std::string_view name, std::string_view message) {
    std::string text = "::" + std::string(name) + "::";
    for (const char c : display_text(message)) {
        text += c == '%' ? "%25" : std::string(1, c);
    }
    return text + "\n";
}

}  // namespace

std::string github_error(std::string_view message) {
    return command("error title=vlmshim", message);
}

std::string github_group(std::string_view title) {
    return command("group", title);
}

}  // namespace vlmshim
