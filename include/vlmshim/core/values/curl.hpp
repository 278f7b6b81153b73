// An HTTP probe by curl(1): its command, its input, its output.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "vlmshim/core/values/url.hpp"

namespace vlmshim {

/// One request, without the user's curlrc, and without a proxy to this machine. The headers come from its standard
/// input: its arguments are visible to all users. `text`: the URL to request.
std::vector<std::string> curl_command(const HttpUrl& url, const std::string& text, bool insecure);

/// The standard input: one header a line.
std::string curl_headers(const std::map<std::string, std::string>& headers);

struct CurlAnswer {
    int status = 0;     // 0: no answer
    std::string error;  // then: curl's message
};

/// `output`: its standard output and error, in one pipe.
CurlAnswer read_curl_output(std::string_view output);

}  // namespace vlmshim
