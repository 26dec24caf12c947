//===- Pieces.cpp - see Pieces.h -------------------------------------------------------------===//

#include "tools/inspect/Pieces.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Base64.h"
#include "llvm/Support/Compression.h"
#include "llvm/Support/SHA256.h"

namespace weir {

size_t Pieces::add(llvm::StringRef text) {
  const auto digest = llvm::SHA256::hash(llvm::arrayRefFromStringRef(text));
  const auto [entry, isNew] = known.try_emplace(llvm::toHex(digest), encoded.size());
  if (isNew) {
    llvm::SmallVector<uint8_t, 0> packed;
    llvm::compression::zlib::compress(llvm::arrayRefFromStringRef(text), packed,
                                      llvm::compression::zlib::DefaultCompression);
    encoded.push_back(llvm::encodeBase64(packed));
  }
  return entry->second;
}

std::string Pieces::html() const {
  std::string html;
  for (size_t i = 0; i < encoded.size(); ++i)
    html += "<script type=\"text/plain\" id=\"piece-" + std::to_string(i) + "\">" + encoded[i] +
            "</script>\n";
  return html;
}

} // namespace weir
