// Random edits of a source text, for the fuzz tests.
#pragma once

#include <random>
#include <string>

namespace weir::test {

/// `text` with one to six random edits: pieces erased, doubled, replaced, or tokens of the language
/// put in.
inline std::string mutate(std::string text, std::mt19937 &random) {
  auto below = [&](size_t n) { return n ? random() % n : 0; };
  static const std::string pieces[] = {"(", ")",  "[",  "]",  "{",  "}", "\n", "->", ":",   "=",
                                       ",", "\"", "\\", "fn", "if", "#", "-",  "0",  "1e9", "é"};
  for (size_t edits = 1 + below(6); edits > 0; --edits) {
    size_t at = below(text.size()), length = std::min<size_t>(below(12), text.size() - at);
    switch (below(5)) {
    case 0:
      text.erase(at, length);
      break;
    case 1:
      text.insert(at, pieces[below(std::size(pieces))]);
      break;
    case 2:
      text.insert(below(text.size()), text.substr(at, length));
      break;
    case 3:
      if (!text.empty())
        text[at] = static_cast<char>(32 + below(95));
      break;
    default:
      text.resize(at);
    }
  }
  return text;
}

} // namespace weir::test
