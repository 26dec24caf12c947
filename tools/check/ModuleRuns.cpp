//===- ModuleRuns.cpp - see ModuleRuns.h -----------------------------------------------------===//

#include "tools/check/ModuleRuns.h"

#include "tools/check/Difference.h"
#include "tools/check/Noise.h"

#include <cmath>
#include <limits>

using namespace mlir;
using weir::reference::Tensor;

namespace weir {

const FunctionRun *ModuleRuns::run(StringRef name, InputKind kind, ArrayRef<Tensor> arguments) {
  auto [entry, isNew] = runs.try_emplace((name + "|" + nameOf(kind)).str());
  auto function = module->lookupSymbol<func::FuncOp>(name);
  if (!isNew || !function || function.getNumArguments() != arguments.size())
    return entry->second.get();
  if (FailureOr<FunctionRun> run = runFunction(function, arguments); succeeded(run))
    entry->second = std::make_unique<FunctionRun>(std::move(*run));
  return entry->second.get();
}

namespace {

bool isFinite(const Tensor &tensor) {
  return llvm::all_of(tensor.values, [](double value) { return std::isfinite(value); });
}
bool isFinite(const FunctionRun &run) {
  return llvm::all_of(run.results, [](const Tensor &result) { return isFinite(result); }) &&
         llvm::all_of(run.assigned, [](const auto &entry) { return isFinite(entry.getValue()); });
}

/// Compares one function on one kind of inputs.
class Comparison {
public:
  Comparison(ModuleRuns &before, ModuleRuns &after, func::FuncOp function, InputKind kind)
      : before(before), after(after), function(function), kind(kind) {}

  Difference run(const PassBound &bound) {
    constexpr double broken = std::numeric_limits<double>::infinity();
    const std::vector<Tensor> arguments = argumentsFor(function, kind);
    const FunctionRun *first = before.run(function.getSymName(), kind, arguments),
                      *second = after.run(function.getSymName(), kind, arguments);
    if (!first)
      return worst; // nothing to hold the pass to
    if (!second) {
      note(broken, "all");
      return worst;
    }
    compare(first, second, bound.relation);
    if (bound.ulps == 0 || worst.ulps <= bound.ulps)
      return worst;
    if (std::isinf(worst.ulps)) {
      // Sums in another order may meet a NaN or an infinity elsewhere: a border's zero times one.
      if (isFinite(*first))
        return worst;
      worst = {};
      worst.leftOut = 1;
      return worst;
    }
    // What roundings of float64 move as far says nothing about the pass: say, images that are all
    // the same before a batch norm, behind which a rectifier sees 0 or the last bit of a sum.
    const Difference found = std::exchange(worst, {});
    (void)forEachNoisyRun(
        before.ofModule().lookupSymbol<func::FuncOp>(function.getSymName()), arguments, roundings,
        /*seed=*/1, [&](const FunctionRun &noisy) { compare(first, &noisy, bound.relation); });
    const bool isUnstable = margin * worst.ulps >= found.ulps;
    worst = isUnstable ? Difference() : found;
    worst.leftOut = isUnstable;
    return worst;
  }

private:
  static constexpr double roundings = 0x1p-50; ///< eight of float64
  static constexpr double margin = 32;

  void compare(const FunctionRun *first, const FunctionRun *second, PassBound::Relation relation) {
    constexpr double broken = std::numeric_limits<double>::infinity();
    // differentiate's loss is the first result, and no longer returned a second time.
    const size_t results = std::min(first->results.size(), second->results.size());
    if (results < second->results.size())
      note(broken, "the number of results");
    for (size_t i = 0; i < results; ++i)
      note(ulpsBetween(first->results[i], second->results[i]), "result " + std::to_string(i));
    for (const auto &variable : first->assigned)
      noteVariable(variable.getKey(), variable.getValue(), *second);
    if (relation != PassBound::Relation::Updates)
      for (const auto &variable : second->assigned)
        if (!first->assigned.contains(variable.getKey()))
          noteVariable(variable.getKey(), initial(before, variable.getKey()), *second);
  }

  void noteVariable(StringRef name, const Tensor &expected, const FunctionRun &run) {
    auto found = run.assigned.find(name);
    // An update is as good as the number that it updates: a gradient can be all that cancelled.
    const double magnitude = std::max(1e-6, largestOf(initial(before, name)));
    note(ulpsBetween(expected, found != run.assigned.end() ? found->second : initial(after, name),
                     magnitude),
         ("'" + name + "' after").str());
  }
  Tensor initial(ModuleRuns &runs, StringRef name) {
    auto variable = runs.ofModule().lookupSymbol<VariableOp>(name);
    return variable ? valueFor(variable) : Tensor();
  }
  void note(double ulps, const std::string &what) {
    if (ulps > worst.ulps || worst.where.empty())
      worst = {ulps,
               what + " of '" + function.getSymName().str() + "' on " + nameOf(kind).str() +
                   " inputs",
               kind};
  }

  ModuleRuns &before, &after;
  func::FuncOp function;
  InputKind kind;
  Difference worst;
};

} // namespace

std::optional<Difference> compareRuns(ModuleRuns &before, ModuleRuns &after, const PassBound &bound,
                                      ArrayRef<InputKind> kinds, function_ref<bool()> isLate) {
  Difference worst;
  for (InputKind kind : kinds)
    for (auto function : before.ofModule().getOps<func::FuncOp>()) {
      if (isLate())
        return std::nullopt;
      Difference difference = Comparison(before, after, function, kind).run(bound);
      const int leftOut = worst.leftOut + difference.leftOut;
      if (difference.ulps > worst.ulps || worst.where.empty())
        worst = std::move(difference);
      worst.leftOut = leftOut;
    }
  return worst;
}

} // namespace weir
