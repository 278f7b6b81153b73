// Prints the text of config/vlmshim.schema.json: `./dev schema` writes it there, a test compares.
#include <cstdio>

#include "vlmshim/core/config/config_schema.hpp"

int main() {
    const std::string text = vlmshim::config_schema();
    const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
    return written ? 0 : 1;
}
