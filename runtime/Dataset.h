// Images with labels for one net, checked against what the net expects.
//
// Before: Idx.h reads files. After: Batches.h makes batches for training, Evaluate.h goes through
// all images. The training and the test set are read on two threads, because gunzip is what a short
// training run waits for first.
#ifndef WEIR_RUNTIME_DATASET_H
#define WEIR_RUNTIME_DATASET_H

#include "runtime/Idx.h"
#include "runtime/Manifest.h"

#include <string>

namespace weir {

struct Dataset {
  IdxImages images;
  IdxLabels labels;

  uint64_t count() const { return images.count; }
  const uint8_t *image(uint64_t index) const { return images.pixels + index * images.imageSize(); }
};

/// The folder of the four files: `directory` if not empty, else $WEIR_DATA/<data set's name>.
/// Throws UserError that says what to do if there is none.
std::string findDataDirectory(const std::string &directory, const Manifest &manifest);

/// The test images and labels: t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, with or without
/// .gz.
Dataset loadTestSet(const std::string &directory, const Manifest &manifest);

/// Training images and labels, named train-….
Dataset loadTrainingSet(const std::string &directory, const Manifest &manifest);

/// Training and test set. Throws UserError for the first fault of the training set, else
/// of the test set.
void loadBoth(const std::string &directory, const Manifest &manifest, Dataset &training,
              Dataset &test);

/// Turns bytes into the net's input: (p / 255 - mean) / deviation by channel, as p * scale + offset
/// in float.
class Normalizer {
public:
  /// By the recipe's mean and deviation; 0 and 1 without a recipe. Throws InternalError if their
  /// number is neither 1 nor the number of channels.
  explicit Normalizer(const Manifest &manifest);
  /// `size` values of interleaved channels.
  void convert(const uint8_t *pixels, uint64_t size, float *values) const;
  /// The same for values in 0..255 that are no whole numbers.
  void convert(const float *pixels, uint64_t size, float *values) const;
  /// The scale of each channel, then the offset of each.
  std::vector<float> factors() const;

private:
  std::vector<float> scale, offset; // one per channel
};

} // namespace weir

#endif
