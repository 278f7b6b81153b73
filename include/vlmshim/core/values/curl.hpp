// How curl(1) is asked for an HTTP status, and what it answers.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "vlmshim/core/values/url.hpp"

namespace vlmshim {

/// No configuration of the user's, no proxy on the way to this machine, one question. It reads the headers from its
/// standard input: its arguments are for everybody to see.
std::vector<std::string> curl_command(const HttpUrl& url, const std::string& text, bool insecure);

/// One header a line.
std::string curl_headers(const std::map<std::string, std::string>& headers);

struct CurlAnswer {
    int status = 0;     // 0: none came
    std::string error;  // then: what curl says about it
};

/// Of what it writes to its standard output and error.
CurlAnswer read_curl_output(std::string_view output);

}  // namespace vlmshim
