//===- PassCheck.h - every function before and after every pass ------------------------------===//
//
// Watches pass managers: runs each module before and after each of their passes through the
// reference semantics, and holds the pass to what it declares in passes/PassBounds.h. What broke
// its bound first is kept, with the module that shows it, for ReduceIr.h.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "tools/check/ModuleRuns.h"

#include "mlir/Pass/PassManager.h"

namespace weir {

/// A pass that was watched.
struct CheckedPass {
  enum class State {
    Within,       ///< its bound
    Unchanged,    ///< it left the module as it was
    Incomparable, ///< by design; the bound's reason says what checks it instead
    NotReached,   ///< the time limit came first
    Broken,
  };
  PassBound bound;
  std::string pass; ///< owns the name that `bound` refers to
  State state = State::Within;
  Difference difference;
};

/// The first pass that broke its bound, or failed.
struct PassFailure {
  std::string pass;
  std::string pipeline;         ///< for --pass-pipeline: the pass with its options
  std::string message;          ///< what is wrong
  std::vector<InputKind> kinds; ///< inputs that show it
  mlir::OwningOpRef<mlir::ModuleOp> before;
};

class PassCheck {
public:
  /// Runs no function after `seconds` of processor time, and fewer kinds of inputs where not all
  /// fit into that.
  explicit PassCheck(double seconds) : seconds(seconds), start(now()) {}
  ~PassCheck();

  /// Watches the passes of `passes`, which must not outlive this object.
  void watch(mlir::PassManager &passes);

  llvm::ArrayRef<CheckedPass> passes() const { return rows; }
  /// The kinds of inputs that functions were run on.
  llvm::ArrayRef<InputKind> kinds() const { return used; }
  std::optional<PassFailure> failure;

private:
  class Watcher;
  void before(mlir::Pass *pass, mlir::ModuleOp module);
  void after(mlir::Pass *pass, mlir::ModuleOp module, bool failed);
  void fitKinds();
  void keepFailure(mlir::Pass *pass, std::string message, llvm::ArrayRef<InputKind> kinds);
  static double now();
  bool isLate() const;

  double seconds;
  double start;
  llvm::ArrayRef<InputKind> used = inputKinds();
  bool isFitted = false;
  std::vector<CheckedPass> rows;
  mlir::OwningOpRef<mlir::ModuleOp> original; ///< before the pass that is running
  std::unique_ptr<ModuleRuns> runs;           ///< of `original`, if they could be kept
};

/// What goes wrong when the one pass of `pipeline` runs on a copy of `before`, whose diagnostics
/// are swallowed; empty if nothing does, or if `before` cannot be run itself.
std::string whatFails(mlir::ModuleOp before, llvm::StringRef pipeline,
                      llvm::ArrayRef<InputKind> kinds = inputKinds());

} // namespace weir
