//===- TuneGroups.cpp - see TuneGroups.h -----------------------------------------------------===//

#include "tools/tune/TuneGroups.h"

#include "ir/Dialect.h"
#include "kernels/Describe.h"
#include "kernels/MatrixLoops.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;

namespace weir {
namespace {

int64_t integer(Operation *op, StringRef name) {
  auto attribute = op->getAttrOfType<IntegerAttr>(name);
  return attribute ? attribute.getInt() : 0;
}

/// Of where a kernel's values lie, only the pitches of their rows: all that it is compiled for.
void keepPitches(KernelOp kernel) {
  const auto places = [&](size_t count, StringRef space, auto pitchOf) {
    SmallVector<Attribute> attributes;
    for (size_t i = 0; i < count; ++i)
      attributes.push_back(
          StorageAttr::get(kernel.getContext(), space, static_cast<int64_t>(i), pitchOf(i)));
    return ArrayAttr::get(kernel.getContext(), attributes);
  };
  const ArrayAttr inputs = places(kernel.getNumOperands(), "argument",
                                  [&](size_t i) { return kernel.inputPitch(i); }),
                  outputs = places(kernel.getNumResults(), "result",
                                   [&](size_t i) { return kernel.outputPitch(i); });
  const auto hasPitch = [](StorageAttr place) { return place.getPitch() != 0; };
  kernel.removeInputStorageAttr();
  kernel.removeOutputStorageAttr();
  if (!llvm::any_of(inputs.getAsRange<StorageAttr>(), hasPitch) &&
      !llvm::any_of(outputs.getAsRange<StorageAttr>(), hasPitch))
    return;
  kernel.setInputStorageAttr(inputs);
  kernel.setOutputStorageAttr(outputs);
}

/// A module of one function that is this kernel.
std::string textOf(KernelOp kernel) {
  OwningOpRef<ModuleOp> module = ModuleOp::create(kernel.getLoc());
  OpBuilder builder = OpBuilder::atBlockEnd(module->getBody());
  auto function = func::FuncOp::create(
      builder, kernel.getLoc(), "group",
      builder.getFunctionType(kernel.getOperandTypes(), kernel.getResultTypes()));
  Block *block = function.addEntryBlock();
  OpBuilder inside = OpBuilder::atBlockEnd(block);
  auto copy = cast<KernelOp>(inside.clone(*kernel));
  copy->setOperands(block->getArguments());
  copy.removeSymbolAttr();
  keepPitches(copy);
  func::ReturnOp::create(inside, kernel.getLoc(), copy.getResults());
  std::string text;
  llvm::raw_string_ostream stream(text);
  module->print(stream);
  return text;
}

/// Which operand each result is written over.
std::vector<int> inPlaceOf(KernelOp kernel) {
  std::vector<int> over(kernel.getNumResults(), -1);
  const auto inputs = kernel.getInputStorageAttr(), outputs = kernel.getOutputStorageAttr();
  if (!inputs || !outputs)
    return over;
  for (auto [r, result] : llvm::enumerate(outputs))
    for (auto [o, operand] : llvm::enumerate(inputs))
      if (result == operand && kernel.getResult(r).getType() == kernel.getOperand(o).getType())
        over[r] = static_cast<int>(o);
  return over;
}

} // namespace

TuneNet collectTuneNet(ModuleOp module, const KernelTarget &target) {
  TuneNet net;
  llvm::StringMap<size_t> placeOf;
  const int64_t variables = integer(module, "weir.variables_bytes");
  for (auto function : module.getOps<func::FuncOp>()) {
    TuneNet::Entry &entry = net.entries.emplace_back();
    entry.name = function.getSymName().str();
    for (auto kernel : function.getOps<KernelOp>()) {
      const std::string content = kernels::describe(kernel);
      const auto [place, isNew] = placeOf.try_emplace(content, net.groups.size());
      if (isNew)
        net.groups.push_back({kernel.getName().str(), content, textOf(kernel), inPlaceOf(kernel)});
      TuneGroup &group = net.groups[place->second];
      group.hasChoice = !target.isGpu() || matrixLoopsOf(kernel, target);
      ++group.uses;
      group.stepBytes =
          std::max(group.stepBytes, integer(function, "weir.arena_bytes") + variables);
      entry.kernels.push_back(place->second);
    }
  }
  return net;
}

llvm::Expected<std::vector<EntryTimes>> readTimes(const TuneNet &net, const nlohmann::json &bench) {
  std::vector<EntryTimes> times;
  for (const TuneNet::Entry &entry : net.entries) {
    const auto row = llvm::find_if(bench.at("entries"), [&](const nlohmann::json &each) {
      return each.value("name", "") == entry.name;
    });
    if (row == bench.at("entries").end() || row->at("kernels").size() != entry.kernels.size())
      return llvm::createStringError("the program's bench has no times of '" + entry.name + "'");
    times.push_back({row->at("min_ms"), {}});
    for (const nlohmann::json &kernel : row->at("kernels"))
      times.back().kernels.push_back(kernel.at("min_ms"));
  }
  return times;
}

void addShares(TuneNet &net, llvm::ArrayRef<EntryTimes> times) {
  for (auto [entry, time] : llvm::zip_equal(net.entries, times))
    for (auto [group, milliseconds] : llvm::zip_equal(entry.kernels, time.kernels))
      if (time.milliseconds > 0)
        net.groups[group].share += milliseconds / time.milliseconds;
}

} // namespace weir
