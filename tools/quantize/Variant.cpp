//===- Variant.cpp - see Variant.h -----------------------------------------------------------===//

#include "tools/quantize/Variant.h"

#include "ir/Quantization.h"
#include "passes/Observe.h"
#include "passes/Passes.h"
#include "passes/Pipelines.h"
#include "runtime/Error.h"
#include "runtime/Evaluate.h"

#include "mlir/Pass/PassManager.h"

using namespace mlir;

namespace weir {

//===------------------------------------------------------------------------------------------===//
// Compiling
//===------------------------------------------------------------------------------------------===//

static std::vector<ObservedLayer> layersOf(func::FuncOp function) {
  std::vector<ObservedLayer> layers;
  for (Value value : observedValues(function))
    layers.push_back({layerPath(value.getLoc()),
                      value.getDefiningOp()->getName().stripDialect().str(),
                      cast<RankedTensorType>(value.getType())});
  return layers;
}

std::optional<bool> Variant::isInteger(llvm::StringRef path) const {
  auto found = products.find(path);
  return found == products.end() ? std::nullopt : std::optional(found->second);
}

llvm::Expected<Variant> Variant::load(OwningOpRef<ModuleOp> module, const NetSummary &summary,
                                      const KernelOptions &options, int threads) {
  Variant variant;
  func::FuncOp infer = observedFunction(*module);
  variant.observed = layersOf(infer);
  for (Operation &op : infer.getBody().front())
    if (isa<Conv2dOp, DepthwiseConv2dOp, DenseOp>(op))
      variant.products[layerPath(op.getLoc())] = isQuantized(op.getOperand(0).getType());
  variant.batch =
      static_cast<uint64_t>(cast<RankedTensorType>(infer.getArgumentTypes()[0]).getDimSize(0));
  PassManager passes(module->getContext());
  passes.addPass(createObserve());
  bool isBehindIr = false;
  for (const Phase &phase : phases()) {
    if (isBehindIr)
      phase.addPasses(passes);
    isBehindIr |= phase.name == "ir";
    if (phase.name == "memory")
      break;
  }
  if (failed(passes.run(*module)))
    return llvm::createStringError("a pass failed on the net that is to be observed");
  auto program = LoadedProgram::load(*module, summary, options, threads);
  if (!program)
    return program.takeError();
  variant.program = std::move(*program);
  return variant;
}

//===------------------------------------------------------------------------------------------===//
// Running
//===------------------------------------------------------------------------------------------===//

double Variant::accuracy(const Dataset &images) {
  return evaluate(program->net(), images, Normalizer(manifest())).accuracy;
}

/// The first `count` elements as real numbers.
static std::vector<float> numbersOf(const LoadedProgram::Result &result, RankedTensorType type,
                                    size_t count) {
  std::optional<Quantization> quantized = quantizationOf(type);
  if (!quantized)
    return result.values<float>().take_front(count).vec();
  const auto scale = static_cast<float>(quantized->scale(0));
  const bool isSigned = storageOf(type).kind == Storage::Kind::Signed;
  std::vector<float> numbers(count);
  for (size_t i = 0; i < count; ++i) {
    const int64_t stored =
        isSigned ? result.values<int8_t>()[i] : int64_t{result.values<uint8_t>()[i]};
    numbers[i] = static_cast<float>(stored - quantized->zeroPoint) * scale;
  }
  return numbers;
}

void Variant::observe(const Dataset &images, uint64_t first, uint64_t count,
                      llvm::function_ref<void(const Batch &)> visit) {
  const Normalizer normalizer(manifest());
  const uint64_t size = manifest().imageSize();
  std::vector<float> input(batch * size);
  for (const uint64_t end = first + count; first < end; first += batch) {
    Batch result{std::min(batch, end - first), {}, {}};
    std::fill(input.begin(), input.end(), 0.0f);
    for (uint64_t i = 0; i < result.count; ++i)
      normalizer.convert(images.image(first + i), size, input.data() + i * size);
    result.input = llvm::ArrayRef(input).take_front(result.count * size);
    const auto values = program->run("observe", {input.data()});
    for (const auto &[layer, value] : llvm::zip_equal(observed, values))
      result.values.push_back(numbersOf(
          value, layer.type, result.count * static_cast<uint64_t>(layer.elementsOfOne())));
    visit(result);
  }
}

//===------------------------------------------------------------------------------------------===//
// Images
//===------------------------------------------------------------------------------------------===//

Dataset loadPart(ImagePart &part, const char *setting, const std::string &directory,
                 const Manifest &manifest) {
  Dataset data =
      part.isTraining ? loadTrainingSet(directory, manifest) : loadTestSet(directory, manifest);
  const uint64_t all = data.count();
  if (part.from >= all)
    fail("'%s' asks for %s, but there are %s images in '%s'", setting, part.text().c_str(),
         withCommas(all).c_str(), data.images.path.c_str());
  const uint64_t rest = all - part.from;
  part.count = part.count == 0 ? rest : std::min(part.count, rest);
  data.images.pixels += part.from * data.images.imageSize();
  data.labels.labels += part.from;
  data.images.count = data.labels.count = part.count;
  return data;
}

} // namespace weir
