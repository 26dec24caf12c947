//===- BuildPipeline.cpp - see BuildPipeline.h -----------------------------------------------===//
//
// Emits the region's ops, makes its results output Funcs (neighbours of one shape share one loop
// nest as a tuple), finds for each reduction the one nest that can hold it, and applies the
// templates.
//
//===-----------------------------------------------------------------------------------------===//

#include "kernels/BuildPipeline.h"
#include "kernels/CopyPipeline.h"
#include "kernels/Flatten.h"
#include "kernels/Lines.h"
#include "kernels/MatrixLoops.h"
#include "kernels/ScheduleGpu.h"
#include "kernels/ScheduleNest.h"
#include "kernels/Strips.h"
#include "kernels/TileProducts.h"

#include "llvm/ADT/SetVector.h"

#include <stdexcept>

using namespace Halide;
using mlir::Value;

namespace weir::kernels {
namespace {

void emitBody(mlir::Block &body, Emitter &emitter) {
  emitter.strips = findStrips(body);
  for (mlir::Operation &op : body.without_terminator())
    emitOp(&op, emitter);
}

/// The row-major layout that callers give, so that no kernel looks a stride up; `pitches` are those
/// of the results. Halide holds all parts of a tuple to the bounds of the first.
void fixLayout(const Func &func, llvm::ArrayRef<int> extents, llvm::ArrayRef<int64_t> pitches) {
  for (auto [i, buffer] : llvm::enumerate(func.output_buffers())) {
    const llvm::SmallVector<int> strides = stridesOf(extents, pitches[i]);
    for (int dimension = 0; dimension < static_cast<int>(extents.size()); ++dimension) {
      if (i == 0)
        buffer.dim(dimension).set_bounds(0, extents[dimension]);
      buffer.dim(dimension).set_stride(strides[dimension]);
    }
  }
}

/// A result's value at an index as the nest stores it: with the sums that are taken there.
Expr storedValue(const Emitter &emitter, Value result, Expr value, Exprs index) {
  for (const SummedResult &summed : emitter.summed)
    if (summed.value == result)
      value = addingTo(summed.sums, value, index[0], summed.terms(value, index));
  return value;
}

/// The nest of a run of results, whose Func gets this name.
Nest outputNest(const Emitter &emitter, llvm::ArrayRef<Value> results, const std::string &name) {
  Nest nest;
  nest.func = Func(name);
  nest.output = true;
  nest.extents = extentsOf(results[0]);
  nest.summed = llvm::any_of(emitter.summed, [&](const SummedResult &summed) {
    return llvm::is_contained(results, summed.value);
  });
  const std::vector<Var> vars = indexVars(nest.extents.size());
  const std::vector<Expr> index(vars.begin(), vars.end());
  std::vector<Expr> values;
  for (Value result : results)
    values.push_back(emitter.at(result, index));
  if (values.size() == 1) {
    nest.func(vars) = storedValue(emitter, results[0], values[0], index);
    return nest;
  }
  if (vars.empty()) { // scalars need no second loop
    nest.func(vars) = Tuple(values);
    return nest;
  }
  nest.staged(vars) = Tuple(values);
  std::vector<Expr> parts;
  for (auto [i, result] : llvm::enumerate(results))
    parts.push_back(storedValue(emitter, result, nest.staged(vars)[static_cast<int>(i)], index));
  nest.func(vars) = Tuple(parts);
  return nest;
}

/// A nest of results of one shape.
struct OutputRun {
  llvm::SmallVector<Value> values;
  Nest nest;
};

std::vector<OutputRun> outputRuns(KernelOp kernel, mlir::Block &block, const Emitter &emitter,
                                  const std::string &symbol) {
  std::vector<OutputRun> runs;
  llvm::SmallVector<int64_t> pitches;
  for (unsigned i = 0; i < kernel.getNumResults(); ++i)
    pitches.push_back(kernel.outputPitch(i));
  const llvm::SmallVector<Value> results(block.getTerminator()->getOperands());
  for (size_t begin = 0, end; begin < results.size(); begin = end) {
    for (end = begin + 1;
         end < results.size() && extentsOf(results[end]) == extentsOf(results[begin]);)
      ++end;
    OutputRun &run = runs.emplace_back();
    run.values.assign(results.begin() + begin, results.begin() + end);
    run.nest = outputNest(emitter, run.values, symbol + "_out" + std::to_string(begin));
    fixLayout(run.nest.func, run.nest.extents, llvm::ArrayRef(pitches).drop_front(begin));
  }
  return runs;
}

/// The reductions that a nest reads in its own loops, at the nest's own index.
class ReductionsBehind {
public:
  explicit ReductionsBehind(const Emitter &emitter) : emitter(emitter) {}

