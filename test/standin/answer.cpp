#include "answer.hpp"

#include <array>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <optional>
#include <vector>

#include "json.hpp"

namespace standin {

namespace {

struct Image {
    std::string_view format;
    std::uint32_t width;
    std::uint32_t height;
};

/// An image's bytes, or what is wrong with the request.
struct Bytes {
    std::string bytes;
    std::string_view error;
};

std::uint32_t byte_at(std::string_view bytes, std::size_t at) {
    return static_cast<unsigned char>(bytes[at]);
}

std::uint32_t big_endian_16(std::string_view bytes, std::size_t at) {
    return byte_at(bytes, at) << 8 | byte_at(bytes, at + 1);
}

std::uint32_t big_endian_32(std::string_view bytes, std::size_t at) {
    return big_endian_16(bytes, at) << 16 | big_endian_16(bytes, at + 2);
}

std::uint32_t crc32(std::string_view bytes) {
    static const std::array<std::uint32_t, 256> table = [] {
        std::array<std::uint32_t, 256> rows{};
        for (std::uint32_t i = 0; i < rows.size(); ++i) {
            std::uint32_t row = i;
            for (int bit = 0; bit < 8; ++bit) {
                row = (row & 1) != 0 ? 0xEDB88320U ^ (row >> 1) : row >> 1;
            }
            rows[i] = row;
        }
        return rows;
    }();
    std::uint32_t sum = 0xFFFFFFFFU;
    for (const char byte : bytes) {
        sum = table[(sum ^ static_cast<unsigned char>(byte)) & 0xFF] ^ (sum >> 8);
    }
    return ~sum;
}

/// nullopt: no base64 (RFC 4648, padding needed).
std::optional<std::string> decode_base64(std::string_view text) {
    static const std::array<std::int8_t, 256> values = [] {
        std::array<std::int8_t, 256> table{};
        table.fill(-1);
        constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        for (std::size_t i = 0; i < letters.size(); ++i) {
            table[static_cast<unsigned char>(letters[i])] = static_cast<std::int8_t>(i);
        }
        return table;
    }();
    if (text.size() % 4 != 0) {
        return std::nullopt;
    }
    std::size_t padding = 0;
    while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') {
        ++padding;
    }
    text.remove_suffix(padding);
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3 + 2);
    std::uint32_t bits = 0;
    unsigned held = 0;
    for (const char letter : text) {
        const int value = values[static_cast<unsigned char>(letter)];
        if (value < 0) {
            return std::nullopt;
        }
        bits = bits << 6 | static_cast<std::uint32_t>(value);
        held += 6;
        if (held >= 8) {
            held -= 8;
            bytes += static_cast<char>(bits >> held & 0xFF);
        }
    }
    return bytes;
}

/// The size is in the first frame header (SOF0..15 without DHT, JPG and DAC) among the segments.
std::optional<Image> look_at_jpeg(std::string_view bytes) {
    std::size_t at = 2;
    while (at + 9 <= bytes.size() && byte_at(bytes, at) == 0xFF) {
        const std::uint32_t marker = byte_at(bytes, at + 1);
        if (marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC) {
            return Image{"JPEG", big_endian_16(bytes, at + 7), big_endian_16(bytes, at + 5)};
        }
        const bool fill_byte = marker == 0xFF;
        at += fill_byte ? 1 : 2 + big_endian_16(bytes, at + 2);
    }
    return std::nullopt;
}

std::optional<Image> look_at(std::string_view bytes) {
    using namespace std::string_view_literals;
    if (bytes.starts_with("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"sv) && bytes.size() >= 33) {
        return Image{"PNG", big_endian_32(bytes, 16), big_endian_32(bytes, 20)};
    }
    if (bytes.starts_with("\xFF\xD8\xFF"sv)) {
        return look_at_jpeg(bytes);
    }
    if ((bytes.starts_with("GIF87a") || bytes.starts_with("GIF89a")) && bytes.size() >= 13) {
        return Image{"GIF", byte_at(bytes, 7) << 8 | byte_at(bytes, 6), byte_at(bytes, 9) << 8 | byte_at(bytes, 8)};
    }
    return std::nullopt;
}

