#include "vlmshim/core/version.hpp"

namespace vlmshim {

std::string_view version() {
    return VLMSHIM_VERSION;
}

}  // namespace vlmshim
