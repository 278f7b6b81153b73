// Handlers for the types of a variant, for std::visit.
#pragma once

#include <concepts>

namespace vlmshim {

/// One handler for each type; one that is missing does not compile.
template <typename... Handlers>
struct ByType : Handlers... {
    using Handlers::operator()...;
};
template <typename... Handlers>
ByType(Handlers...) -> ByType<Handlers...>;

/// The handler of types for which nothing is to be done.
template <typename... Types>
struct Ignored {
    template <typename Type>
    requires(std::same_as<Type, Types> || ...) void operator()(const Type&) const {}
};

}  // namespace vlmshim
