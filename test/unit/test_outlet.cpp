#include <doctest/doctest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <optional>
#include <string_view>

#include "vlmshim/os/fd.hpp"
#include "vlmshim/os/outlet.hpp"
#include "vlmshim/os/poll.hpp"

using namespace vlmshim;

namespace {

constexpr Millis long_enough{10'000};

os::Outlet::State write_count(os::Outlet& outlet, std::uint64_t count) {
    return outlet.write({reinterpret_cast<const char*>(&count), sizeof count}).state;
}

std::optional<std::uint64_t> read_count(const os::Fd& counter) {
    std::uint64_t count = 0;
    const bool readable = os::wait_readable(counter.get(), {}, long_enough);
    return readable && ::read(counter.get(), &count, sizeof count) == sizeof count ? std::optional(count)
                                                                                   : std::nullopt;
}

}  // namespace

// A terminal of another user (su) is written by a thread. The test had set O_NONBLOCK on it: the thread took the first
// EAGAIN for a reader that was gone, and nothing was written any more.
TEST_CASE("a thread that writes waits for room although the descriptor does not") {
    constexpr std::uint64_t full = ~std::uint64_t{1};  // eventfd(2): no more fits
    const os::Fd counter(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    REQUIRE(counter);
    os::Outlet outlet(counter.get());
    CHECK(write_count(outlet, full) == os::Outlet::State::Ready);
    CHECK(write_count(outlet, 1) == os::Outlet::State::Ready);
    CHECK(read_count(counter) == full);
    CHECK(read_count(counter) == 1);
    CHECK(!outlet.late_error());
}
