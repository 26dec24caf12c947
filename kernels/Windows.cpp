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

Expr SumRows::firstOf(const Expr &tile) const {
  const Expr first = tile * tileRows;
  return tiles.whole ? first : min(likely(first), static_cast<int>(tiles.line) - tileRows);
}

std::vector<Var> SumRows::vars() const { return indexVars(isPlain() ? 2 : tiles.pieces ? 4 : 3); }

std::vector<Expr> SumRows::row() const {
  const Var row = indexVar(1), placeInTile = row, tile = indexVar(2), line = indexVar(3);
  if (isPlain())
    return {row};
  if (dimensions.empty())
    return {firstOf(tile) + placeInTile};
  if (!tiles.pieces) {
    const Boxes boxes(dimensions, tileRows);
    return boxes.place(tile, boxes.within(placeInTile));
  }
  const Boxes lines({dimensions[1], dimensions[2]}, 1);
  std::vector<Expr> place = lines.place(line, {0, 0});
  place.insert(place.begin(), firstOf(tile) + placeInTile);
  return place;
}

std::vector<Expr> SumRows::placeOf(Exprs index) const {
  std::vector<Expr> place(index.begin(), index.end());
  if (isPlain())
    return place;
  const Expr row = index[1], tile = row / tileRows;
  place[1] = tiles.whole ? row % tileRows : row - firstOf(tile);
  place.insert(place.begin() + 2, tile);
  return place;
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
