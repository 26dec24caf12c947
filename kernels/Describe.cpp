//===- Describe.cpp - see Describe.h ---------------------------------------------------------===//

#include "kernels/Describe.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace weir::kernels {

std::string describe(KernelOp kernel) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::DenseMap<Value, size_t> number;
  Block &block = kernel.getBody().front();
  const auto pitch = [](int64_t elements) {
    return elements == 0 ? std::string() : " pitch=" + std::to_string(elements);
  };
  for (BlockArgument argument : block.getArguments()) {
    number.try_emplace(argument, number.size());
    stream << argument.getType() << pitch(kernel.inputPitch(argument.getArgNumber())) << '\n';
  }
  for (Operation &op : block) {
    stream << op.getName();
    for (Value operand : op.getOperands())
      stream << ' ' << number.at(operand);
    stream << ' ' << op.getAttrDictionary();
    for (Value result : op.getResults()) {
      number.try_emplace(result, number.size());
      stream << ' ' << result.getType();
    }
    for (unsigned i = 0; isa<YieldOp>(op) && i < kernel.getNumResults(); ++i)
      if (const int64_t elements = kernel.outputPitch(i))
        stream << " result=" << i << pitch(elements);
    stream << '\n';
  }
  return text;
}

} // namespace weir::kernels
