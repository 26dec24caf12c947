//===- Windows.cpp - see Windows.h -----------------------------------------------------------===//

#include "kernels/Windows.h"

using namespace Halide;

namespace weir::kernels {

static Window windowOf(PatchesOp patches) {
  return weir::windowOf(patches.getX().getType(), {patches.getKernel(), patches.getStride(),
                                                   patches.getPadding(), patches.getDilation()});
}

RDom Boxes::loop() const {
  Region region;
  for (const int extent : extents)
    region.push_back({0, extent});
  return RDom(region);
}

std::vector<Expr> Boxes::within(Expr number) const {
  std::vector<Expr> place;
  for (size_t d = 0; d < extents.size(); ++d) {
    const bool last = d + 1 == extents.size();
    place.push_back(extents[d] == 1 ? Expr(0) : last ? number : number % extents[d]);
    if (extents[d] != 1)
      number = number / extents[d];
  }
  return place;
}

std::vector<Expr> Boxes::place(Expr box, Exprs within) const {
  std::vector<Expr> place(within.begin(), within.end());
  for (size_t d = 0; d < extents.size(); ++d) {
    const int boxes = static_cast<int>(dimensions[d]) / extents[d];
    if (boxes == 1)
      continue;
    const bool last = d + 1 == extents.size();
    place[d] += (last ? box : box % boxes) * extents[d];
    box = box / boxes;
  }
  return place;
}

Expr Boxes::number(Exprs place) const {
  Expr number = 0;
  for (size_t d = dimensions.size(); d-- > 0;)
    number = number * static_cast<int>(dimensions[d]) + place[d];
  return number;
}

Expr valueOf(const Emitter &emitter, PatchesOp patches, Exprs position, Exprs tap) {
  const Window window = windowOf(patches);
  const auto at = [](const WindowAxis &axis, const Expr &output, const Expr &tap) {
    return output * static_cast<int>(axis.stride) + tap * static_cast<int>(axis.dilation);
  };
  return emitter.images.at(patches.getResult())({tap[0], at(window.horizontal, position[0], tap[1]),
                                                 at(window.vertical, position[1], tap[2]),
                                                 position[2]});
}

} // namespace weir::kernels
