#include <doctest/doctest.h>

#include "vlmshim/os/link.hpp"

using namespace vlmshim;

// A second ^C at the moment when the run ended: the supervisor exited with the relayed signal unread, the keeper's next
// read failed with ECONNRESET, and a finished run was reported as one that had lost its supervisor (125).
TEST_CASE("a verdict arrives although the supervisor did not read its last message") {
    std::error_code error;
    os::LinkEnds link = os::open_link(error);
    REQUIRE(!error);
    CHECK(os::send_message(link.keeper.get(), os::to_supervisor::Relayed{}) == os::Sent::Yes);
    CHECK(os::send_message(link.supervisor.get(), os::to_keeper::Verdict{ExitStatus::exited(7)}) == os::Sent::Yes);
    link.supervisor.reset();

    os::ToKeeper message;
    REQUIRE(os::receive_message(link.keeper.get(), message) == os::Received::Message);
    CHECK(std::get<os::to_keeper::Verdict>(message).status == ExitStatus::exited(7));
    CHECK(os::receive_message(link.keeper.get(), message) == os::Received::EndOfFile);
}

TEST_CASE("a link with nothing to read is not at its end") {
    std::error_code error;
    const os::LinkEnds link = os::open_link(error);
    os::ToKeeper message;
    CHECK(os::receive_message(link.keeper.get(), message) == os::Received::Nothing);
}
