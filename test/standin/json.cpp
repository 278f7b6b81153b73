#include "json.hpp"

#include <charconv>
#include <cstdint>
#include <cstdio>

namespace standin {

namespace {

class Reader {
public:
    explicit Reader(std::string_view text) : text_(text) {}

    bool read_all(Json& json) {
        const bool good = read_value(json, 0);
        skip_space();
        return good && at_ == text_.size();
    }

private:
    static constexpr int max_depth = 100;

    void skip_space() {
        while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) {
            ++at_;
        }
    }

    bool take(std::string_view word) {
        if (text_.substr(at_, word.size()) != word) {
            return false;
        }
        at_ += word.size();
        return true;
    }

    bool read_value(Json& json, int depth) {
        skip_space();
        if (at_ == text_.size() || depth > max_depth) {
            return false;
        }
        if (take("{")) {
            return read_object(json.value.emplace<Json::Object>(), depth);
        }
        if (take("[")) {
            return read_array(json.value.emplace<Json::Array>(), depth);
        }
        if (take("\"")) {
            return read_string(json.value.emplace<std::string>());
        }
        if (take("null")) {
            json.value = nullptr;
            return true;
        }
        if (take("true") || take("false")) {
            json.value = text_[at_ - 2] == 'u';
            return true;
        }
        return read_number(json.value.emplace<double>());
    }

    bool read_object(Json::Object& object, int depth) {
        skip_space();
        if (take("}")) {
            return true;
        }
        for (;;) {
            Json::Member& member = object.emplace_back();
            skip_space();
            if (!take("\"") || !read_string(member.key)) {
                return false;
            }
            skip_space();
            if (!take(":") || !read_value(member.json, depth + 1)) {
                return false;
            }
            skip_space();
            if (take("}")) {
                return true;
            }
            if (!take(",")) {
                return false;
            }
        }
    }

    bool read_array(Json::Array& array, int depth) {
        skip_space();
        if (take("]")) {
            return true;
        }
        for (;;) {
            if (!read_value(array.emplace_back(), depth + 1)) {
                return false;
            }
            skip_space();
            if (take("]")) {
                return true;
            }
            if (!take(",")) {
                return false;
            }
        }
    }

    /// After the opening quote. Copies whole runs: an image is one string of megabytes.
    bool read_string(std::string& string) {
        for (;;) {
            const std::size_t begin = at_;
            while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\\' &&
                   static_cast<unsigned char>(text_[at_]) >= 0x20) {
                ++at_;
            }
            string.append(text_, begin, at_ - begin);
            if (take("\"")) {
                return true;
            }
            if (!take("\\") || !read_escape(string)) {
                return false;
            }
        }
    }

    bool read_escape(std::string& string) {
        static constexpr std::string_view letters = "\"\\/bfnrt";
        static constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
        if (at_ == text_.size()) {
            return false;
        }
        const char letter = text_[at_++];
        if (const std::size_t found = letters.find(letter); found != std::string_view::npos) {
            string += meanings[found];
            return true;
        }
        std::uint32_t code = 0;
        if (letter != 'u' || !read_code_unit(code)) {
            return false;
        }
        if (code >= 0xD800 && code < 0xDC00) {  // the first half of a surrogate pair
            std::uint32_t low = 0;
            if (!take("\\u") || !read_code_unit(low) || low < 0xDC00 || low > 0xDFFF) {
                return false;
            }
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        }
        append_utf8(string, code);
        return true;
    }

    bool read_code_unit(std::uint32_t& code) {
        const std::string_view digits = text_.substr(at_, 4);
        at_ += digits.size();
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
        return digits.size() == 4 && error == std::errc{} && end == digits.data() + 4;
    }

    static void append_utf8(std::string& string, std::uint32_t code) {
        const auto tail = [&](int shift) { string += static_cast<char>(0x80 | ((code >> shift) & 0x3F)); };
        if (code < 0x80) {
            string += static_cast<char>(code);
        } else if (code < 0x800) {
            string += static_cast<char>(0xC0 | (code >> 6));
            tail(0);
        } else if (code < 0x10000) {
            string += static_cast<char>(0xE0 | (code >> 12));
            tail(6);
            tail(0);
        } else {
            string += static_cast<char>(0xF0 | (code >> 18));
            tail(12);
            tail(6);
            tail(0);
        }
    }

    bool skip_digits() {
        const std::size_t begin = at_;
        while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') {
            ++at_;
        }
        return at_ > begin;
    }

    bool read_number(double& number) {
        const std::size_t begin = at_;
        take("-");
        if (!take("0") && !skip_digits()) {
            return false;
        }
        if (take(".") && !skip_digits()) {
            return false;
        }
        if (take("e") || take("E")) {
            if (!take("+")) {
                take("-");
            }
            if (!skip_digits()) {
                return false;
            }
        }
        // A number too large for a double becomes 0: no number's value is used.
        std::from_chars(text_.data() + begin, text_.data() + at_, number);
        return true;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

const Json* Json::find(std::string_view key) const {
    const auto* object = std::get_if<Object>(&value);
    if (object == nullptr) {
        return nullptr;
    }
    for (auto entry = object->rbegin(); entry != object->rend(); ++entry) {
        if (entry->key == key) {
            return &entry->json;
        }
    }
    return nullptr;
}

const std::string* Json::string() const {
    return std::get_if<std::string>(&value);
}

const Json::Array* Json::array() const {
    return std::get_if<Array>(&value);
}

bool Json::is_true() const {
    const bool* flag = std::get_if<bool>(&value);
    return flag != nullptr && *flag;
}

std::optional<Json> read_json(std::string_view text) {
    Json json;
    if (!Reader(text).read_all(json)) {
        return std::nullopt;
    }
    return json;
}

std::string json_string(std::string_view text) {
    std::string quoted = "\"";
    for (const char letter : text) {
        if (letter == '"' || letter == '\\') {
            quoted += '\\';
            quoted += letter;
        } else if (static_cast<unsigned char>(letter) < 0x20) {
            char escape[8];
            std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(letter));
            quoted += escape;
        } else {
            quoted += letter;
        }
    }
    return quoted + '"';
}

}  // namespace standin
