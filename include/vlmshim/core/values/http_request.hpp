// The one question that a probe asks over HTTP (RFC 9112).
#pragma once

#include <map>
#include <string>

namespace vlmshim {

/// A GET after which the connection is closed. `headers` take the place of our own of the same name, whatever its case.
std::string http_request(const std::string& path, const std::string& host,
                         const std::map<std::string, std::string>& headers);

}  // namespace vlmshim
