//===- PassCheck.cpp - see PassCheck.h -------------------------------------------------------===//

#include "tools/check/PassCheck.h"

#include "ir/Values.h"
#include "tools/check/EightBits.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/Pass/PassInstrumentation.h"
#include "mlir/Pass/PassRegistry.h"
#include <cmath>
#include <ctime>
#include <fmt/core.h>

using namespace mlir;

namespace weir {
namespace {

/// The text without values; those are attributes that are compared by their address.
std::pair<std::string, SmallVector<Attribute>> fingerprint(ModuleOp module) {
  std::pair<std::string, SmallVector<Attribute>> result;
  llvm::raw_string_ostream stream(result.first);
  printWithoutValues(module, stream);
  for (auto variable : module.getOps<VariableOp>())
    result.second.push_back(variable.getValueAttr());
  return result;
}

/// What `pass` promises of `before`.
PassBound boundOn(StringRef pass, ModuleOp before) {
  PassBound bound = boundOf(pass);
  if (bound.ulps > 0 && multipliesIntegersOnly(before)) {
    bound.ulps = 0;
    bound.reason = "sums of integers are the same bits in any order";
  }
  return bound;
}

bool isSame(ModuleOp a, ModuleOp b) { return fingerprint(a) == fingerprint(b); }

std::string messageOf(const Difference &difference, const PassBound &bound) {
  if (std::isinf(difference.ulps))
    return fmt::format("{} is not what it was", difference.where);
  return fmt::format("{} moves by {:.3g} ulp, and may move by {:.3g}", difference.where,
                     difference.ulps, bound.ulps);
}

} // namespace

class PassCheck::Watcher : public PassInstrumentation {
public:
  explicit Watcher(PassCheck &check) : check(check) {}

  void runBeforePass(Pass *pass, Operation *op) override {
    if (auto module = watched(pass, op))
      check.before(pass, module);
  }
  void runAfterPass(Pass *pass, Operation *op) override {
    if (auto module = watched(pass, op))
      check.after(pass, module, /*failed=*/false);
  }
  void runAfterPassFailed(Pass *pass, Operation *op) override {
    if (auto module = watched(pass, op))
      check.after(pass, module, /*failed=*/true);
  }

private:
  /// Not the adaptors that MLIR puts around nested passes.
  static ModuleOp watched(Pass *pass, Operation *op) {
    return pass->getArgument().empty() ? nullptr : dyn_cast<ModuleOp>(op);
  }

  PassCheck &check;
};

PassCheck::~PassCheck() = default;

void PassCheck::watch(PassManager &passes) {
  passes.addInstrumentation(std::make_unique<Watcher>(*this));
}

double PassCheck::now() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

bool PassCheck::isLate() const { return now() - start > seconds; }

void PassCheck::before(Pass *, ModuleOp module) {
  if (original && isSame(*original, module))
    return;
  runs = nullptr;
  original = module.clone();
}

void PassCheck::keepFailure(Pass *pass, std::string message, ArrayRef<InputKind> kinds) {
  if (failure)
    return;
  std::string pipeline;
  llvm::raw_string_ostream stream(pipeline);
  pass->printAsTextualPipeline(stream);
  failure = PassFailure{pass->getArgument().str(), pipeline, std::move(message), kinds.vec(),
                        original->clone()};
}

void PassCheck::after(Pass *pass, ModuleOp module, bool failed) {
  CheckedPass &row = rows.emplace_back();
  row.pass = pass->getArgument().str();
  row.bound = boundOn(row.pass, *original);
  row.bound.pass = "";
  const bool isComparable = row.bound.relation == PassBound::Relation::Keeps ||
                            row.bound.relation == PassBound::Relation::Updates;
  if (failed) {
    row.state = CheckedPass::State::Broken;
    return keepFailure(pass, "it fails, or leaves IR that breaks the dialect's rules",
                       inputKinds().front());
  }
  if (isSame(*original, module)) {
    row.state = CheckedPass::State::Unchanged;
    return;
  }
  if (!runs)
    runs = std::make_unique<ModuleRuns>(*original);
  auto next = std::make_unique<ModuleRuns>(module);
  if (!isComparable) {
    row.state = CheckedPass::State::Incomparable;
  } else {
    fitKinds();
    auto difference = compareRuns(*runs, *next, row.bound, used, [this] { return isLate(); });
    row.difference = difference.value_or(Difference());
    if (!difference) {
      row.state = CheckedPass::State::NotReached;
    } else if (row.difference.ulps > row.bound.ulps) {
      row.state = CheckedPass::State::Broken;
      keepFailure(pass, messageOf(*difference, row.bound), difference->kind);
    }
  }
  original = module.clone();
  runs = std::move(next);
}

/// Measures one kind of inputs, and keeps as many as fit.
void PassCheck::fitKinds() {
  if (std::exchange(isFitted, true))
    return;
  constexpr double passesToCome =
      8; // about so many change a net; one more run is the first "before"
  const double begin = now();
  for (auto function : runs->ofModule().getOps<func::FuncOp>())
    runs->run(function.getSymName(), used.front(), argumentsFor(function, used.front()));
  const double each = (now() - begin) * passesToCome;
  const double fitting =
      std::clamp(seconds / std::max(each, 1e-6), 1.0, static_cast<double>(used.size()));
  used = used.take_front(static_cast<size_t>(fitting));
}

std::string whatFails(ModuleOp before, StringRef pipeline, ArrayRef<InputKind> kinds) {
  ScopedDiagnosticHandler swallow(before.getContext(), [](Diagnostic &) { return success(); });
  PassManager passes(before.getContext());
  std::string ignored;
  llvm::raw_string_ostream stream(ignored);
  if (failed(parsePassPipeline(pipeline, passes, stream)))
    return "";
  const PassBound bound = boundOn(passes.begin()->getArgument(), before);
  OwningOpRef<ModuleOp> after = before.clone();
  if (failed(passes.run(*after)))
    return "the pass fails, or leaves IR that breaks the dialect's rules";
  ModuleRuns first(before), second(*after);
  auto difference = compareRuns(first, second, bound, kinds, [] { return false; });
  return difference->ulps > bound.ulps ? messageOf(*difference, bound) : "";
}

} // namespace weir
