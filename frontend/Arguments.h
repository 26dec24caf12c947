// Matches the arguments of a call with the signature of an op or a recipe call.
//
// Which arguments there are, their kinds and defaults come from ODS through ir/Signatures.h. Used
// by Evaluator for layers and by Recipe for `optimizer: nadam(…)` and the like.
#pragma once

#include "frontend/Diagnostics.h"
#include "frontend/Value.h"

#include "llvm/ADT/STLFunctionalExtras.h"

namespace weir {

/// One argument of a call, evaluated.
struct GivenArgument {
  std::optional<ast::Identifier> name;
  Value value;
  SourceRange range;
};

/// One entry per argument of the signature; nothing where the user gave nothing.
struct BoundArgument {
  std::optional<Value> value;
  SourceRange range;
};
using BoundArguments = std::vector<BoundArgument>;

/// Adds an error; the evaluator's adds the calls that led to it.
using Reporter = llvm::function_ref<Diagnostic &(SourceRange where, const llvm::Twine &message)>;

/// True for arguments that a call may give: the tensors of a layer, numbers and names. The compiler
/// fills in weights, labels, counters, states, and the tensors of a loss.
bool isGivenByUser(const Signature &signature, const Argument &argument);

/// Positional arguments fill tensors first, then attributes in ODS order; named ones go by name.
/// Where an op takes a list of tensors, these may also stand one by one: `concat(a, b)`.
/// Checks kinds and that nothing required is missing. Nothing after an error. `callee` is where the
/// op's name stands.
std::optional<BoundArguments> bindArguments(const Signature &signature, SourceRange callee,
                                            llvm::ArrayRef<GivenArgument> given, Reporter report);

/// Converts to what the argument's kind asks for (an integer to a float, an integer to a list of
/// one, `"same"` to what the dialect writes for it). Invalid, after an error at `where`, if that
/// cannot be.
Value convertArgument(const Signature &signature, const Argument &argument, const Value &value,
                      SourceRange where, Reporter report);

/// The default of `argument` as a value; none if there is no default.
Value defaultValue(const Argument &argument);

/// `dense(x, units, use_bias: true, init: "auto")`; the name alone where there are no arguments.
std::string callText(const Signature &signature);

} // namespace weir
