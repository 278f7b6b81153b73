#include "vlmshim/core/values/address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

namespace vlmshim {

std::optional<Address> Address::parse(std::string_view text) {
    const std::string whole(text);
    V4Bytes four{};
    V6Bytes six{};
    if (text.find('\0') != std::string_view::npos) {
        return std::nullopt;
    }
    if (::inet_pton(AF_INET, whole.c_str(), four.data()) == 1) {
        return of(four);
    }
    return ::inet_pton(AF_INET6, whole.c_str(), six.data()) == 1 ? std::optional(of(six)) : std::nullopt;
}

std::string Address::text() const {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (is_v4()) {
        ::inet_ntop(AF_INET, v4_bytes().data(), text.data(), text.size());
    } else {
        ::inet_ntop(AF_INET6, bytes_.data(), text.data(), text.size());
    }
    return text.data();
}

}  // namespace vlmshim
