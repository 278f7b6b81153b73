#include "vlmshim/core/config/toml_node.hpp"

#include "vlmshim/core/values/toml_text.hpp"

namespace vlmshim {

namespace {

struct Describe {
    std::string operator()(const TomlOther&) const { return "a date or a time"; }
    std::string operator()(const std::string& text) const { return "the string " + quote_found(text); }
    std::string operator()(std::int64_t number) const { return "the integer " + std::to_string(number); }
    std::string operator()(double) const { return "a floating-point number"; }
    std::string operator()(bool value) const { return value ? "true" : "false"; }
    std::string operator()(const TomlArray&) const { return "an array"; }
    std::string operator()(const TomlTable&) const { return "a table"; }
};

struct DescribeKind : Describe {
    using Describe::operator();
    std::string operator()(const std::string&) const { return "a string"; }
    std::string operator()(std::int64_t) const { return "an integer"; }
    std::string operator()(bool) const { return "true or false"; }
};

}  // namespace

std::string describe_found(const TomlNode& node, Values values) {
    switch (values) {
        case Values::Shown:
            return std::visit(Describe{}, node.value);
        case Values::Secret:
            break;
    }
    return std::visit(DescribeKind{}, node.value);
}

}  // namespace vlmshim
