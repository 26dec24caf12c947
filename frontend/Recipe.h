// The `train` block: data, loss, optimizer, schedule and their numbers; and checks of `sweep`.
//
// What may be called there comes from the signatures of categories Data, Loss, Optimizer, Schedule
// and Stopping. Evaluator comes before (it evaluates the arguments); Lowering makes a training step
// and the `weir.recipe` attribute of this.
#pragma once

#include "frontend/SettingsReader.h"

namespace weir {

struct Recipe {
  std::vector<RecipeCall> calls; // one for each setting that has a value
  int64_t batch = 32;            // images per step
  int64_t epochs = 1;
  int64_t seed = 1;
  std::optional<double> clipNorm;  // of all gradients together, as one vector
  std::optional<double> clipValue; // of each number of a gradient
  std::string keep = "last";       // which weights: "last", or "best" by validation accuracy

  /// The call of a setting, or null where it has none.
  const RecipeCall *find(llvm::StringRef setting) const;
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

/// Checks a value of a `sweep` for `setting`: a call where the setting holds one, else any value.
void checkCall(llvm::StringRef setting, const ast::Expression &value, const ast::Settings &block,
               Evaluator &evaluator, Diagnostics &diagnostics);

/// Checks that a `sweep` block gives non-empty lists for names of constants and settings.
void checkSweep(const ast::Settings &sweep, const ast::File &file, const Recipe *recipe,
                Evaluator &evaluator, Diagnostics &diagnostics);

} // namespace weir
