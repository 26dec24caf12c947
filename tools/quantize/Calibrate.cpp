//===- Calibrate.cpp - see Calibrate.h -------------------------------------------------------===//

#include "tools/quantize/Calibrate.h"

#include "ir/Values.h"
#include "passes/Observe.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/SHA256.h"

using namespace mlir;

namespace weir {

namespace {

/// Sums over all but the last dimension.
class ChannelSums {
public:
  explicit ChannelSums(int64_t channels) : sums(static_cast<size_t>(channels)) {}

  void add(ArrayRef<float> numbers) {
    for (size_t row = 0; row < numbers.size(); row += sums.size())
      for (size_t channel = 0; channel < sums.size(); ++channel)
        sums[channel] += numbers[row + channel];
    count += numbers.size() / sums.size();
  }
  std::vector<double> means() const {
    std::vector<double> result(sums);
    for (double &sum : result)
      sum /= static_cast<double>(std::max<size_t>(count, 1));
    return result;
  }

private:
  std::vector<double> sums;
  size_t count = 0;
};

} // namespace

std::vector<ObservedValue> observeValues(Variant &net, const Dataset &images) {
  std::vector<ObservedValue> values = {{"image", {}, {}, {}}};
  std::vector<ChannelSums> sums = {ChannelSums(static_cast<int64_t>(net.manifest().channels))};
  for (const ObservedLayer &layer : net.layers()) {
    values.push_back({layer.path, {}, {}, {}});
    sums.emplace_back(layer.type.getShape().back());
  }
  net.observe(images, 0, images.count(), [&](const Variant::Batch &batch) {
    values[0].histogram.add(batch.input);
    sums[0].add(batch.input);
    for (size_t i = 0; i < batch.values.size(); ++i) {
      values[i + 1].histogram.add(batch.values[i]);
      sums[i + 1].add(batch.values[i]);
    }
  });
  for (const auto &[value, sum] : llvm::zip_equal(values, sums))
    value.channelMeans = sum.means();
  return values;
}

std::string fingerprint(ModuleOp module) {
  llvm::SHA256 hash;
  for (Value value : observedValues(observedFunction(module))) {
    hash.update(layerPath(value.getLoc()) + "\n");
    for (int64_t size : cast<RankedTensorType>(value.getType()).getShape().drop_front())
      hash.update(std::to_string(size) + " ");
  }
  for (auto variable : module.getOps<VariableOp>()) {
    hash.update(variable.getSymName());
    if (std::optional<ElementsAttr> value = variable.getValue()) {
      const std::vector<char> bytes = rawValues(*value);
      hash.update(StringRef(bytes.data(), bytes.size()));
    }
  }
  // The image's numbers depend on these.
  if (auto recipe = module->getAttrOfType<DictionaryAttr>("weir.recipe"))
    for (NamedAttribute entry : recipe.getAs<DictionaryAttr>("data")) {
      std::string text;
      llvm::raw_string_ostream(text) << entry.getName().getValue() << '=' << entry.getValue();
      hash.update(text);
    }
  return llvm::toHex(hash.final(), /*LowerCase=*/true);
}

namespace {

/// Calls `visit` with the index of each value and a function that sets an attribute on it: the
/// image first, then the observed ops.
llvm::Error forEachValue(
    ModuleOp module, size_t count,
    llvm::function_ref<void(size_t, llvm::function_ref<void(StringRef, Attribute)>)> visit) {
  // Ranges that quantization-aware training has learned are those the weights were trained for.
  const bool isLearned = module->hasAttr("weir.learned_ranges");
  for (auto function : module.getOps<func::FuncOp>()) {
    const SmallVector<Value> values = observedValues(function);
    if (values.size() + 1 != count)
      return llvm::createStringError("the calibration table has " + Twine(count) +
                                     " values, but the net " + Twine(values.size() + 1));
    visit(0, [&](StringRef name, Attribute value) {
      if (!isLearned || !function.getArgAttr(0, name))
        function.setArgAttr(0, name, value);
    });
    for (const auto &[index, value] : llvm::enumerate(values))
      visit(index + 1, [&, op = value.getDefiningOp()](StringRef name, Attribute value) {
        if (!isLearned || !op->hasAttr(name))
          op->setAttr(name, value);
      });
  }
  return llvm::Error::success();
}

} // namespace

llvm::Error attachRanges(ModuleOp module, ArrayRef<weir::ValueRange> ranges) {
  Builder builder(module.getContext());
  return forEachValue(module, ranges.size(), [&](size_t index, auto setAttribute) {
    setAttribute("weir.range",
                 builder.getDenseF64ArrayAttr({ranges[index].low, ranges[index].high}));
  });
}

llvm::Error attachRanges(ModuleOp module, const CalibrationTable &table) {
  SmallVector<weir::ValueRange> ranges;
  for (const ObservedValue &value : table.values)
    ranges.push_back(value.range);
  if (llvm::Error error = attachRanges(module, ranges))
    return error;
  Builder builder(module.getContext());
  return forEachValue(module, table.values.size(), [&](size_t index, auto setAttribute) {
    setAttribute("weir.channel_means",
                 builder.getDenseF64ArrayAttr(table.values[index].channelMeans));
  });
}

} // namespace weir