  /// A reduction's value -> whether it is read at the same index.
  llvm::DenseMap<Value, bool> found;
  /// All ops of which tensors are computed in the nest.
  llvm::SetVector<mlir::Operation *> ops;

  void collect(Value value, bool sameIndex = true) {
    const bool isReduction =
        llvm::any_of(emitter.reductions, [&](const Reduction &r) { return r.value == value; });
    if (isReduction) {
      auto [entry, isNew] = found.try_emplace(value, sameIndex);
      entry->second &= sameIndex;
      return;
    }
    mlir::Operation *op = value.getDefiningOp();
    if (!op || !seen.insert({value, sameIndex}).second)
      return;
    if (llvm::any_of(emitter.summed, [&](const SummedResult &s) { return s.op == op; }))
      return; // done by the nest of what it sums
    if (llvm::isa<FlattenOp, ReshapeOp, ViewOp>(op))
      sameIndex = false;
    // A scalar result beside tensors is the optimizer's scalar state: made of scalars.
    const bool scalar = extentsOf(value).empty();
    if (!scalar)
      ops.insert(op);
    for (Value operand : op->getOperands())
      if (!emitter.storedValues.contains(operand) && (!scalar || extentsOf(operand).empty()))
        collect(operand, sameIndex);
  }

private:
  const Emitter &emitter;
  llvm::DenseSet<std::pair<Value, unsigned>> seen;
};

/// The loops that a group's time goes into, which a given schedule is for: a matrix product, else
/// sums in lanes, else the nest that reads most.
struct MainLoops {
  LoopFacts facts;
  const void *place = nullptr; ///< the Nest or LaneSum
  const Schedule *given = nullptr;

