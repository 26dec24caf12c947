//===- Pieces.h - long texts of a page, compressed -------------------------------------------===//

#pragma once

#include "llvm/ADT/StringMap.h"
#include <string>
#include <vector>

namespace weir {

/// Texts that a page unpacks when it needs them; equal ones are kept once.
class Pieces {
public:
  /// Keeps `text` and returns its number.
  size_t add(llvm::StringRef text);

  /// All pieces as elements <script id="piece-N">: Base64 of zlib's format, which every browser's
  /// DecompressionStream("deflate") reads.
  std::string html() const;

private:
  llvm::StringMap<size_t> known; ///< by hash
  std::vector<std::string> encoded;
};

} // namespace weir
