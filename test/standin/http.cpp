#include "http.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <utility>

namespace standin {

namespace {

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
    return result;
}

std::string_view trim(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t");
    return begin == std::string_view::npos ? std::string_view{}
                                           : text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::string_view cut_line(std::string_view& text) {
    const std::size_t end = text.find("\r\n");
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
    return line;
}

std::string_view reason(int status) {
    switch (status) {
        case 200:
            return "OK";
        case 400:
            return "Bad Request";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 411:
            return "Length Required";
        case 413:
            return "Payload Too Large";
        case 431:
            return "Request Header Fields Too Large";
        case 503:
            return "Service Unavailable";
        default:
            return "Error";
    }
}

}  // namespace

bool RequestReader::read_head(std::string_view head) {
    error_ = error_reply(400, "invalid_request_error", "not an HTTP/1.x request");
    const std::string_view start = cut_line(head);
    const std::size_t method_end = start.find(' ');
    const std::size_t path_end = start.rfind(' ');
    if (method_end == std::string_view::npos || method_end == path_end ||
        !start.substr(path_end + 1).starts_with("HTTP/1.")) {
        return false;
    }
    request_ = {};
    request_.method = start.substr(0, method_end);
    request_.path = start.substr(method_end + 1, path_end - method_end - 1);
    request_.path.resize(std::min(request_.path.size(), request_.path.find('?')));
    request_.keep_alive = !start.ends_with("HTTP/1.0");
    body_size_ = 0;
    expects_continue_ = false;
    while (!head.empty()) {
        const std::string_view line = cut_line(head);
        const std::size_t colon = std::min(line.find(':'), line.size());
        const std::string name = lower(line.substr(0, colon));
        const std::string_view value = trim(line.substr(std::min(colon + 1, line.size())));
        if (name == "content-length") {
            const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), *body_size_);
            if (error == std::errc::result_out_of_range || *body_size_ > max_body) {
                error_ = error_reply(413, "invalid_request_error", "the body is larger than 32 MiB");
                return false;
            }
            if (error != std::errc{} || end != value.data() + value.size()) {
                return false;
            }
        } else if (name == "transfer-encoding") {
            error_ = error_reply(411, "invalid_request_error", "the body needs a Content-Length");
            return false;
        } else if (name == "connection") {
            request_.keep_alive = lower(value) == "close"        ? false
                                  : lower(value) == "keep-alive" ? true
                                                                 : request_.keep_alive;
        } else if (name == "expect") {
            expects_continue_ = lower(value) == "100-continue";
        }
    }
    return true;
}

RequestReader::State RequestReader::next() {
    if (!body_size_) {
        const std::size_t end = buffer_.find("\r\n\r\n");
        if (std::min(end, buffer_.size()) > max_head) {
            error_ = error_reply(431, "invalid_request_error", "the header is too large");
            return State::Bad;
        }
        if (end == std::string::npos) {
            return State::NeedsMore;
        }
        if (!read_head(std::string_view(buffer_).substr(0, end))) {
            return State::Bad;
        }
        buffer_.erase(0, end + 4);
    }
    if (buffer_.size() < *body_size_) {
        return State::NeedsMore;
    }
    request_.body = std::move(buffer_);  // usually all of it: megabytes that need no copy
    buffer_ = request_.body.substr(*body_size_);
    request_.body.resize(*body_size_);
    body_size_.reset();
    expects_continue_ = false;
    return State::Complete;
}

bool RequestReader::take_continue() {
    return std::exchange(expects_continue_, false);
}

std::string format_reply(const Reply& reply, const Request& request) {
    std::string text = "HTTP/1.1 " + std::to_string(reply.status) + ' ';
    text += reason(reply.status);
    text += "\r\nServer: vlmshim-standin\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: " +
            std::to_string(reply.body.size()) + "\r\nConnection: ";
    text += request.keep_alive ? "keep-alive" : "close";
    text += "\r\n\r\n";
    if (request.method != "HEAD") {
        text += reply.body;
    }
    return text;
}

}  // namespace standin
