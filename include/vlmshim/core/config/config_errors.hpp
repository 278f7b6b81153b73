// The errors of one configuration file, each with its position.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "vlmshim/core/config/toml_node.hpp"

namespace vlmshim {

class ConfigErrors {
public:
    /// `base`: the folder that relative paths start from, with its slash; empty: the caller's working directory.
    ConfigErrors(std::string file, std::string base) : file_(std::move(file)), base_(std::move(base)) {}

    const std::string& file() const { return file_; }
    const std::string& base() const { return base_; }

    void add(TextPosition at, std::string message) { errors_.emplace_back(at, std::move(message)); }

    /// "FILE:LINE:COLUMN: message"
    std::vector<std::string> in_file_order() const;

private:
    std::string file_;
    std::string base_;
    std::vector<std::pair<TextPosition, std::string>> errors_;
};

}  // namespace vlmshim
