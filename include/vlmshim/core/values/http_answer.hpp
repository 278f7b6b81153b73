// An HTTP answer as it arrives: its status, and where it ends (RFC 9112). What is in it is of no concern.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vlmshim {

class HttpAnswer {
public:
    /// What has arrived next. Informational answers (1xx) are passed over, RFC 9110 section 15.2.
    void take(std::string_view bytes);
    /// The other side has closed: a body without a length is complete then.
    void end();

    /// 200..599 as soon as its line is there; 0 before.
    int status() const { return status_; }
    bool is_complete() const { return part_ == Part::Over; }
    /// It is no HTTP, or none that we can read to its end.
    bool is_invalid() const { return part_ == Part::Invalid; }

private:
    enum class Part { StatusLine, Header, Body, BodyToTheEnd, ChunkSize, Chunk, ChunkEnd, Trailer, Over, Invalid };

    void take_line(std::string_view line);
    void take_status(std::string_view line);
    void take_header(std::string_view line);
    void header_is_over();
    void take_chunk_size(std::string_view line);

    Part part_ = Part::StatusLine;
    std::string line_;  // without its end, as far as it has arrived
    int status_ = 0;
    bool is_informational_ = false;
    bool is_chunked_ = false;
    bool has_length_ = false;
    std::uint64_t left_ = 0;  // of the body or the chunk
};

}  // namespace vlmshim
