// Workflow commands of GitHub Actions. Text in them is escaped by display_text(), each '%' as "%25", which the runner
// decodes.
#pragma once

#include <string>
#include <string_view>

namespace vlmshim {

/// "::error title=vlmshim::message" and a line end.
std::string github_error(std::string_view message);

/// "::group::title" and a line end: the lines until github_group_end are folded below the title.
std::string github_group(std::string_view title);
inline constexpr std::string_view github_group_end = "::endgroup::\n";

}  // namespace vlmshim