  Schedule scheduleOf(const void *which, const LoopFacts &own) const {
    return which == place && given ? *given : own.chosen;
  }
};

void checkGiven(const MainLoops &main, const Emitter &emitter) {
  if (emitter.given)
    if (llvm::Error error = checkSchedule(*emitter.given, main.facts, emitter.target))
      throw std::runtime_error(llvm::toString(std::move(error)));
}

MainLoops findMainLoops(const Emitter &emitter, llvm::ArrayRef<Nest> nests) {
  MainLoops main;
  if (emitter.matrix) { // scheduled where it was emitted
    main.facts = *emitter.matrix;
    return main;
  }
  if (emitter.strips) {
    main.facts = factsOf(nests.front(), *emitter.strips, emitter.target);
    checkGiven(main, emitter);
    return main;
  }
  const auto consider = [&](const void *place, const LoopFacts &facts) {
    if (facts.kind != LoopFacts::Template::None &&
        (!main.place || facts.work() > main.facts.work())) {
      main.place = place;
      main.facts = facts;
    }
  };
  for (const LaneSum &sum : emitter.laneSums)
    consider(&sum, factsOf(sum, emitter.target));
  if (!main.place)
    for (const Nest &nest : nests)
      consider(&nest, factsOf(nest, emitter.target));
  main.given = emitter.given;
  checkGiven(main, emitter);
  return main;
}

/// Inputs of the nest's shape that pointwise ops alone read.
std::vector<ImageParam> operandsBeside(mlir::Block &block, llvm::ArrayRef<ImageParam> inputs,
                                       const Nest &nest) {
  std::vector<ImageParam> operands;
  for (auto [value, input] : llvm::zip_equal(block.getArguments(), inputs))
    if (extentsOf(value) == nest.extents && llvm::all_of(value.getUsers(), [](auto *user) {
          return user->template hasTrait<Pointwise>();
        }))
      operands.push_back(input);
  return operands;
}

/// A nest that does not go down images has those with a border ahead of it: a sum of products over
/// all positions goes through them a vector of columns at a time, which from far away is slow (the
/// weight's gradient of 8x112x112x96 takes 3.4 ms so, 5.4 with rows made on the way).
void scheduleOnCpu(Nest nest, const Schedule &schedule, const KernelTarget &target) {
  if (!goesDownImages(nest, schedule)) {
    for (const Helper &helper : nest.ofRows)
      scheduleHelper(helper, target);
    nest.ofRows.clear();
  }
  scheduleNest(nest, schedule);
}

/// The target with vectors of bytes where a kernel's values all are: as long as its rows fill, and
/// no longer than one of f32.
KernelTarget withOwnVectors(mlir::Block &block, const KernelTarget &target) {
  const auto isByte = [](mlir::Type type) { return storageOf(type).bits == 8; };
  const mlir::ValueRange results = block.getTerminator()->getOperands();
  KernelTarget own = target;
  if (!llvm::all_of(block.getArgumentTypes(), isByte) ||
      !llvm::all_of(results.getTypes(), isByte) || extentsOf(results[0]).empty())
    return own;
  while (own.vectorWidth < 4 * target.vectorWidth && own.vectorWidth < extentsOf(results[0])[0])
    own.vectorWidth *= 2;
  return own;
}

} // namespace

BuiltPipeline buildPipeline(KernelOp kernel, const std::string &symbol,
                            const KernelTarget &programTarget, const Schedule *given) {
  const auto isOfIntegers = [](mlir::TypeRange types) { return llvm::any_of(types, isQuantized); };
  if (programTarget.isGpu() &&
      (isOfIntegers(kernel.getInputs().getTypes()) || isOfIntegers(kernel.getResultTypes())))
    throw std::runtime_error("layers of 8 bits have kernels for CPUs only");
  if (!programTarget.isGpu())
    if (std::optional<BuiltPipeline> copy = buildCopy(kernel, symbol, programTarget, given))
      return *copy;
  std::unique_ptr<mlir::Block> reshaped = flatBody(kernel, programTarget);
  if (!reshaped)
    reshaped = linesBody(kernel, programTarget, given);
  mlir::Block &block = reshaped ? *reshaped : kernel.getBody().front();
  const KernelTarget target = withOwnVectors(block, programTarget);
  Emitter emitter(target, given);
  BuiltPipeline built;
  std::vector<ImageParam> inputs;
  for (auto [i, argument] : llvm::enumerate(block.getArguments()))
    inputs.push_back(emitter.addInput(argument, "in" + std::to_string(i), kernel.inputPitch(i)));
  built.arguments.assign(inputs.begin(), inputs.end());
  emitBody(block, emitter);

  // All nests, with the values that each computes: outputs first, then what is kept in memory.
  std::vector<Nest> nests;
  std::vector<llvm::SmallVector<Value>> valuesOf;
  std::vector<Func> outputs;
  for (OutputRun &run : outputRuns(kernel, block, emitter, symbol)) {
    valuesOf.push_back(std::move(run.values));
    outputs.push_back(run.nest.func);
    nests.push_back(std::move(run.nest));
  }
  llvm::DenseSet<size_t> isValue;
  for (auto [value, index] : emitter.storedValues) {
    isValue.insert(index);
    Nest nest;
    nest.func = emitter.stored[index].func;
    nest.extents = extentsOf(value);
    nests.push_back(nest);
    valuesOf.push_back({value});
  }

  // A reduction goes where it is read, if that is one place of the reduction's shape.
  llvm::DenseMap<Value, llvm::SmallVector<size_t>> readers;
  llvm::DenseMap<mlir::Operation *, llvm::SmallVector<size_t>> computedBy;
  for (size_t i = 0; i < nests.size(); ++i) {
    ReductionsBehind behind(emitter);
    for (Value value : valuesOf[i])
      if (!nests[i].output || !emitter.storedValues.contains(value))
        behind.collect(value);
    for (mlir::Operation *op : behind.ops)
      computedBy[op].push_back(i);
    for (auto [value, sameIndex] : behind.found) {
      readers[value].push_back(i);
      if (!sameIndex || extentsOf(value) != nests[i].extents || nests[i].extents.empty())
        readers[value].push_back(i); // counts as two: no nest of its own
    }
  }
  for (const Reduction &reduction : emitter.reductions) {
    const llvm::SmallVector<size_t> &places = readers[reduction.value];
    Nest *home = places.size() == 1 ? &nests[places[0]] : nullptr;
    const bool fits = home && (home->fused.empty() ||
                               (!reduction.isMatrix() && !home->fused.front()->isMatrix()));
    if (fits)
      home->fused.push_back(&reduction);
    else if (target.isGpu())
      scheduleGpuAlone(reduction);
    else
      scheduleAlone(reduction);
  }
  for (const Reduction &reduction : emitter.alone)
    scheduleAlone(reduction);
  for (auto [op, func] : emitter.ahead)
    if (const auto &places = computedBy[op];
        places.size() == 1 && extentsOf(op->getResult(0)) == nests[places[0]].extents)
      nests[places[0]].ahead.push_back(func);
  for (Nest &nest : nests) {
    if (nest.extents.size() <= emitter.dimensionsInside)
      continue; // sums of the one that has them
    nest.dimensionsInside = emitter.dimensionsInside;
    nest.phases = emitter.phases;
    nest.ofColumns = emitter.ofColumns;
    nest.ofRows = emitter.ofRows;
    if (nest.output && !nest.extents.empty())
      nest.beside = operandsBeside(block, inputs, nest);
  }
  const MainLoops main = findMainLoops(emitter, nests);
  built.loops = main.facts;
  for (const Nest &nest : nests)
    if (target.isGpu())
      scheduleGpuNest(nest);
    else if (emitter.strips && nest.output)
      scheduleStrips(nest, *emitter.strips, target.vectorWidth);
    else
      scheduleOnCpu(nest, main.scheduleOf(&nest, factsOf(nest, target)), target);
  for (auto [i, helper] : llvm::enumerate(emitter.stored))
    if (isValue.contains(i))
      continue;
    else if (target.isGpu())
      scheduleGpuHelper(helper);
    else
      scheduleHelper(helper, target);
  for (const LaneSum &sum : emitter.laneSums)
    scheduleLanes(sum, main.scheduleOf(&sum, factsOf(sum, target)));
  built.pipeline = Pipeline(outputs);
  if (target.tiles)
    lowerTileProducts(built.pipeline);
  if (emitter.strips)
    refuseEarlyTurns(built.pipeline);
  if (!emitter.summed.empty())
    lowerColumnSums(built.pipeline, target.vectorWidth);
  return built;
}

BuiltPipeline buildAlgorithm(KernelOp kernel, const std::string &symbol,
                             const KernelTarget &programTarget) {
  // The form of a matrix product that has least of our schedules in it: whole sums, no copy, no
  // tiles.
  const KernelTarget target = withoutTiles(programTarget);
  Schedule whole = choosePlainSchedule(target);
  const std::optional<LoopFacts> matrix = matrixLoopsOf(kernel, target);
  if (matrix && matrix->kind == LoopFacts::Template::Transposed &&
      matrix->extents[2] % whole.vectorWidth == 0)
    whole.laneColumns = whole.vectorWidth;
  Emitter emitter(target, matrix ? &whole : nullptr);
  emitter.style.sumsWhereStored = false; // no other schedule knows its order
  BuiltPipeline built;
  mlir::Block &block = kernel.getBody().front();
  for (auto [i, argument] : llvm::enumerate(block.getArguments())) {
    ImageParam input = emitter.addInput(argument, "in" + std::to_string(i), kernel.inputPitch(i));
    for (auto [dimension, extent] : llvm::enumerate(extentsOf(argument)))
      input.dim(static_cast<int>(dimension)).set_estimate(0, extent);
    built.arguments.push_back(input);
  }
  emitBody(block, emitter);
  std::vector<Func> outputs;
  for (OutputRun &run : outputRuns(kernel, block, emitter, symbol)) {
    for (auto [dimension, extent] : llvm::enumerate(run.nest.extents))
      run.nest.func.bound(indexVar(dimension), 0, extent)
          .set_estimate(indexVar(dimension), 0, extent);
    outputs.push_back(run.nest.func);
  }
  built.pipeline = Pipeline(outputs);
  return built;
}

} // namespace weir::kernels
