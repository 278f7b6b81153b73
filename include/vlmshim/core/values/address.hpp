// An address of the Internet Protocol, either version.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vlmshim {

enum class IpVersion { V4, V6 };

/// An IPv4 address is held as the IPv6 address that it maps to, ::ffff:a.b.c.d, ipv6(7): so the two compare equal, as
/// do all spellings of one address.
class Address {
public:
    using V4Bytes = std::array<std::uint8_t, 4>;
    using V6Bytes = std::array<std::uint8_t, 16>;

    /// In network order.
    static constexpr Address of(const V4Bytes& bytes) {
        return Address({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, bytes[0], bytes[1], bytes[2], bytes[3]});
    }
    static constexpr Address of(const V6Bytes& bytes) { return Address(bytes); }

    /// 0.0.0.0, ::
    static constexpr Address wildcard(IpVersion version) {
        return version == IpVersion::V4 ? of(V4Bytes{}) : of(V6Bytes{});
    }
    /// 127.0.0.1, ::1
    static constexpr Address loopback(IpVersion version) {
        return version == IpVersion::V4 ? of(V4Bytes{127, 0, 0, 1})
                                        : of(V6Bytes{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
    }

    /// As inet_pton(3) reads either version: no brackets, no zone.
    static std::optional<Address> parse(std::string_view text);
    /// As inet_ntop(3) writes it; a mapped address as plain IPv4.
    std::string text() const;

    constexpr bool is_v4() const { return *this == of(v4_bytes()); }
    constexpr IpVersion version() const { return is_v4() ? IpVersion::V4 : IpVersion::V6; }
    constexpr bool is_wildcard() const { return *this == wildcard(version()); }

    /// In network order. v4_bytes() is meaningful only where is_v4().
    constexpr const V6Bytes& bytes() const { return bytes_; }
    constexpr V4Bytes v4_bytes() const { return {bytes_[12], bytes_[13], bytes_[14], bytes_[15]}; }

    friend constexpr bool operator==(const Address&, const Address&) = default;
    /// Not a default <=>: libc++ has none for std::array before version 17.
    friend constexpr bool operator<(const Address& a, const Address& b) { return a.bytes_ < b.bytes_; }

private:
    explicit constexpr Address(const V6Bytes& bytes) : bytes_(bytes) {}

    V6Bytes bytes_;
};

}  // namespace vlmshim
