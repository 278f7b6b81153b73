// An HTTP answer as it arrives: its status, and where it ends (RFC 9112). Its body is not kept.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vlmshim {

class HttpAnswer {
public:
    /// The next bytes. Informational answers (1xx) are skipped, RFC 9110 section 15.2.
    void take(std::string_view bytes);
    /// The server has closed the connection, which completes a body without a length.
    void end();

    /// 200..599 as soon as the status line is complete; 0 before.
    int status() const { return status_; }
    bool is_complete() const { return part_ == Part::Over; }
    /// It is not HTTP, or its end cannot be determined.
    bool is_invalid() const { return part_ == Part::Invalid; }

private:
    enum class Part { StatusLine, Header, Body, BodyUntilClosed, ChunkSize, Chunk, ChunkEnd, Trailer, Over, Invalid };

    void take_line(std::string_view line);
    void take_status(std::string_view line);
    void take_header(std::string_view line);
    void begin_body();
    void take_chunk_size(std::string_view line);

    Part part_ = Part::StatusLine;
    std::string line_;  // the unfinished one
    int status_ = 0;
    bool is_informational_ = false;
    bool is_chunked_ = false;
    bool has_length_ = false;
    std::uint64_t left_ = 0;  // bytes of the body or the chunk that have not arrived
};

}  // namespace vlmshim
