//===- Signatures.h - what the language may call, read from ODS ------------------------------===//
//
// The table of every op and recipe call: names, arguments, defaults, documentation. Generated
// from the .td files by generate_signatures.py, so that the language, `weir ops` and the docs never
// keep a second list. No MLIR headers: the parser's tests can use it too.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace weir {

/// How an argument is filled in.
enum class ArgumentKind {
  Tensor,      ///< a value of the net; positional in the language
  TensorList,  ///< a list of values of the net
  Parameter,   ///< a weight, made by LayerOpInterface::inferParameters
  Labels,      ///< the class indices of the batch
  Counter,     ///< [seed low, seed high, step], supplied by the training loop
  Runtime,     ///< a scalar supplied at every step; its default stands in the recipe
  Weight,      ///< of an optimizer: the weight
  Gradient,    ///< of an optimizer: the weight's gradient
  State,       ///< of an optimizer: state of the weight's shape; default = initial value
  ScalarState, ///< of an optimizer: one number per weight; default = initial value
  Stream,      ///< numbers the random streams of a net's layers; set by the frontend
  Training,    ///< true in the training function; set by the frontend
  Int,
  Float,
  Bool,
  String,
  IntList, ///< a single integer stands for a list of one
  Padding, ///< as IntList, or "same" or "valid"
};

/// What a signature is to the language. Internal ops cannot be called.
enum class Category {
  Internal,
  Layer,
  Loss,
  Optimizer,
  Data,
  Schedule,
  Stopping,
  Part,        ///< of the data, in `quantize`
  Calibration, ///< how ranges are chosen
  Granularity, ///< of the weights' scales
};

/// One operand or attribute, in ODS order (operands first).
struct Argument {
  llvm::StringRef name;
  ArgumentKind kind;
  llvm::StringRef defaultValue; ///< as the user would write it; empty: required
  bool optional;                ///< an optional operand
  llvm::StringRef doc;

  /// True where the argument is an attribute: written by the user as a compile-time value.
  bool isAttribute() const { return kind >= ArgumentKind::Int; }
};

/// One op or recipe call.
struct Signature {
  llvm::StringRef name; ///< the op's mnemonic
  Category category;
  llvm::ArrayRef<Argument> arguments;
  llvm::StringRef summary;
  llvm::StringRef description;

  /// The argument called `name`, or null.
  const Argument *find(llvm::StringRef name) const;
};

/// All signatures, sorted by name.
llvm::ArrayRef<Signature> signatures();

/// The signature called `name`, or null.
const Signature *findSignature(llvm::StringRef name);

} // namespace weir
