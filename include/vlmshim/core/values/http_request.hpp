// The request of an HTTP probe (RFC 9112).
#pragma once

#include <map>
#include <string>

namespace vlmshim {

/// A GET, after which the server closes the connection. `headers` replace ours of the same name in any case.
std::string http_request(const std::string& path, const std::string& host,
                         const std::map<std::string, std::string>& headers);

}  // namespace vlmshim
