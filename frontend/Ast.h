// The syntax tree: plain structs with source ranges, as the parser builds them.
//
// Names are slices of the source text, which lives in Diagnostics::sources. Nothing is resolved
// here: which function a call means is decided when it is evaluated. Parser comes before; Formatter
// does not need the tree, Evaluator walks it.
#pragma once

#include "frontend/Source.h"

#include "llvm/ADT/StringMap.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace weir::ast {

struct File;
struct Expression;
struct Statement;
using ExpressionPtr = std::unique_ptr<Expression>;
using StatementPtr = std::unique_ptr<Statement>;
using Block = std::vector<StatementPtr>;

struct Identifier {
  llvm::StringRef text;
  SourceRange range;
};

// ---- Expressions ----

struct NoneLiteral {};
struct BooleanLiteral {
  bool value;
};
struct IntegerLiteral {
  int64_t value;
};
struct FloatLiteral {
  double value;
};
struct StringLiteral {
  std::string value; // escapes already translated
};
struct ListLiteral {
  std::vector<ExpressionPtr> elements;
};
/// `classes`
struct NameReference {
  llvm::StringRef name;
};
/// `widths[0]`
struct IndexAccess {
  ExpressionPtr list, index;
};
/// `x.channels`
struct PropertyAccess {
  ExpressionPtr object;
  Identifier property;
};

enum class UnaryOperator { Negate, Not };
struct UnaryOperation {
  UnaryOperator op;
  ExpressionPtr operand;
};

enum class BinaryOperator {
  Or,
  And,
  Equal,
  NotEqual,
  Less,
  LessEqual,
  Greater,
  GreaterEqual,
  Add,
  Subtract,
  Multiply,
  Divide,
  FloorDivide,
  Remainder,
};
struct BinaryOperation {
  BinaryOperator op;
  SourceRange opRange;
  ExpressionPtr left, right;
};

/// `80` or `units: 80`
struct Argument {
  std::optional<Identifier> name;
  ExpressionPtr value;
};
/// `dense(x, 80)`. The pipe `x -> dense(80)` is the same call, its first argument written in front.
struct Call {
  Identifier callee;
  std::vector<Argument> arguments;
  bool piped;
};

struct Expression {
  SourceRange range;
  unsigned height; // 1 for a leaf; limited to maximumNesting so that recursive walks are safe
  std::variant<NoneLiteral, BooleanLiteral, IntegerLiteral, FloatLiteral, StringLiteral,
               ListLiteral, NameReference, IndexAccess, PropertyAccess, UnaryOperation,
               BinaryOperation, Call>
      node;
};

/// How deep expressions may be nested, and blocks.
inline constexpr unsigned maximumNesting = 256;

/// The operator as it is written, "+" or "and".
llvm::StringRef spelling(UnaryOperator op);
llvm::StringRef spelling(BinaryOperator op);

// ---- Statements ----

/// `x = dense(x, 10)`
struct Assignment {
  Identifier target;
  ExpressionPtr value;
};
/// `return x`; the value may be missing.
struct Return {
  ExpressionPtr value;
};
/// `if a { } else if b { } else { }`
struct If {
  struct Branch {
    ExpressionPtr condition; // null for the last `else`
    Block body;
  };
  std::vector<Branch> branches;
};
/// `for v in list { }`, or `for a, b in list { }` where the elements are lists of two.
struct For {
  std::vector<Identifier> variables;
  ExpressionPtr list;
  Block body;
};
struct ExpressionStatement {
  ExpressionPtr value;
};

struct Statement {
  SourceRange range;
  std::variant<Assignment, Return, If, For, ExpressionStatement> node;
};

// ---- Declarations ----

/// `import "mlp.weir"`
struct Import {
  std::string path; // as written
  SourceRange range;
  const File *file = nullptr; // set by Program
};

/// `let classes = 10`
struct Let {
  Identifier name;
  ExpressionPtr value;
};

struct Parameter {
  Identifier name;
  ExpressionPtr defaultValue; // null if the argument is required
};

/// `fn mlp(x, widths, drop: 0.2) { … }`
struct Function {
  Identifier name;
  std::vector<Parameter> parameters;
  Block body;
  const File *file; // whose names the body sees
};

/// `net mlp(image: [28, 28, 1]) { … }`
struct Net {
  Identifier name;
  Identifier input;
  ExpressionPtr inputShape;
  Block body;
};

/// `batch: 32`
struct Setting {
  Identifier name;
  ExpressionPtr value;
};
/// `train { … }`, `sweep { … }` and `quantize { … }`.
struct Settings {
  SourceRange keyword;
  std::vector<Setting> settings;

  const Setting *find(llvm::StringRef name) const;
};

/// One source file.
struct File {
  const SourceFile *source = nullptr;
  std::vector<Import> imports;
  std::vector<std::unique_ptr<Let>> lets;
  std::vector<std::unique_ptr<Function>> functions;
  std::unique_ptr<Net> net;
  std::unique_ptr<Settings> train, sweep, quantize;
  /// True where parts of the text are missing from this tree.
  bool hasSyntaxErrors = false;

  /// What a name at top level stands for, own and imported declarations together. Filled by
  /// Program.
  using Declaration = std::variant<const Let *, const Function *>;
  llvm::StringMap<Declaration> names;
};

} // namespace weir::ast

namespace llvm {
class raw_ostream;
}

namespace weir {
/// Prints the tree, one node a line, indented by two spaces for each level (`--emit=ast`).
void dumpAst(const ast::File &file, llvm::raw_ostream &os);
} // namespace weir
