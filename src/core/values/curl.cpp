#include "vlmshim/core/values/curl.hpp"

#include "vlmshim/core/values/next_part.hpp"
#include "vlmshim/core/values/read_number.hpp"

namespace vlmshim {

std::vector<std::string> curl_command(const HttpUrl& url, const std::string& text, bool insecure) {
    std::vector<std::string> words{"curl",        "-q",           "--silent",    "--show-error",       "--globoff",
                                   "--output",    "/dev/null",    "--write-out", "\\n%{http_code}\\n", "--proto",
                                   "=http,https", "--user-agent", "vlmshim",     "--header",           "@-"};
    if (!url.host.addresses.empty()) {
        words.insert(words.end(), {"--noproxy", "*"});
    }
    if (insecure) {
        words.emplace_back("--insecure");
    }
    words.insert(words.end(), {"--url", text});
    return words;
}

std::string curl_headers(const std::map<std::string, std::string>& headers) {
    std::string lines;
    for (const auto& [name, value] : headers) {
        // Without a value curl would leave the header out: a ';' keeps it, curl(1) on --header.
        lines += name + (value.empty() ? ";" : ": " + value) + "\n";
    }
    return lines;
}

/// The lines of the two streams arrive in any order.
CurlAnswer read_curl_output(std::string_view output) {
    CurlAnswer answer;
    while (!output.empty()) {
        const std::string_view line = next_part(output, '\n');
        int number = 0;
        if (line.size() == 3 && read_number(line, number)) {
            answer.status = number;
        } else if (line.starts_with("curl: ")) {
            answer.error = line;
        }
    }
    if (answer.status == 0 && answer.error.empty()) {
        answer.error = "curl: no answer";
    }
    return answer;
}

}  // namespace vlmshim
