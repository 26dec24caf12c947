//===- Dialect.h - the weir dialect in C++ ---------------------------------------------------===//
//
// Ops, interfaces and the few types they share. The .td files are the definition; each op's
// `evaluate`, `buildGradient` and shape rule stand in ir/semantics/<Family>.cpp.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "ir/Quantization.h"
#include "ir/Reference.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace weir {

/// A weight that a layer asks for.
struct ParameterSpec {
  std::string name; ///< last part of its path: "weight", "bias"
  mlir::RankedTensorType type;
  std::string kind;              ///< "parameter" or "statistic"
  std::string init;              ///< an initialiser; "auto": chosen by what follows the layer
  int64_t fanIn = 0, fanOut = 0; ///< 0 where the initialiser does not ask
};

/// See the traits of the same names in Base.td.
template <typename Op> struct Pointwise : mlir::OpTrait::TraitBase<Op, Pointwise> {};
template <typename Op> struct TakesEpilogue : mlir::OpTrait::TraitBase<Op, TakesEpilogue> {};
template <typename Op> struct TakesQuantized : mlir::OpTrait::TraitBase<Op, TakesQuantized> {};
template <typename Op> struct TakesUpdate : mlir::OpTrait::TraitBase<Op, TakesUpdate> {};
template <typename Op> struct Rectifier : mlir::OpTrait::TraitBase<Op, Rectifier> {};

} // namespace weir

#include "ir/Interfaces.h.inc"

#include "ir/WeirDialect.h.inc"

#define GET_ATTRDEF_CLASSES
#include "ir/WeirAttributes.h.inc"

#define GET_OP_CLASSES
#include "ir/WeirOps.h.inc"
