//===- Summary.h - what a net is made of, without running it ---------------------------------===//
//
// Layers, shapes, parameters and multiply-accumulates, read from the module as the frontend built
// it (each op is still the layer the user wrote). Feeds `weir info` and the manifest inside every
// program.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "mlir/IR/BuiltinOps.h"
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace weir {

struct LayerSummary {
  std::string path;                 ///< "mlp_1.dense_1"
  std::string op;                   ///< "dense"
  std::vector<int64_t> outputShape; ///< of one image
  int64_t parameters = 0;           ///< trained weights
  int64_t statistics = 0;           ///< running averages, which no gradient reaches
  int64_t macs = 0;                 ///< for one image
  std::string init;                 ///< initialiser of its `weight`, or empty
  std::string source;               ///< "mlp.weir:7:14"
};

struct NetSummary {
  std::string net;
  std::vector<int64_t> inputShape; ///< [height, width, channels]
  int64_t classes = 0;             ///< size of the last dimension of the result
  int64_t trainableParameters = 0, totalParameters = 0, macs = 0;
  std::vector<LayerSummary> layers;
};

/// Of a module fresh from the frontend.
NetSummary summarize(mlir::ModuleOp module);

/// "file:line:col" of a location, or an empty string.
std::string sourceText(mlir::Location location);

/// The fields that `info --json` and the manifest share.
nlohmann::ordered_json toJson(const NetSummary &summary);

/// An attribute (dictionary, array, number, string, bool) as JSON.
nlohmann::ordered_json toJson(mlir::Attribute attribute);

} // namespace weir
