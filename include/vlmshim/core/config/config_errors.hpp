// What is wrong with one file, each error with its place.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "vlmshim/core/config/toml_node.hpp"

namespace vlmshim {

/// All errors of one file.
class ConfigErrors {
public:
    explicit ConfigErrors(std::string file) : file_(std::move(file)) {}

    const std::string& file() const { return file_; }

    void add(TextPosition at, std::string message) { errors_.emplace_back(at, std::move(message)); }

    /// "FILE:LINE:COLUMN: message"
    std::vector<std::string> in_file_order() const;

private:
    std::string file_;
    std::vector<std::pair<TextPosition, std::string>> errors_;
};

}  // namespace vlmshim
