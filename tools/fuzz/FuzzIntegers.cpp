//===- FuzzIntegers.cpp - see FuzzIntegers.h -------------------------------------------------===//

#include "tools/fuzz/FuzzIntegers.h"

#include "tools/LoadedProgram.h"
#include "tools/check/CheckReport.h"
#include "tools/check/EightBits.h"
#include "tools/fuzz/Expectation.h"
#include "tools/fuzz/FuzzPhase.h"

#include <fmt/core.h>

using namespace mlir;
using weir::reference::Tensor;

namespace weir {
namespace {

constexpr double passSeconds = 20;
constexpr int threads = 2, inputsTried = 3, inputsThatMustFail = 2;
constexpr const char *stage = "int8";

/// True where a program rounds as the reference does: what is computed in float is only read,
/// moved, compared, or made of integers.
bool isExact(func::FuncOp function) {
  return llvm::all_of(function.getBody().front().without_terminator(), [](Operation &op) {
    return isa<ReadOp, ViewOp, QuantizeOp, DequantizeOp, ReluOp, Relu6Op, MaxPool2dOp, ConcatOp,
               SliceOp, PadOp, TransposeOp>(op) ||
           llvm::all_of(op.getResultTypes(),
                        [](Type type) { return storageOf(type).kind != Storage::Kind::Float; });
  });
}

/// What differs on one input, or empty; `skipped` says why nothing could be compared.
std::string compare(LoadedProgram &program, func::FuncOp function, uint64_t seed,
                    std::string &skipped) {
  const std::vector<Tensor> arguments = argumentsFor(function, InputKind::Random, seed);
  const std::vector<float> image(arguments[0].values.begin(), arguments[0].values.end());
  const std::string name = function.getSymName().str();
  const auto run = program.run(name, {image.data()});
  const auto logits = run[0].values<float>();
  const std::vector<double> values(logits.begin(), logits.end());
  std::string problem;
  if (isExact(function)) {
    auto expected = runFunction(function, arguments, seed);
    if (failed(expected))
      return "the reference cannot run it";
    const std::vector<double> &wanted = expected->results[0].values;
    for (size_t i = 0; i < wanted.size() && problem.empty(); ++i)
      if (values[i] != wanted[i])
        problem = fmt::format("value {} of {} is {:.9g} instead of {:.9g}, where all is exact", i,
                              wanted.size(), values[i], wanted[i]);
  } else {
    const Expectation expected(function, arguments, seed);
    if (expected.unfit().empty())
      problem = expected.checkResult(0, values);
    else
      skipped = expected.unfit();
  }
  return problem.empty() ? "" : "'" + name + "', " + problem;
}

} // namespace

FuzzVerdict checkNetInIntegers(CompilerOptions options, uint64_t seed) {
  PassCheck *watcher = nullptr; // the float passes have been watched already
  options.watchPasses = [&](PassManager &passes) {
    if (watcher)
      watcher->watch(passes);
  };
  options.useTuning = false;
  options.quiet = true;
  tellPhase("passes in 8 bits");
  Compiler compiler(options);
  PassCheck check(passSeconds);
  if (compiler.load())
    return {FuzzVerdict::Kind::Differs, "compile", "the compiler refuses the net"};
  embedRandomWeights(compiler.module(), seed);
  if (compiler.run("ir"))
    return {FuzzVerdict::Kind::Differs, stage, "a pass fails on the net with weights inside"};
  watcher = &check;
  if (llvm::Error error = quantizeOnRandomImages(compiler, seed)) {
    std::string why = llvm::toString(std::move(error));
    if (check.failure)
      return brokenPass(check, stage);
    return {FuzzVerdict::Kind::Skipped, stage, std::move(why)};
  }
  OwningOpRef<ModuleOp> reference = compiler.module().clone();
  if (compiler.run("memory") || check.failure)
    return brokenPass(check, stage);
  const auto [target, module] = compiler.shown().front();
  tellPhase("kernels in 8 bits");
  auto program =
      LoadedProgram::load(module, compiler.summary(), compiler.kernelOptions(target), threads);
  if (!program)
    return {FuzzVerdict::Kind::Differs, stage, llvm::toString(program.takeError())};
  tellPhase("runs in 8 bits");
  FuzzVerdict result;
  result.integers = "exact";
  for (auto function : reference->getOps<func::FuncOp>()) {
    int failures = 0;
    std::string message, skipped;
    for (int i = 0; i < inputsTried; ++i)
      if (std::string problem = compare(**program, function, seed + i, skipped); !problem.empty()) {
        ++failures;
        message = std::move(problem);
      }
    if (failures >= (isExact(function) ? 1 : inputsThatMustFail))
      return {FuzzVerdict::Kind::Differs, stage, message};
    if (!skipped.empty())
      return {FuzzVerdict::Kind::Skipped, stage, skipped};
    if (!isExact(function))
      result.integers = "close";
  }
  return result;
}

} // namespace weir
