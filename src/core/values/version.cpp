#include "vlmshim/core/values/version.hpp"

namespace vlmshim {

std::string_view version() {
    return VLMSHIM_VERSION;
}

}  // namespace vlmshim
