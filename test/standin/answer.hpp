// The answers of the stand-in "model": a request's body in, a reply out; no sockets.
#pragma once

#include <string>
#include <string_view>

namespace standin {

struct Reply {
    int status = 200;
    std::string body;  // JSON
};

inline constexpr std::string_view model_name = "vlmshim-standin";

/// {"error":{...}} as llama-server words it.
Reply error_reply(int status, std::string_view type, std::string_view message);

/// POST /v1/chat/completions: a chat.completion with format, size, bytes and CRC32 of every
/// image of the request, or a 400.
Reply answer_chat(std::string_view body);

/// GET /v1/models
Reply list_models();

}  // namespace standin
