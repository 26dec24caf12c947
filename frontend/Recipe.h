// The `train` block: data, loss, optimizer, schedule and their numbers; and checks of `sweep`.
//
// What may be called there comes from the signatures of categories Data, Loss, Optimizer and
// Schedule. Evaluator comes before (it evaluates the arguments); Lowering makes a training step and
// the `weir.recipe` attribute of this.
#pragma once

#include "frontend/Evaluator.h"
#include "frontend/Overrides.h"

#include <array>

namespace weir {

/// One of `data`, `loss`, `optimizer`, `schedule`: a call with all its arguments, defaults
/// included.
struct RecipeCall {
  struct Argument {
    llvm::StringRef name;
    Value value;
    SourceRange where; // the argument, or the call for a default
  };
  llvm::StringRef setting; // "optimizer"
  const Signature *signature = nullptr;
  SourceRange where; // the name of what is called
  std::vector<Argument> arguments;

  const Argument *find(llvm::StringRef name) const;
};

struct Recipe {
  std::array<RecipeCall, 4> calls; // data, loss, optimizer, schedule
  int64_t batch = 32;              // images per step
  int64_t epochs = 1;
  int64_t seed = 1;

  const RecipeCall &loss() const { return calls[1]; }
  const RecipeCall &optimizer() const { return calls[2]; }
};

/// Largest training or inference batch.
inline constexpr int64_t maximumBatch = 65536;

/// Reads a `train` block, with the overrides that name its settings or their arguments. Nothing
/// after errors.
std::optional<Recipe> readRecipe(const ast::Settings &train, Evaluator &evaluator,
                                 llvm::MutableArrayRef<Override> overrides,
                                 Diagnostics &diagnostics);

/// Names that `--set` and `sweep` may use because of the recipe: settings and arguments of its
/// calls.
std::vector<llvm::StringRef> settingNames(const Recipe *recipe);

/// Checks that a `sweep` block gives non-empty lists for names of constants and settings.
void checkSweep(const ast::Settings &sweep, const ast::File &file, const Recipe *recipe,
                Evaluator &evaluator, Diagnostics &diagnostics);

} // namespace weir
