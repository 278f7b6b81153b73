// Tables on standard output, as those of --who and --runs.
#pragma once

#include <string>
#include <vector>

namespace vlmshim {

/// One line a row, the first one has the headings. Cells are escaped, and cut after 200 bytes.
std::string text_table(std::vector<std::vector<std::string>> rows);

}  // namespace vlmshim
