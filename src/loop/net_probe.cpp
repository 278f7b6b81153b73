#include "vlmshim/loop/net_probe.hpp"

#include <netinet/in.h>
#include <uv.h>

#include <array>
#include <cstring>

#include "uv_handle.hpp"
#include "vlmshim/core/lifecycle/time_limits.hpp"
#include "vlmshim/core/values/http_status.hpp"

namespace vlmshim::loop {

namespace {

sockaddr_storage to_sockaddr(const Address& address, Port port) {
    sockaddr_storage where{};
    if (address.is_v4()) {
        auto& v4 = reinterpret_cast<sockaddr_in&>(where);
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port.number);
        std::memcpy(&v4.sin_addr, address.v4_bytes().data(), sizeof v4.sin_addr);
    } else {
        auto& v6 = reinterpret_cast<sockaddr_in6&>(where);
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(port.number);
        std::memcpy(&v6.sin6_addr, address.bytes().data(), sizeof v6.sin6_addr);
    }
    return where;
}

std::string request_for(const NetTarget& target) {
    return "GET " + *target.http_path + " HTTP/1.1\r\nHost: " + target.host.text + ":" +
           std::to_string(target.port.number) + "\r\nUser-Agent: vlmshim\r\nAccept: */*\r\nConnection: close\r\n\r\n";
}

}  // namespace

/// Shared with the callbacks of the connection under way, which may outlive the probe.
class NetProbe::Attempt : public std::enable_shared_from_this<NetProbe::Attempt> {
public:
    Attempt(Loop& loop, NetTarget target, std::function<void(const NetAnswer&)> answered)
        : loop_(loop),
          target_(std::move(target)),
          answered_(std::move(answered)),
          silence_(loop, [this] { failed(why_silent_); }) {}

    void try_next_address();
    void abandon() {
        answered_ = nullptr;
        hang_up();
        silence_.stop();
    }

private:
    /// The libuv side of one connection.
    struct Connection : UvHandle<Connection, uv_tcp_t> {
        std::weak_ptr<Attempt> owner;
        uv_connect_t connect{};
        uv_write_t write{};
        std::string request;
        std::string received;
        std::array<char, 1024> buffer{};
    };

    static void on_connected(uv_connect_t* connect, int status);
    static void on_read(uv_stream_t* stream, ssize_t size, const uv_buf_t* buffer);
    void connected(Connection& connection);
    void received(const std::string& so_far);
    void failed(const std::string& detail);
    void answer(ProbeResult result, const std::string& detail);
    void hang_up() { connection_.reset(); }

    Loop& loop_;
    NetTarget target_;
    std::function<void(const NetAnswer&)> answered_;
    std::size_t next_ = 0;
    std::unique_ptr<Connection, CloseHandle> connection_;
    std::string why_silent_;
    Timer silence_;
};

void NetProbe::Attempt::try_next_address() {
    const sockaddr_storage where = to_sockaddr(target_.host.addresses[next_++], target_.port);
    connection_.reset(new Connection);
    connection_->owner = weak_from_this();
    int result = uv_tcp_init(loop_.raw(), &connection_->uv);
    if (result == 0) {
        result = uv_tcp_connect(&connection_->connect, &connection_->uv, reinterpret_cast<const sockaddr*>(&where),
                                on_connected);
    }
    // Told from the loop, never from inside the constructor.
    why_silent_ = result != 0 ? uv_strerror(result) : "no answer in 5 s";
    silence_.start(result != 0 ? Millis{0} : probe_silence);
}

void NetProbe::Attempt::on_connected(uv_connect_t* connect, int status) {
    Connection& connection = Connection::of(reinterpret_cast<uv_tcp_t*>(connect->handle));
    const auto self = connection.owner.lock();
    if (!self || status == UV_ECANCELED) {
        return;
    }
    if (status != 0) {
        self->failed(uv_strerror(status));
        return;
    }
    self->connected(connection);
}

void NetProbe::Attempt::connected(Connection& connection) {
    if (!target_.http_path) {
        answer(ProbeResult::Ready, "connected");
        return;
    }
    connection.request = request_for(target_);
    const uv_buf_t data = uv_buf_init(connection.request.data(), static_cast<unsigned>(connection.request.size()));
    auto* stream = reinterpret_cast<uv_stream_t*>(&connection.uv);
    uv_write(&connection.write, stream, &data, 1, nullptr);  // a failure shows at the read
    uv_read_start(
        stream,
        [](uv_handle_t* handle, std::size_t, uv_buf_t* buffer) {
            Connection& self = Connection::of(reinterpret_cast<uv_tcp_t*>(handle));
            *buffer = uv_buf_init(self.buffer.data(), static_cast<unsigned>(self.buffer.size()));
        },
        on_read);
}

void NetProbe::Attempt::on_read(uv_stream_t* stream, ssize_t size, const uv_buf_t* buffer) {
    Connection& connection = Connection::of(reinterpret_cast<uv_tcp_t*>(stream));
    const auto self = connection.owner.lock();
    if (!self) {
        return;
    }
    if (size < 0) {
        self->failed(size == UV_EOF ? "closed the connection without an answer" : uv_strerror(static_cast<int>(size)));
        return;
    }
    connection.received.append(buffer->base, static_cast<std::size_t>(size));
    self->received(connection.received);
}

void NetProbe::Attempt::received(const std::string& so_far) {
    const HttpStatusLine line = parse_http_status(so_far);
    switch (line.state) {
        case HttpStatusLine::State::Incomplete:
            return;
        case HttpStatusLine::State::Invalid:
            answer(ProbeResult::NotReady, "an answer that is not HTTP");
            return;
        case HttpStatusLine::State::Valid:
            answer(line.ready() ? ProbeResult::Ready : ProbeResult::NotReady, "HTTP " + std::to_string(line.status));
            return;
    }
}

void NetProbe::Attempt::failed(const std::string& detail) {
    // Only where nobody answered is the next address worth a try.
    if (next_ < target_.host.addresses.size() && answered_) {
        try_next_address();
    } else {
        answer(ProbeResult::NotReady, detail);
    }
}

void NetProbe::Attempt::answer(ProbeResult result, const std::string& detail) {
    const auto keep_alive = shared_from_this();  // the callback may destroy the probe
    const auto answered = std::exchange(answered_, nullptr);
    hang_up();
    silence_.stop();
    if (answered) {
        answered({result, target_.host.addresses[next_ - 1], detail});
    }
}

NetProbe::NetProbe(Loop& loop, NetTarget target, std::function<void(const NetAnswer&)> answered)
    : attempt_(std::make_shared<Attempt>(loop, std::move(target), std::move(answered))) {
    attempt_->try_next_address();
}

NetProbe::~NetProbe() {
    attempt_->abandon();
}

AskNetwork ask_network(Loop& loop) {
    return [&loop](const NetTarget& target, std::function<void(const NetAnswer&)> answered) {
        return std::make_unique<NetProbe>(loop, target, std::move(answered));
    };
}

}  // namespace vlmshim::loop
