//===- Boxes.cpp - see Boxes.h ---------------------------------------------------------------===//

#include "ir/Boxes.h"

#include <algorithm>

namespace weir {

bool isBox(int64_t size, llvm::ArrayRef<int64_t> dimensions) {
  if (dimensions.empty())
    return true;
  for (const int64_t extent : dimensions) {
    if (size <= extent)
      return extent % size == 0;
    if (size % extent != 0)
      return false;
    size /= extent;
  }
  return size == 1;
}

llvm::SmallVector<int, 3> boxExtents(int64_t size, llvm::ArrayRef<int64_t> dimensions) {
  llvm::SmallVector<int, 3> extents;
  for (const int64_t extent : dimensions) {
    extents.push_back(static_cast<int>(std::min(size, extent)));
    size /= extents.back();
  }
  return extents;
}

} // namespace weir
