// Evaluator: runs the program at compile time and hands its layers to a LayerBuilder.
//
// Functions are inlined, loops unrolled, conditions decided; what is left is a list of layer calls.
// The evaluator knows no MLIR: Lowering implements LayerBuilder and makes ops of the calls, once
// for each entry point. A call means, in this order: a local variable that holds a function, a
// function of the program, a builtin, an op of category Layer.
//
// Evaluation always ends: the depth of calls and of expressions, the number of steps and the size
// of lists are bounded.
#pragma once

#include "frontend/Arguments.h"
#include "frontend/Diagnostics.h"
#include "frontend/Program.h"
#include "frontend/Value.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"

namespace weir {

/// One layer call, checked against its signature.
struct LayerCall {
  const Signature &signature;
  const BoundArguments &arguments; // one per argument of the signature
  std::string path;                // `mlp_1.dense_2`
  SourceRange where;               // the op's name in the source
};

/// Turns layer calls into something. Tensors are numbered by the builder.
class LayerBuilder {
public:
  virtual ~LayerBuilder() = default;
  /// The result's number and shape (without the batch), or nothing and a message in `error`.
  virtual std::optional<Tensor> build(const LayerCall &call, std::string &error) = 0;
};

/// A builtin such as `len`: gets checked positional arguments, returns invalid after it set
/// `error`.
struct Builtin {
  llvm::StringRef name;
  unsigned minimum, maximum; // number of arguments
  Value (*evaluate)(llvm::ArrayRef<Value> arguments, std::string &error);
  bool isFatal = false; // its error ends the evaluation: what would follow makes no sense
};
llvm::ArrayRef<Builtin> builtins();
const Builtin *findBuiltin(llvm::StringRef name);

/// How `split(x, parts, axis: -1)` is called. It is no op: it calls `slice` for each part.
const Signature &splitSignature();

/// Arithmetic and comparison on values known while compiling. Invalid after it set `error`. `and`
/// and `or` are not here, as they need not evaluate their right side.
Value applyUnary(ast::UnaryOperator op, const Value &operand, std::string &error);
Value applyBinary(ast::BinaryOperator op, const Value &left, const Value &right,
                  std::string &error);

/// Longest list or string that evaluation may make.
inline constexpr size_t maximumElements = 1 << 20;

class Evaluator {
public:
  Evaluator(const Program &program, Diagnostics &diagnostics)
      : program(program), diagnostics(diagnostics) {}

  /// Replaces the value of a `let` (from `--set`).
  void overrideLet(const ast::Let &let, const ast::Expression &value) { overrides[&let] = &value; }

  /// Evaluates every `let` of the main file, so that errors in unused ones are found as well.
  void evaluateLets();
  /// An expression at top level of the main file: a setting, a value of `--set`, the input's shape.
  Value evaluateConstant(const ast::Expression &expression);
  /// Runs the net on `input`. The result is what it returns; invalid after an error.
  Value runNet(LayerBuilder &builder, const Tensor &input);

  /// All names that a call may use in the main file, for suggestions.
  std::vector<llvm::StringRef> callableNames(const ast::File &file) const;

private:
  /// One function call in progress, or the top level of a file.
  struct Frame {
    const ast::File *file;
    std::string path = {}; // prefix of the layers in it, "mlp_1."
    // Who called, for notes.
    const Frame *caller = nullptr;
    SourceRange calledAt = {};
    llvm::StringRef name = {};
    unsigned depth = 0;

    llvm::StringMap<Value> locals = {};
    llvm::StringMap<unsigned> instances = {}; // how many of each function and op were called in it
    Value result = None{};
  };
  enum class Flow { Next, Return, Stop };

  Value runFunction(Frame &frame, const ast::Block &body);
  Flow run(Frame &frame, const ast::Block &block);
  Flow run(Frame &frame, const ast::Assignment &node);
  Flow run(Frame &frame, const ast::Return &node);
  Flow run(Frame &frame, const ast::If &node);
  Flow run(Frame &frame, const ast::For &node);
  Flow run(Frame &frame, const ast::ExpressionStatement &node);
  bool bindLoopVariables(Frame &frame, const ast::For &node, const Value &element);

  Value evaluate(Frame &frame, const ast::Expression &expression);
  Value evaluate(Frame &frame, const ast::ListLiteral &node, SourceRange range);
  Value evaluate(Frame &frame, const ast::NameReference &node, SourceRange range);
  Value evaluate(Frame &frame, const ast::IndexAccess &node, SourceRange range);
  Value evaluate(Frame &frame, const ast::PropertyAccess &node, SourceRange range);
  Value evaluate(Frame &frame, const ast::UnaryOperation &node, SourceRange range);
  Value evaluate(Frame &frame, const ast::BinaryOperation &node, SourceRange range);
  Value evaluate(Frame &frame, const ast::Call &node, SourceRange range);
  Value evaluateLogical(Frame &frame, const ast::BinaryOperation &node);

  std::optional<Value> lookUp(const Frame &frame, llvm::StringRef name);
  Value valueOf(const ast::Let &let, const Frame &from);
  std::optional<bool> condition(Frame &frame, const ast::Expression &expression,
                                const llvm::Twine &what);
  std::optional<Callable> resolveCall(Frame &frame, const ast::Identifier &callee);
  Value call(Frame &frame, const ast::Function &function, const ast::Identifier &callee,
             llvm::ArrayRef<GivenArgument> given);
  Value call(Frame &frame, const Builtin &builtin, const ast::Identifier &callee,
             llvm::ArrayRef<GivenArgument> given);
  Value call(Frame &frame, const Signature &signature, SourceRange where,
             llvm::ArrayRef<GivenArgument> given);
  Value split(Frame &frame, SourceRange where, llvm::ArrayRef<GivenArgument> given);

  /// An error with notes on the calls that lead to it.
  Diagnostic &error(const Frame &frame, SourceRange where, const llvm::Twine &message);
  /// Counts a step; false, after an error, when there were too many.
  bool countSteps(const Frame &frame, SourceRange where, size_t steps);

  const Program &program;
  Diagnostics &diagnostics;
  LayerBuilder *builder = nullptr;
  llvm::DenseMap<const ast::Let *, const ast::Expression *> overrides;
  llvm::DenseMap<const ast::Let *, std::optional<Value>> lets; // no value: being evaluated
  size_t steps = 0;
  unsigned depth = 0;   // of evaluate() and run() calls in progress
  bool stopped = false; // a limit was reached: everything is invalid from here
};

} // namespace weir
