#include "vlmshim/core/values/http_answer.hpp"

#include <algorithm>

#include "vlmshim/core/values/ascii.hpp"
#include "vlmshim/core/values/read_number.hpp"

namespace vlmshim {

namespace {

constexpr std::size_t longest_status_line = 1024;
constexpr std::size_t longest_other_line = 16 * 1024;

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), to_small);
    return result;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t";
    const std::size_t begin = text.find_first_not_of(blanks);
    return begin == std::string_view::npos ? std::string_view{}
                                           : text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

}  // namespace

void HttpAnswer::take(std::string_view bytes) {
    while (!bytes.empty()) {
        switch (part_) {
            case Part::Over:
            case Part::Invalid:
            case Part::BodyUntilClosed:
                return;
            case Part::Body:
            case Part::Chunk: {
                const std::size_t some = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
                bytes.remove_prefix(some);
                left_ -= some;
                if (left_ == 0) {
                    part_ = part_ == Part::Body ? Part::Over : Part::ChunkEnd;
                }
                break;
            }
            case Part::StatusLine:
            case Part::Header:
            case Part::ChunkSize:
            case Part::ChunkEnd:
            case Part::Trailer: {
                const std::size_t end = bytes.find('\n');
                line_ += bytes.substr(0, end);
                bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
                const std::size_t longest = part_ == Part::StatusLine ? longest_status_line : longest_other_line;
                // An answer in another protocol is recognized before its line ends, which may never happen.
                constexpr std::string_view prefix = "HTTP/1.";
                const std::string_view start = std::string_view(line_).substr(0, prefix.size());
                if (line_.size() > longest || (part_ == Part::StatusLine && start != prefix.substr(0, start.size()))) {
                    part_ = Part::Invalid;
                } else if (end != std::string_view::npos) {
                    if (line_.ends_with('\r')) {
                        line_.pop_back();
                    }
                    take_line(line_);
                    line_.clear();
                }
                break;
            }
        }
    }
}

void HttpAnswer::end() {
    part_ = part_ == Part::BodyUntilClosed || part_ == Part::Over ? Part::Over : Part::Invalid;
}

void HttpAnswer::take_line(std::string_view line) {
    switch (part_) {
        case Part::StatusLine:
            take_status(line);
            break;
        case Part::Header:
            if (line.empty()) {
                begin_body();
            } else {
                take_header(line);
            }
            break;
        case Part::ChunkSize:
            take_chunk_size(line);
            break;
        case Part::ChunkEnd:
            part_ = line.empty() ? Part::ChunkSize : Part::Invalid;
            break;
        case Part::Trailer:
            part_ = line.empty() ? Part::Over : Part::Trailer;
            break;
        case Part::Body:
        case Part::BodyUntilClosed:
        case Part::Chunk:
        case Part::Over:
        case Part::Invalid:
            break;
    }
}

/// "HTTP/1.1 200 OK", RFC 9112 section 4
void HttpAnswer::take_status(std::string_view line) {
    const bool is_status_line = line.size() >= 12 && is_digit(line[7]) && line[8] == ' ' && is_digit(line[9]) &&
                                is_digit(line[10]) && is_digit(line[11]) && (line.size() == 12 || line[12] == ' ');
    const int status = is_status_line ? (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0') : 0;
    if (status < 100 || status > 599) {
        part_ = Part::Invalid;
        return;
    }
    is_informational_ = status < 200;
    status_ = is_informational_ ? 0 : status;
    part_ = Part::Header;
}

void HttpAnswer::take_header(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) {
        return;
    }
    const std::string name = lower(line.substr(0, colon));
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (name == "content-length") {
        has_length_ = read_number(value, left_);
    } else if (name == "transfer-encoding") {
        is_chunked_ = lower(value).ends_with("chunked");
    }
}

/// Where the body ends, RFC 9112 section 6.3.
void HttpAnswer::begin_body() {
    constexpr int no_content = 204;
    constexpr int not_modified = 304;
    if (is_informational_) {
        *this = HttpAnswer{};
    } else if (status_ == no_content || status_ == not_modified) {
        part_ = Part::Over;
    } else if (is_chunked_) {
        part_ = Part::ChunkSize;
    } else if (has_length_) {
        part_ = left_ == 0 ? Part::Over : Part::Body;
    } else {
        part_ = Part::BodyUntilClosed;
    }
}

/// "1a; extension", RFC 9112 section 7.1
void HttpAnswer::take_chunk_size(std::string_view line) {
    constexpr int hexadecimal = 16;
    if (!read_number(trimmed(line.substr(0, line.find(';'))), left_, hexadecimal)) {
        part_ = Part::Invalid;
    } else {
        part_ = left_ == 0 ? Part::Trailer : Part::Chunk;
    }
}

}  // namespace vlmshim
