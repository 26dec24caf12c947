//===- EvaluatePass.h - weir-opt --evaluate: literal values through the reference semantics ---===//

#pragma once

namespace weir {

/// Registers `--evaluate`, which runs every function of a module (each with variables of its own)
/// through the reference semantics and prints to standard output:
///   <function>: <values>               for each result, in row-major order, as %.6g
///   <function> @<variable>: <values>   for each variable that the function assigns, in program
///   order
/// Arguments come from the argument attribute `weir.value` (dense elements), variables start with
/// the attribute `weir.value` of their `weir.variable`, or at zero.
void registerEvaluatePass();

} // namespace weir
