// The handlers for std::visit.
#pragma once

namespace vlmshim {

/// One handler for each type of a variant; without one of them it does not compile.
template <typename... Handlers>
struct ByType : Handlers... {
    using Handlers::operator()...;
};
template <typename... Handlers>
ByType(Handlers...) -> ByType<Handlers...>;

}  // namespace vlmshim
