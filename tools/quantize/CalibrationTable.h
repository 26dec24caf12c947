//===- CalibrationTable.h - what was observed, kept in a file --------------------------------===//
//
// A table holds the histograms, not only the ranges made of them, so that another method needs no
// new run. Before: CalibrationMethods.h. After: Calibrate.h puts the ranges on the IR.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "tools/quantize/CalibrationMethods.h"

namespace weir {

/// One value of the net: a layer's result, or the image.
struct ObservedValue {
  std::string name; ///< the layer's path
  Histogram histogram;
  std::vector<double> channelMeans; ///< for each index of the last dimension
  ValueRange range{0, 0};           ///< by the table's method
};

struct CalibrationTable {
  std::string net;
  std::string fingerprint; ///< SHA-256 of the float net with folded batch norm, weights included
  std::string images;      ///< which, as text
  CalibrationMethod method;
  bool isEqualized = false;          ///< whether the net was equalized before `values` were seen
  std::vector<ObservedValue> values; ///< the image, then the layers in the order of the net
  std::vector<ValueRange> trained;   ///< of the same values before; empty if not equalized

  /// Chooses every value's range by `method`, but the image's by min_max. An error names the value
  /// that has none.
  llvm::Error chooseRanges(const CalibrationMethod &method);
};

/// The table as the bytes of a file, the same for the same table.
std::string toBytes(const CalibrationTable &table);

/// The table of a file's bytes; an error names `path` and says what is wrong: another kind of file,
/// a newer version, damaged or cut off.
llvm::Expected<CalibrationTable> parseCalibrationTable(llvm::StringRef bytes, llvm::StringRef path);

/// An error where a table read from `path` is not of this net, these weights and these images.
llvm::Error expectSame(const CalibrationTable &table, const CalibrationTable &wanted,
                       llvm::StringRef path);

} // namespace weir
