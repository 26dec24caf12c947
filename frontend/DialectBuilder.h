// DialectBuilder: layer calls of the evaluator -> `weir` ops in one entry point.
//
// One builder for each function; the variables of the net are shared among them. Evaluator comes
// before, Lowering drives.
#pragma once

#include "frontend/Evaluator.h"

#include "ir/Dialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

#include "llvm/ADT/StringMap.h"

namespace weir {

/// Collects the errors that MLIR emits on this thread's context while it lives, as one text.
class ErrorCapture {
public:
  explicit ErrorCapture(mlir::MLIRContext *context)
      : handler(context, [this](mlir::Diagnostic &diagnostic) {
          if (message.empty() && diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error)
            message = diagnostic.str();
        }) {}

  std::string message;

private:
  mlir::ScopedDiagnosticHandler handler;
};

/// The net's weights, made when the first entry point asks for them.
struct NetVariables {
  mlir::ModuleOp module;
  llvm::StringMap<VariableOp> byPath;
};

/// The attribute for a bound value; null for values that no attribute holds.
mlir::Attribute attributeFor(mlir::Builder &builder, ArgumentKind kind, const Value &value);

/// `path` over the position of `range`: how ops remember where they came from.
mlir::Location locationFor(mlir::MLIRContext *context, llvm::StringRef path, SourceRange range);

class DialectBuilder : public LayerBuilder {
public:
  /// Builds into `function`, whose first argument is the image. `counter` is null for inference.
  DialectBuilder(mlir::func::FuncOp function, mlir::Value counter, NetVariables &variables);

  std::optional<Tensor> build(const LayerCall &call, std::string &error) override;

  /// The handle of the function's image.
  Tensor input(SourceRange where, llvm::StringRef name) const;
  mlir::Value value(const Tensor &tensor) const { return values[tensor.id]; }
  mlir::OpBuilder &opBuilder() { return builder; }
  /// The function that is built.
  mlir::func::FuncOp function() {
    return mlir::cast<mlir::func::FuncOp>(builder.getBlock()->getParentOp());
  }

private:
  std::vector<mlir::NamedAttribute> attributesOf(const LayerCall &call);
  mlir::Value readVariable(const LayerCall &call, const ParameterSpec &spec,
                           mlir::Location location, std::string &error);

  mlir::OpBuilder builder;
  mlir::Value counter;
  NetVariables &variables;
  std::vector<mlir::Value> values; // by Tensor::id
  int64_t streams = 0;             // random streams given out, one per layer that draws numbers
};

} // namespace weir
