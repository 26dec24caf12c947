// Reads the settings of `train`. See Recipe.h.
#include "frontend/Recipe.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <cmath>
#include <limits>

namespace weir {

using llvm::StringRef;

namespace {

constexpr CallSetting callSettings[] = {{"data", Category::Data, ""},
                                        {"loss", Category::Loss, ""},
                                        {"optimizer", Category::Optimizer, ""},
                                        {"schedule", Category::Schedule, "constant"},
                                        {"early_stopping", Category::Stopping, "none"}};

struct IntegerSetting {
  StringRef name;
  int64_t Recipe::*field;
  int64_t minimum, maximum;
};
constexpr int64_t maximumInteger = std::numeric_limits<int64_t>::max();
constexpr IntegerSetting integerSettings[] = {{"batch", &Recipe::batch, 1, maximumBatch},
                                              {"epochs", &Recipe::epochs, 1, 1'000'000},
                                              {"seed", &Recipe::seed, 0, maximumInteger}};

/// Limits of gradients: a positive number, or none.
struct LimitSetting {
  StringRef name;
  std::optional<double> Recipe::*field;
};
constexpr LimitSetting limitSettings[] = {{"clip_norm", &Recipe::clipNorm},
                                          {"clip_value", &Recipe::clipValue}};

constexpr StringRef keepSetting = "keep";
constexpr StringRef keepChoices[] = {"last", "best"};

/// Of data, schedules and stopping, and the learning rate.
constexpr double unlimited = std::numeric_limits<double>::max();
constexpr ArgumentRange argumentRanges[] = {
    {"learning_rate", 0, unlimited, true, "a positive finite number"},
    {"deviation", 0, unlimited, true, "a positive finite number"},
    {"mean", -unlimited, unlimited, false, "a finite number"},
    {"shift", 0, 1e4, false, "a number of pixels, 0 or more,"},
    {"rotate", 0, 180, false, "an angle from 0 to 180 degrees"},
    {"scale", 0, 0.9, false, "a share from 0 to 0.9"},
    {"epochs", 1, unlimited, false, "1 or more"},
    {"warmup", 0, unlimited, false, "0 or more"},
    {"every", 1, unlimited, false, "1 or more"},
    {"factor", 0, unlimited, true, "a positive finite number"},
    {"final", 0, 1, false, "a number from 0 to 1"},
    {"rise", 0, 1, false, "a number from 0 to 1"},
    {"start_divisor", 1, unlimited, false, "1 or more"},
    {"final_divisor", 1, unlimited, false, "1 or more"},
};

const CallSetting *findCallSetting(StringRef name) {
  const auto *found =
      llvm::find_if(callSettings, [&](auto &setting) { return setting.name == name; });
  return found == std::end(callSettings) ? nullptr : found;
}

class Reader : SettingsReader {
public:
  Reader(const ast::Settings &train, Evaluator &evaluator,
         llvm::MutableArrayRef<Override> overrides, Diagnostics &diagnostics)
      : SettingsReader("train", train, evaluator, overrides, diagnostics) {}

  std::optional<Recipe> read() {
    size_t errorsBefore = diagnostics.errorCount();
    checkNames(settingNames(nullptr));
    readCalls(callSettings, recipe.calls);
    for (const IntegerSetting &setting : integerSettings)
      if (const ast::Expression *value = find(setting.name))
        readInteger(setting, *value);
    for (const LimitSetting &setting : limitSettings)
      if (const ast::Expression *value = find(setting.name); value && !isNone(*value))
        readLimit(setting, *value);
    if (const ast::Expression *value = find(keepSetting))
      readKeep(*value);
    overrideArguments(recipe.calls, settingNames(nullptr));
    for (const RecipeCall &call : recipe.calls)
      checkRanges(call, argumentRanges);
    if (diagnostics.errorCount() != errorsBefore)
      return std::nullopt;
    return std::move(recipe);
  }

  /// A value that a setting may have, without taking it.
  void check(const CallSetting &setting, const ast::Expression &value) {
    if (!setting.isOptional() || !isNone(value))
      readCall(setting, value);
  }

private:
  void readInteger(const IntegerSetting &setting, const ast::Expression &expression) {
    Value value = evaluator.evaluateConstant(expression);
    auto *integer = value.as<int64_t>();
    if (integer && *integer >= setting.minimum && *integer <= setting.maximum) {
      recipe.*setting.field = *integer;
      return;
    }
    std::string range = setting.maximum == maximumInteger
                            ? "an integer of at least " + std::to_string(setting.minimum)
                            : "an integer from " + std::to_string(setting.minimum) + " to " +
                                  std::to_string(setting.maximum);
    if (value.isValid())
      diagnostics.error(expression.range,
                        "'" + setting.name + "' expects " + range + ", but got " + describe(value));
  }

  void readLimit(const LimitSetting &setting, const ast::Expression &expression) {
    Value value = evaluator.evaluateConstant(expression);
    std::optional<double> number = value.number();
    if (number && *number > 0)
      recipe.*setting.field = number;
    else if (value.isValid())
      diagnostics.error(expression.range, "'" + setting.name +
                                              "' expects a positive number, but got " +
                                              describe(value));
  }

  void readKeep(const ast::Expression &expression) {
    Value value = evaluator.evaluateConstant(expression);
    auto *word = value.as<std::string>();
    if (word && llvm::is_contained(keepChoices, *word)) {
      recipe.keep = *word;
      return;
    }
    if (!value.isValid())
      return;
    Diagnostic &error = diagnostics.error(
        expression.range, "'keep' expects \"last\" or \"best\", but got " + describe(value));
    if (word)
      error.suggest(*word, keepChoices);
  }

  Recipe recipe;
};

} // namespace

const RecipeCall *Recipe::find(StringRef setting) const {
  const auto found =
      llvm::find_if(calls, [&](const RecipeCall &call) { return call.setting == setting; });
  return found == calls.end() ? nullptr : &*found;
}

std::vector<StringRef> settingNames(const Recipe *recipe) {
  std::vector<StringRef> names;
  for (const CallSetting &setting : callSettings)
    names.push_back(setting.name);
  for (const IntegerSetting &setting : integerSettings)
    names.push_back(setting.name);
  for (const LimitSetting &setting : limitSettings)
    names.push_back(setting.name);
  names.push_back(keepSetting);
  if (recipe)
    addArgumentNames(recipe->calls, names);
  return names;
}

std::optional<Recipe> readRecipe(const ast::Settings &train, Evaluator &evaluator,
                                 llvm::MutableArrayRef<Override> overrides,
                                 Diagnostics &diagnostics) {
  return Reader(train, evaluator, overrides, diagnostics).read();
}

void checkCall(StringRef setting, const ast::Expression &value, const ast::Settings &block,
               Evaluator &evaluator, Diagnostics &diagnostics) {
  if (const CallSetting *call = findCallSetting(setting))
    Reader(block, evaluator, {}, diagnostics).check(*call, value);
  else
    evaluator.evaluateConstant(value);
}

} // namespace weir
