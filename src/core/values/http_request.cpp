#include "vlmshim/core/values/http_request.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "vlmshim/core/values/ascii.hpp"

namespace vlmshim {

namespace {

bool same_name(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return to_small(x) == to_small(y); });
}

}  // namespace

std::string http_request(const std::string& path, const std::string& host,
                         const std::map<std::string, std::string>& headers) {
    const std::array<std::pair<std::string_view, std::string_view>, 4> own{
        {{"Host", host}, {"User-Agent", "vlmshim"}, {"Accept", "*/*"}, {"Connection", "close"}}};
    std::string request = "GET " + path + " HTTP/1.1\r\n";
    const auto add = [&](std::string_view name, std::string_view value) {
        request.append(name).append(": ").append(value).append("\r\n");
    };
    for (const auto& [name, value] : own) {
        const auto replaces = [&, its = name](const auto& header) { return same_name(header.first, its); };
        if (std::none_of(headers.begin(), headers.end(), replaces)) {
            add(name, value);
        }
    }
    for (const auto& [name, value] : headers) {
        add(name, value);
    }
    return request + "\r\n";
}

}  // namespace vlmshim
