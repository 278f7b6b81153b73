// Workflow commands of GitHub Actions.
#pragma once

#include <string>
#include <string_view>

namespace vlmshim {

/// "::error title=vlmshim::message" and a line end: display_text() of the message, and each '%' as the runner undoes
/// it.
std::string github_error(std::string_view message);

}  // namespace vlmshim
