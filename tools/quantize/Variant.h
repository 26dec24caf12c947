//===- Variant.h - the net in one arithmetic, at work in this process ------------------------===//
//
// Calibration and the contract compare programs: the float net and quantized ones. Each is a module
// after phase "ir" that is compiled and loaded with a function that hands out every layer's result.
// Before: QuantizeNet.h makes the modules. After: Calibrate.h, Noise.h.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "runtime/Dataset.h"
#include "tools/LoadedProgram.h"
#include "tools/quantize/Settings.h"

#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace weir {

/// A layer's result.
struct ObservedLayer {
  std::string path, op;        ///< "mlp_1.gelu_2", "gelu"
  mlir::RankedTensorType type; ///< with the batch

  int64_t elementsOfOne() const { return type.getNumElements() / type.getDimSize(0); }
};

class Variant {
public:
  /// Compiles and loads `module`, which is consumed.
  static llvm::Expected<Variant> load(mlir::OwningOpRef<mlir::ModuleOp> module,
                                      const NetSummary &summary, const KernelOptions &options,
                                      int threads);

  const std::vector<ObservedLayer> &layers() const { return observed; }
  /// Whether the layer of this path multiplies 8-bit integers; none where it is no product.
  std::optional<bool> isInteger(llvm::StringRef path) const;
  const Manifest &manifest() const { return program->net().manifest; }

  /// The part of `images` whose class is the largest logit.
  double accuracy(const Dataset &images);

  /// What one batch gave: `input` and, for each of layers(), the values of the first `count`
  /// images.
  struct Batch {
    uint64_t count;
    llvm::ArrayRef<float> input;
    std::vector<std::vector<float>> values; ///< as real numbers, whatever stands for them
  };
  /// Runs `count` images from number `first` on through, batch by batch.
  void observe(const Dataset &images, uint64_t first, uint64_t count,
               llvm::function_ref<void(const Batch &)> visit);

private:
  std::unique_ptr<LoadedProgram> program;
  std::vector<ObservedLayer> observed;
  llvm::StringMap<bool> products; ///< by path, whether in integers
  uint64_t batch = 1;
};

/// The images of `part`, whose count becomes that of the images that there are. Throws UserError
/// where the data set cannot be read or has none of them; `setting` is the part's name in the
/// `quantize` block.
Dataset loadPart(ImagePart &part, const char *setting, const std::string &directory,
                 const Manifest &manifest);

} // namespace weir
