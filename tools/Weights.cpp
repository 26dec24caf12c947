//===- Weights.cpp - see Weights.h -----------------------------------------------------------===//

#include "tools/Weights.h"

#include "ir/Values.h"
#include "runtime/WeightsFile.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include <stdexcept>

using namespace mlir;

namespace weir {
namespace {

StoredTensors expectedTensors(ModuleOp module) {
  StoredTensors tensors;
  for (auto variable : module.getOps<VariableOp>()) {
    StoredTensor &tensor = tensors[variable.getSymName().str()];
    tensor.type = "F32";
    for (const int64_t extent : variable.getTensorType().getShape())
      tensor.shape.push_back(static_cast<uint64_t>(extent));
  }
  return tensors;
}

void embed(ModuleOp module, const std::string &path, const std::string &net) {
  StoredTensors expected = expectedTensors(module);
  const Safetensors file = readWeights(path, net, expected);
  Builder builder(module.getContext());
  const DictionaryAttr embedded =
      builder.getDictionaryAttr(builder.getNamedAttr("kind", builder.getStringAttr("embedded")));
  for (auto variable : module.getOps<VariableOp>()) {
    StoredTensor &tensor = expected.at(variable.getSymName().str());
    tensor = file.tensors.at(variable.getSymName().str());
    variable.setValueAttr(valueOfBytes(variable.getTensorType(),
                                       {reinterpret_cast<const char *>(tensor.data), tensor.bytes},
                                       variable.getSymName()));
    variable.setInitAttr(embedded);
  }
  dropTraining(module);
  module->setAttr("weir.weights",
                  builder.getDictionaryAttr(
                      {builder.getNamedAttr("file", builder.getStringAttr(path)),
                       builder.getNamedAttr("sha256", builder.getStringAttr(sha256(expected)))}));
}

} // namespace

void dropTraining(ModuleOp module) {
  for (auto function : llvm::make_early_inc_range(module.getOps<func::FuncOp>())) {
    const bool trains =
        !function.getOps<MinimizeOp>().empty() || !function.getOps<AssignOp>().empty();
    if (trains)
      function.erase();
  }
}

llvm::Error embedWeights(ModuleOp module, const std::string &file, const std::string &net) {
  try {
    embed(module, file, net);
  } catch (const std::exception &error) {
    return llvm::createStringError(error.what());
  }
  return llvm::Error::success();
}

std::vector<char> blockOfValues(ModuleOp module) {
  std::vector<char> block;
  for (auto variable : module.getOps<VariableOp>()) {
    const std::optional<ElementsAttr> value = variable.getValue();
    if (!value)
      continue;
    block.resize(module->getAttrOfType<IntegerAttr>("weir.variables_bytes").getInt());
    llvm::copy(rawValues(*value), block.begin() + static_cast<int64_t>(*variable.getOffset()));
  }
  return block;
}

} // namespace weir
