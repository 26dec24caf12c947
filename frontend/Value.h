// Values of the language while a program is evaluated.
//
// Everything but tensors is known while compiling: a loop over widths has run, and left its layers,
// when the evaluator is done. A tensor is a handle to what a LayerBuilder made, with the shape of
// one image: the batch is not part of the language. No MLIR here.
#pragma once

#include "frontend/Ast.h"
#include "frontend/Source.h"
#include "ir/Signatures.h"

#include "llvm/ADT/SmallVector.h"

#include <concepts>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace weir {

class Value;

/// What a tensor is to the language: its shape without the batch, and where it came from.
struct Tensor {
  unsigned id = 0; // the LayerBuilder's number for it
  llvm::SmallVector<int64_t, 4> shape;
  SourceRange origin;         // the call, or the net's input
  llvm::StringRef originName; // the op's name, or the input's
};

/// A value that can be called: `activation = gelu`.
struct Callable {
  llvm::StringRef name;
  std::variant<const ast::Function *, const struct Builtin *, const Signature *> target;
};

struct None {};
/// The result of something that was reported as an error. Whatever is computed from it is silently
/// invalid as well, so that one mistake gives one message.
struct Invalid {};
using List = std::shared_ptr<const std::vector<Value>>;

class Value {
public:
  using Kinds =
      std::variant<Invalid, None, bool, int64_t, double, std::string, List, Tensor, Callable>;

  Value() = default; // invalid
  template <typename Kind>
    requires std::constructible_from<Kinds, Kind>
  Value(Kind value) : kinds(std::move(value)) {}
  static Value list(std::vector<Value> elements) {
    return List(std::make_shared<const std::vector<Value>>(std::move(elements)));
  }

  /// Pointer to the value if it is of this kind, else null.
  template <typename Kind> const Kind *as() const { return std::get_if<Kind>(&kinds); }
  template <typename Kind> bool is() const { return as<Kind>() != nullptr; }
  bool isValid() const { return !is<Invalid>(); }

  /// An integer or a float as a float.
  std::optional<double> number() const;

  bool operator==(const Value &other) const;

private:
  Kinds kinds;
};

/// The value as it would be written: `[80, 60]`, `0.2`, `"mnist"`, `28x28x1` for a tensor. Long
/// values are cut.
std::string text(const Value &value);

/// The value with its kind for messages: `3`, `the string "a"`, `a tensor of 28x28x1`, `none`.
std::string describe(const Value &value);

/// `28x28x1`
std::string sizesText(llvm::ArrayRef<int64_t> shape);

} // namespace weir
