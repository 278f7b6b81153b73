// Workflow commands of GitHub Actions.
#pragma once

#include <string>
#include <string_view>

namespace vlmshim {

/// "::error title=vlmshim::message" and a line end. The message is escaped by display_text(), each '%' as "%25", which
/// the runner decodes.
std::string github_error(std::string_view message);

}  // namespace vlmshim
