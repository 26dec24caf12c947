//===- Product.h - 8-bit values and their products, for tests --------------------------------===//

#pragma once

#include "Harness.h"

#include "llvm/ADT/STLExtras.h"
#include <random>

namespace weir::test {

using reference::Tensor;
using Shape = std::vector<int64_t>;

// ---- Types ----

inline std::string value(const Shape &shape, double scale = 0.02, int zeroPoint = 128) {
  return tensorType(shape, "!quant.uniform<u8:f32, " + std::to_string(scale) + ":" +
                               std::to_string(zeroPoint) + ">");
}
inline std::string relu6(const Shape &shape) {
  return tensorType(shape, "!quant.uniform<u8<3:200>:f32, 0.03:3>");
}
/// Scales that differ from channel to channel; powers of two as `first` keep products of scales
/// exact.
inline std::string perChannel(const std::string &storage, const Shape &shape, double first) {
  std::string scales;
  for (int64_t c = 0; c < shape.back(); ++c)
    scales += (c ? "," : "") + std::to_string(first * static_cast<double>(1 + c % 5));
  return tensorType(shape, "!quant.uniform<" + storage +
                               ":f32:" + std::to_string(shape.size() - 1) + ", {" + scales + "}>");
}
inline std::string sums(const Shape &shape, double scale = 0.0001) {
  return perChannel("i32", shape, scale);
}
inline std::string weights(const Shape &shape) { return perChannel("i8<-127:127>", shape, 0.0625); }
/// Of values of scale 0.25 and those weights.
inline std::string products(const Shape &shape) { return sums(shape, 0.25 * 0.0625); }

// ---- Values ----

/// Integers from low to high, each end often.
inline Tensor integers(const Shape &shape, unsigned seed, int low, int high) {
  Tensor tensor{llvm::ArrayRef<int64_t>(shape)};
  std::mt19937 random(seed);
  for (double &number : tensor.values) {
    const unsigned draw = random();
    number = draw % 8 == 0 ? low : draw % 8 == 1 ? high : low + int(draw / 8 % (high - low + 1));
  }
  return tensor;
}
inline Tensor bytes(const Shape &shape, unsigned seed) { return integers(shape, seed, 0, 255); }
inline Tensor signedBytes(const Shape &shape, unsigned seed) {
  return integers(shape, seed, -127, 127);
}

// ---- Products ----

struct Extents {
  int64_t rows, depth, units;
};

/// A product as nets have it, and what it is multiplied with.
class Product {
public:
  Product(const Extents &extents, int64_t group) : extents(extents) {
    const auto [rows, depth, units] = extents;
    const int64_t groups = (depth + group - 1) / group, padded = (units + 15) / 16 * 16;
    const std::string x = value({rows, depth}), w = tensorType({groups, padded, group}, "i8"),
                      b = tensorType({padded}, "i32");
    // Packed as the pass does it: zeros beyond the depth and the units.
    Tensor weight{llvm::ArrayRef<int64_t>({groups, padded, group})};
    const Tensor random = signedBytes({depth, units}, 7);
    for (int64_t k = 0; k < depth; ++k)
      for (int64_t j = 0; j < units; ++j)
        weight[(k / group * padded + j) * group + k % group] = random[k * units + j];
    operands = {bytes({rows, depth}, 3), weight, integers({padded}, 5, -100000, 100000)};
    declared = "%x: " + x + ", %w: " + w + ", %b: " + b;
    body =
        "%s = weir.packed_dense %x, %w, %b : (" + x + ", " + w + ", " + b + ") -> " + sum() + "\n";
    name = std::to_string(rows) + "x" + std::to_string(depth) + "x" + std::to_string(units);
  }

  std::string sum() const { return sums({extents.rows, extents.units}); }
  std::string byte() const { return relu6({extents.rows, extents.units}); }
  Kernels::Group ofSums() const { return {declared, body, "%s", sum()}; }
  Kernels::Group ofValues() const {
    return {declared, body + "%y = weir.requantize %s : " + sum() + " -> " + byte() + "\n", "%y",
            byte()};
  }
  /// The sums are read in another shape, so that they are computed before.
  Kernels::Group ofSumsInARow() const {
    const std::string row = relu6({1, extents.rows * extents.units});
    return {declared,
            body + "%y = weir.requantize %s : " + sum() + " -> " + byte() +
                "\n%v = weir.view %y : " + byte() + " -> " + row + "\n",
            "%v", row};
  }

  const Extents extents;
  std::vector<Tensor> operands;
  std::string declared, body, name;
};

} // namespace weir::test
