// The version in `vlmshim --version` and in reports.
#pragma once

#include <string>
#include <string_view>

namespace vlmshim {

std::string_view version();

/// The commit, "a1b2c3d", with a "+" if tracked files were changed; empty if the tree was compiled without git.
/// Generated from core/values/revision.cpp.in.
std::string_view revision();

/// "vlmshim 0.1.0 (a1b2c3d)"
std::string name_and_version();

}  // namespace vlmshim