/// "data:image/png;base64,...": the bytes decide the format, not the address.
Bytes fetch(std::string_view url) {
    const std::size_t comma = url.find(',');
    if (!url.starts_with("data:image/") || comma == std::string_view::npos ||
        !url.substr(0, comma).ends_with(";base64")) {
        return {{}, "image_url.url has to be data:image/...;base64,..."};
    }
    std::optional<std::string> bytes = decode_base64(url.substr(comma + 1));
    if (!bytes) {
        return {{}, "image_url.url is not valid base64"};
    }
    return {std::move(*bytes), {}};
}

/// A sentence such as "The image is a PNG of 64x48 pixels, 129 bytes, CRC32 0a1b2c3d."
Reply describe_part(const Json& part, std::string& sentences) {
    const Json* type = part.find("type");
    if (type == nullptr || type->string() == nullptr) {
        return error_reply(400, "invalid_request_error", "a content part has no 'type'");
    }
    if (*type->string() == "text") {
        const Json* text = part.find("text");
        return text != nullptr && text->string() != nullptr
                   ? Reply{}
                   : error_reply(400, "invalid_request_error", "a text part has no 'text'");
    }
    if (*type->string() != "image_url") {
        return error_reply(400, "invalid_request_error", "unsupported content[].type");
    }
    const Json* holder = part.find("image_url");
    const Json* url = holder == nullptr ? nullptr : holder->find("url");
    if (url == nullptr || url->string() == nullptr) {
        return error_reply(400, "invalid_request_error", "an image part has no 'image_url.url'");
    }
    const Bytes fetched = fetch(*url->string());
    if (!fetched.error.empty()) {
        return error_reply(400, "invalid_request_error", fetched.error);
    }
    const std::optional<Image> image = look_at(fetched.bytes);
    if (!image) {
        return error_reply(400, "invalid_request_error", "Failed to load image or audio file");
    }
    char sentence[128];
    std::snprintf(sentence, sizeof sentence, "The image is a %.*s of %ux%u pixels, %zu bytes, CRC32 %08x.",
                  static_cast<int>(image->format.size()), image->format.data(), image->width, image->height,
                  fetched.bytes.size(), crc32(fetched.bytes));
    sentences += sentences.empty() ? "" : " ";
    sentences += sentence;
    return {};
}

Reply completion(const std::string& text) {
    static unsigned count = 0;
    const std::string created = std::to_string(std::time(nullptr));
    return {200,
            R"({"id":"chatcmpl-standin-)" + std::to_string(++count) + R"(","object":"chat.completion","created":)" +
                created + R"(,"model":)" + json_string(model_name) +
                R"(,"choices":[{"index":0,"message":{"role":"assistant","content":)" + json_string(text) +
                R"(},"finish_reason":"stop"}],"usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}})"};
}

}  // namespace

Reply error_reply(int status, std::string_view type, std::string_view message) {
    return {status, R"({"error":{"message":)" + json_string(message) + R"(,"type":)" + json_string(type) +
                        R"(,"code":)" + std::to_string(status) + "}}"};
}

Reply answer_chat(std::string_view body) {
    const std::optional<Json> request = read_json(body);
    if (!request) {
        return error_reply(400, "invalid_request_error", "the body is not JSON");
    }
    const Json* messages = request->find("messages");
    const Json::Array* list = messages == nullptr ? nullptr : messages->array();
    if (list == nullptr || list->empty()) {
        return error_reply(400, "invalid_request_error", "'messages' has to be an array and not empty");
    }
    if (const Json* stream = request->find("stream"); stream != nullptr && stream->is_true()) {
        return error_reply(400, "not_supported_error", "the stand-in does not stream");
    }
    std::string sentences;
    for (const Json& message : *list) {
        const Json* content = message.find("content");
        if (content != nullptr && content->string() != nullptr) {
            continue;
        }
        const Json::Array* parts = content == nullptr ? nullptr : content->array();
        if (parts == nullptr) {
            return error_reply(400, "invalid_request_error", "'content' has to be a string or an array");
        }
        for (const Json& part : *parts) {
            if (Reply reply = describe_part(part, sentences); reply.status != 200) {
                return reply;
            }
        }
    }
    return completion(sentences.empty() ? "There is no image in the request." : sentences);
}

Reply list_models() {
    const std::string name = json_string(model_name);
    return {200,
            R"({"object":"list","data":[{"id":)" + name + R"(,"object":"model","owned_by":"vlmshim","meta":null}]})"};
}

}  // namespace standin
