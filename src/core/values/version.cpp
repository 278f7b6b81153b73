#include "vlmshim/core/values/version.hpp"

namespace vlmshim {

std::string_view version() {
    return VLMSHIM_VERSION;
}

std::string name_and_version() {
    const std::string text = "vlmshim " + std::string(version());
    return revision().empty() ? text : text + " (" + std::string(revision()) + ")";
}

}  // namespace vlmshim
