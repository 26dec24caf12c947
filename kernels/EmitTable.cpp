//===- EmitTable.cpp - which op has which emitter; the Emitter's own functions ---------------===//

#include "kernels/Emit.h"
#include "kernels/Kernels.h"

#include <stdexcept>

using namespace Halide;
using llvm::ArrayRef;

namespace weir {
namespace kernels {

ArrayRef<OpEmitter> opEmitters() {
  static const OpEmitter table[] = {
      {"weir.adadelta", emitAdadelta},
      {"weir.adagrad", emitAdagrad},
      {"weir.adam", emitAdam},
      {"weir.adamw", emitAdamw},
      {"weir.add", emitBinary},
      {"weir.avg_pool2d", emitAvgPool2d},
      {"weir.avg_pool2d_grad", emitAvgPool2dGrad},
      {"weir.batch_norm", emitBatchNorm},
      {"weir.batch_norm_input_grad", emitBatchNormInputGrad},
      {"weir.batch_norm_sums", emitBatchNormSums},
      {"weir.batch_stats", emitBatchStats},
      {"weir.bias_add", emitBiasAdd},
      {"weir.broadcast_to", emitBroadcastTo},
      {"weir.clamp", emitUnary},
      {"weir.clip_factor", emitUnary},
      {"weir.concat", emitConcat},
      {"weir.conv2d", emitConv2d},
      {"weir.cross_entropy", emitCrossEntropy},
      {"weir.cross_entropy_grad", emitCrossEntropyGrad},
      {"weir.dense", emitDense},
      {"weir.dense_input_grad", emitDenseInputGrad},
      {"weir.dense_weight_grad", emitDenseWeightGrad},
      {"weir.depthwise_conv2d", emitDepthwiseConv2d},
      {"weir.depthwise_input_grad", emitDepthwiseInputGrad},
      {"weir.depthwise_weight_grad", emitDepthwiseWeightGrad},
      {"weir.dequantize", emitDequantize},
      {"weir.div", emitBinary},
      {"weir.dropout", emitDropout},
      {"weir.elu", emitUnary},
      {"weir.elu_grad", emitUnaryGrad},
      {"weir.fake_quantize", emitFakeQuantize},
      {"weir.fake_quantize_grad", emitFakeQuantizeGrad},
      {"weir.fill", emitFill},
      {"weir.flatten", emitReshaped},
      {"weir.flip_weight", emitFlipWeight},
      {"weir.fold_patches", emitFoldPatches},
      {"weir.gelu", emitUnary},
      {"weir.gelu_grad", emitUnaryGrad},
      {"weir.global_avg_pool2d", emitGlobalAvgPool2d},
      {"weir.hard_swish", emitUnary},
      {"weir.hard_swish_grad", emitUnaryGrad},
      {"weir.leaky_relu", emitUnary},
      {"weir.leaky_relu_grad", emitUnaryGrad},
      {"weir.log_softmax", emitLogSoftmax},
      {"weir.log_softmax_grad", emitLogSoftmaxGrad},
      {"weir.max_pool2d", emitMaxPool2d},
      {"weir.max_pool2d_grad", emitMaxPool2dGrad},
      {"weir.mul", emitBinary},
      {"weir.nadam", emitNadam},
      {"weir.packed_dense", emitPackedDense},
      {"weir.pad", emitPad},
      {"weir.patches", emitPatches},
      {"weir.quantize", emitQuantize},
      {"weir.reduce_mean", emitReduce},
      {"weir.reduce_sum", emitReduce},
      {"weir.relu", emitUnary},
      {"weir.relu6", emitUnary},
      {"weir.relu6_grad", emitUnaryGrad},
      {"weir.relu_grad", emitUnaryGrad},
      {"weir.requantize", emitRequantize},
      {"weir.reshape", emitReshaped},
      {"weir.rmsprop", emitRmsprop},
      {"weir.running_average", emitRunningAverage},
      {"weir.scale", emitUnary},
      {"weir.scale_by", emitScaleBy},
      {"weir.sgd", emitSgd},
      {"weir.sigmoid", emitUnary},
      {"weir.sigmoid_grad", emitUnaryGrad},
      {"weir.slice", emitSlice},
      {"weir.slice_grad", emitSliceGrad},
      {"weir.softmax", emitSoftmax},
      {"weir.softmax_grad", emitSoftmaxGrad},
      {"weir.sub", emitBinary},
      {"weir.sum_of_squares", emitSumOfSquares},
      {"weir.sum_to", emitSumTo},
      {"weir.swish", emitUnary},
      {"weir.swish_grad", emitUnaryGrad},
      {"weir.tanh", emitUnary},
      {"weir.tanh_grad", emitUnaryGrad},
      {"weir.transpose", emitTranspose},
      {"weir.value_range", emitValueRange},
      {"weir.view", emitReshaped},
  };
  return table;
}

EmissionStyle styleOf(const KernelTarget &target) {
  if (target.isGpu())
    return {1,
            /*helpersAhead=*/false,
            /*bordersInMemory=*/false,
            /*lanes=*/false,
            /*operandTiles=*/true,
            /*sumsWhereStored=*/false};
  EmissionStyle style;
  style.vectorWidth = target.vectorWidth;
  return style;
}

int64_t Reduction::terms() const {
  int64_t terms = 1;
  for (int dimension = 0; dimension < domain.dimensions(); ++dimension)
    if (const auto extent = Internal::as_const_int(domain[dimension].extent()))
      terms *= *extent;
  return terms;
}

Type halideType(mlir::Type type) {
  const Storage storage = storageOf(type);
  const int bits = static_cast<int>(storage.bits);
  return storage.kind == Storage::Kind::Float      ? Float(bits)
         : storage.kind == Storage::Kind::Unsigned ? UInt(bits)
                                                   : Int(bits);
}

llvm::SmallVector<int> extentsOf(mlir::Value value) {
  llvm::SmallVector<int> extents;
  for (int64_t extent :
       llvm::reverse(llvm::cast<mlir::RankedTensorType>(value.getType()).getShape()))
    extents.push_back(static_cast<int>(extent));
  return extents;
}

llvm::SmallVector<int> stridesOf(llvm::ArrayRef<int> extents, int64_t pitch) {
  llvm::SmallVector<int> strides;
  int stride = 1;
  for (auto [dimension, extent] : llvm::enumerate(extents)) {
    strides.push_back(stride);
    stride = dimension == 0 && pitch != 0 ? static_cast<int>(pitch) : stride * extent;
  }
  return strides;
}

Var indexVar(size_t dimension) { return Var("i" + std::to_string(dimension)); }

std::vector<Var> indexVars(size_t rank) {
  std::vector<Var> vars;
  for (size_t dimension = 0; dimension < rank; ++dimension)
    vars.push_back(indexVar(dimension));
  return vars;
}

ImageParam Emitter::addInput(mlir::Value value, const std::string &name, int64_t pitch) {
  const llvm::SmallVector<int> extents = extentsOf(value), strides = stridesOf(extents, pitch);
  ImageParam input(halideType(value.getType()), static_cast<int>(extents.size()), name);
  for (int dimension = 0; dimension < static_cast<int>(extents.size()); ++dimension)
    input.dim(dimension).set_bounds(0, extents[dimension]).set_stride(strides[dimension]);
  inputs.try_emplace(value, input);
  return input;
}

Expr Emitter::at(mlir::Value value, Exprs index) const {
  const std::vector<Expr> arguments(index.begin(), index.end());
  if (auto input = inputs.find(value); input != inputs.end())
    return guarded(input->second(arguments), value, arguments);
  return funcs.at(value)(arguments);
}

// Halide's own predicates (TailStrategy) hold for what the next stage asks for, which may have been
// rounded up to whole vectors; this one holds for the memory itself. Two operands: undefined (zero,
// in fact) where false.
Expr Emitter::guarded(const Expr &load, mlir::Value value, const std::vector<Expr> &index) const {
  if (index.empty() || extentsOf(value)[0] % columnsOfTile == 0)
    return load;
  const auto *variable = index[0].as<Internal::Variable>();
  if (!variable || variable->name != indexVar(0).name())
    return load;
  return Internal::Call::make(load.type(), Internal::Call::if_then_else,
                              {index[0] < extentsOf(value)[0], load},
                              Internal::Call::PureIntrinsic);
}

void Emitter::define(mlir::Value value, llvm::function_ref<Expr(Exprs)> expression) {
  const std::vector<Var> vars = indexVars(extentsOf(value).size());
  Func func;
  func(vars) = expression(std::vector<Expr>(vars.begin(), vars.end()));
  funcs.insert_or_assign(value, func);
}

Schedule Emitter::scheduleOf(const LoopFacts &facts) {
  if (matrix) // a second product of a group keeps the model's schedule
    return facts.chosen;
  matrix = facts;
  if (given)
    if (llvm::Error error = checkSchedule(*given, facts, target))
      throw std::runtime_error(llvm::toString(std::move(error)));
  const Schedule schedule = given ? *given : facts.chosen;
  if (facts.isMatrix())
    columnsOfTile = schedule.tileVectors * schedule.vectorWidth;
  return schedule;
}

Expr Emitter::scalar(mlir::Value value) {
  if (!value.getDefiningOp<FillOp>())
    keepInMemory(value);
  return at(value, {});
}

void Emitter::keepInMemory(mlir::Value value) {
  if (inputs.contains(value) || storedValues.contains(value))
    return;
  const std::vector<Var> vars = indexVars(extentsOf(value).size());
  Func copy;
  copy(vars) = funcs.at(value)(std::vector<Expr>(vars.begin(), vars.end()));
  storedValues[value] = stored.size();
  store(copy, extentsOf(value));
  funcs.insert_or_assign(value, copy);
}

void emitOp(mlir::Operation *op, Emitter &emitter) {
  const llvm::StringRef name = op->getName().getStringRef();
  const OpEmitter *row =
      llvm::find_if(opEmitters(), [&](const OpEmitter &r) { return r.name == name; });
  if (row == opEmitters().end())
    throw std::runtime_error("'" + name.str() + "' has no kernel");
  row->emit(op, emitter);
}

} // namespace kernels

bool hasKernel(llvm::StringRef opName, DeviceKind device) {
  // What stands between 8 bits and real numbers, and their products; convolutions in strips.
  constexpr llvm::StringRef ofCpus[] = {"weir.conv2d", "weir.dequantize", "weir.packed_dense",
                                        "weir.quantize", "weir.requantize"};
  if (device != DeviceKind::Cpu && llvm::is_contained(ofCpus, opName))
    return false;
  return llvm::any_of(kernels::opEmitters(),
                      [&](const kernels::OpEmitter &row) { return row.name == opName; });
}

} // namespace weir
