// One question to a server over its own connection, which may outlive the probe that asked it.
#pragma once

#include <uv.h>

#include <array>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "uv_handle.hpp"
#include "vlmshim/core/values/http_answer.hpp"
#include "vlmshim/loop/loop.hpp"
#include "vlmshim/loop/probe.hpp"

namespace vlmshim::loop {

class NetAttempt;

/// Attempts whose answer is known, or no longer needed, until their connections have ended in order. They are closed
/// with it, before the loop ends.
class EndingAttempts {
public:
    void add(std::shared_ptr<NetAttempt> attempt) { attempts_.insert(std::move(attempt)); }
    void remove(const std::shared_ptr<NetAttempt>& attempt) { attempts_.erase(attempt); }

private:
    std::set<std::shared_ptr<NetAttempt>> attempts_;
};

/// Tries the addresses of the target one after the other. Shared with the callbacks of its connection.
class NetAttempt : public std::enable_shared_from_this<NetAttempt> {
public:
    NetAttempt(Loop& loop, NetTarget target, EndingAttempts& ending, std::function<void(const NetAnswer&)> answered);
    ~NetAttempt();
    NetAttempt(const NetAttempt&) = delete;
    NetAttempt& operator=(const NetAttempt&) = delete;

    /// Calls back from the loop, never from in here.
    void try_next_address();
    /// Never calls back from now on. A connection that waits for an answer still ends in order.
    void abandon();

private:
    enum class State {
        Connecting,
        Asking,
        Answered,       // the rest of the answer is read
        WaitsForClose,  // of the server's side
        ClosedOurSide,  // and waits for the server's
    };

    /// The libuv side of one connection.
    struct Connection : UvHandle<Connection, uv_tcp_t> {
        std::weak_ptr<NetAttempt> owner;
        uv_connect_t connect{};
        uv_write_t write{};
        std::string request;
        std::array<char, 16 * 1024> buffer{};
    };

    static void on_connected(uv_connect_t* connect, int status);
    static void on_read(uv_stream_t* stream, ssize_t size, const uv_buf_t* buffer);
    void connected(Connection& connection);
    void received(std::string_view bytes);
    void closed(const std::string& how);
    void failed(const std::string& detail);
    void answer(ProbeResult result, const std::string& detail);
    void time_ran_out();
    void end_in_order(State state, Millis limit);
    void reset();
    void close();
    int descriptor() const;

    Loop& loop_;
    NetTarget target_;
    EndingAttempts& ending_;
    std::function<void(const NetAnswer&)> answered_;
    std::size_t next_ = 0;
    std::unique_ptr<Connection, CloseHandle> connection_;
    HttpAnswer http_;
    std::size_t read_ = 0;
    State state_ = State::Connecting;
    std::string why_not_connected_;
    Timer limit_;
};

}  // namespace vlmshim::loop
