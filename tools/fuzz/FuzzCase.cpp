//===- FuzzCase.cpp - see FuzzCase.h ---------------------------------------------------------===//

#include "tools/fuzz/FuzzCase.h"

#include "tools/Commands.h"
#include "tools/LoadedProgram.h"
#include "tools/check/CheckReport.h"
#include "tools/fuzz/Expectation.h"
#include "tools/fuzz/FuzzIntegers.h"
#include "tools/fuzz/FuzzPhase.h"

#include "runtime/DeviceChain.h"
#include <fmt/core.h>

using namespace mlir;
using weir::reference::Tensor;

namespace weir {
namespace {

constexpr int inputsTried = 3, inputsThatMustFail = 2;
constexpr double passSeconds = 30;
constexpr int threads = 2;

std::vector<float> floats(const Tensor &tensor) {
  return {tensor.values.begin(), tensor.values.end()};
}

/// A compiled net and the same net for the reference.
class Comparison {
public:
  Comparison(Net &net, ModuleOp reference) : net(net), reference(reference) {}

  /// What differs on the inputs of `seed`, or empty; `skipped` says why nothing could be compared.
  std::string run(uint64_t seed, std::string &skipped) {
    for (const Entry &entry : net.manifest.entries) {
      auto function = reference.lookupSymbol<func::FuncOp>(entry.name);
      std::vector<Tensor> arguments = argumentsFor(function, InputKind::Random, seed);
      const bool trains = entry.kind == Entry::Kind::Train;
      if (trains) // a step that shows in the weights
        arguments[2] = Tensor::scalar(0.5);
      const Expectation expected(function, arguments, seed);
      if (!expected.unfit().empty()) {
        skipped = expected.unfit();
        continue;
      }
      setVariables(seed);
      const std::string problem = trains ? runTraining(entry, arguments, expected)
                                         : runInference(entry, function, arguments, expected);
      if (!problem.empty())
        return "'" + entry.name + "', " + problem;
    }
    return "";
  }

private:
  void setVariables(uint64_t seed) {
    for (const Variable &variable : net.manifest.variables) {
      auto op = reference.lookupSymbol<VariableOp>(variable.name);
      llvm::copy(valueFor(op, seed).values, net.values(variable));
    }
  }

  std::string runInference(const Entry &entry, func::FuncOp function, ArrayRef<Tensor> arguments,
                           const Expectation &expected) {
    std::vector<float> logits(
        cast<RankedTensorType>(function.getResultTypes()[0]).getNumElements());
    net.infer(entry, floats(arguments[0]).data(), logits.data());
    return expected.checkResult(0, std::vector<double>(logits.begin(), logits.end()));
  }

  std::string runTraining(const Entry &entry, ArrayRef<Tensor> arguments,
                          const Expectation &expected) {
    const std::vector<int32_t> labels(arguments[1].values.begin(), arguments[1].values.end());
    const Tensor &random = arguments[3];
    const auto key = static_cast<uint64_t>(random[0]) | static_cast<uint64_t>(random[1]) << 32;
    const StepResult step =
        net.trainStep(entry, floats(arguments[0]).data(), labels.data(),
                      static_cast<float>(arguments[2][0]), key, static_cast<uint64_t>(random[2]));
    std::string problem = expected.checkResult(0, step.loss);
    if (problem.empty())
      problem = expected.checkResult(1, static_cast<double>(step.correct));
    for (const Variable &variable : net.manifest.variables)
      if (problem.empty()) {
        const float *values = std::as_const(net).values(variable);
        problem = expected.checkVariable(reference.lookupSymbol<VariableOp>(variable.name),
                                         std::vector<double>(values, values + variable.elements));
      }
    return problem;
  }

  Net &net;
  ModuleOp reference;
};

/// Compares on several inputs: what differs by a kink that even the noise has missed differs on
/// one.
FuzzVerdict compare(Net &net, ModuleOp reference, uint64_t seed, llvm::StringRef stage) {
  int failures = 0;
  std::string message, skipped;
  for (int i = 0; i < inputsTried; ++i)
    if (std::string problem = Comparison(net, reference).run(seed + i, skipped); !problem.empty()) {
      ++failures;
      message = std::move(problem);
    }
  if (failures >= inputsThatMustFail)
    return {FuzzVerdict::Kind::Differs, stage.str(), message};
  if (!skipped.empty())
    return {FuzzVerdict::Kind::Skipped, stage.str(), skipped};
  return {};
}

std::shared_ptr<Accelerator> openDevice(const KernelTarget &target) {
  if (target.device != DeviceKind::OpenCl)
    return nullptr;
  return findOpenCl().devices.front().open();
}

} // namespace

std::string lackOfOpenCl() {
  const Backend backend = findOpenCl();
  if (const Link *link = brokenLink(backend.links))
    return link->fact;
  return backend.devices.empty() ? "there is no device" : "";
}

FuzzVerdict brokenPass(const PassCheck &check, llvm::StringRef stage) {
  return {FuzzVerdict::Kind::Differs, stage.str(), verdict(check), "",
          check.failure ? check.failure->pass : ""};
}

FuzzVerdict checkNetAsPrograms(CompilerOptions options, uint64_t seed) {
  PassCheck *check = nullptr;
  options.watchPasses = [&](PassManager &passes) { check->watch(passes); };
  options.useTuning = false;
  Compiler compiler(options);
  PassCheck watched(passSeconds);
  check = &watched;
  tellPhase("passes");
  if (compiler.load())
    return {FuzzVerdict::Kind::Differs, "compile", "the compiler refuses the net"};
  if (compiler.run("ir"))
    return brokenPass(watched, "passes");
  OwningOpRef<ModuleOp> reference = compiler.module().clone();
  const int code = compiler.run("memory");
  if (code || watched.failure)
    return brokenPass(watched, "passes");
  FuzzVerdict result;
  for (auto [target, module] : compiler.shown()) {
    tellPhase("kernels for " + target.name);
    auto program = LoadedProgram::load(module, compiler.summary(), compiler.kernelOptions(target),
                                       threads, openDevice(target));
    if (!program)
      return {FuzzVerdict::Kind::Differs, target.name, llvm::toString(program.takeError())};
    tellPhase("runs on " + target.name);
    FuzzVerdict verdict = compare((*program)->net(), *reference, seed, target.name);
    if (verdict.kind == FuzzVerdict::Kind::Differs)
      return verdict;
    if (verdict.kind == FuzzVerdict::Kind::Skipped)
      result = verdict;
  }
  for (auto [target, module] : compiler.shown())
    if (!target.isGpu()) { // 8-bit layers run on CPUs only
      options.target = target.name;
      FuzzVerdict verdict = checkNetInIntegers(options, seed);
      if (verdict.kind == FuzzVerdict::Kind::Differs)
        return verdict;
      result.integers = verdict.integers;
      break;
    }
  return result;
}

} // namespace weir
