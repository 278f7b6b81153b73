// Text from outside in Markdown, as GitHub renders it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vlmshim {

/// A code span, CommonMark 6.1; of no text nothing. Nothing in it takes effect: no markup, HTML, link or @mention. The
/// text is escaped by display_text() and otherwise unchanged, so that a runner finds the secrets in it that it has to
/// mask. Not for a cell of a table, which a '|' would end.
std::string markdown_code(std::string_view text);

/// The same for whole lines: an indented code block, CommonMark 4.4. It takes an empty line before it.
std::string markdown_block(const std::vector<std::string>& lines);

}  // namespace vlmshim
