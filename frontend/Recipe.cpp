// Reads the settings of `train`. See Recipe.h.
#include "frontend/Recipe.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <cmath>
#include <limits>

namespace weir {

using llvm::StringRef;

namespace {

/// A setting that holds a call. Without a default it is required; the default "none" leaves it out.
struct CallSetting {
  StringRef name;
  Category category;
  StringRef defaultCall;

  bool isOptional() const { return defaultCall == "none"; }
};
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

/// Ranges of arguments that no op's verifier checks: those of data, schedules and stopping, and the
/// learning rate.
struct ArgumentRange {
  StringRef name;
  double minimum, maximum;
  bool excludesMinimum;
  StringRef text;
};
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

std::vector<StringRef> callsOf(Category category) {
  std::vector<StringRef> names;
  for (const Signature &signature : signatures())
    if (signature.category == category)
      names.push_back(signature.name);
  return names;
}

class Reader {
public:
  Reader(const ast::Settings &train, Evaluator &evaluator,
         llvm::MutableArrayRef<Override> overrides, Diagnostics &diagnostics)
      : train(train), evaluator(evaluator), overrides(overrides), diagnostics(diagnostics) {}

  std::optional<Recipe> read() {
    size_t errorsBefore = diagnostics.errorCount();
    checkNames();
    for (const CallSetting &setting : callSettings) {
      const ast::Expression *value = find(setting.name);
      if (setting.isOptional() && (!value || isNone(*value)))
        continue;
      if (value)
        recipe.calls.push_back(readCall(setting, *value));
      else if (setting.defaultCall.empty())
        diagnostics.error(train.keyword,
                          "'train' expects the setting '" + setting.name + "', but got none");
      else
        recipe.calls.push_back(
            bind(setting, *findSignature(setting.defaultCall), train.keyword, {}));
    }
    for (const IntegerSetting &setting : integerSettings)
      if (const ast::Expression *value = find(setting.name))
        readInteger(setting, *value);
    for (const LimitSetting &setting : limitSettings)
      if (const ast::Expression *value = find(setting.name); value && !isNone(*value))
        readLimit(setting, *value);
    if (const ast::Expression *value = find(keepSetting))
      readKeep(*value);
    for (Override &override : overrides)
      overrideArgument(override);
    for (const RecipeCall &call : recipe.calls)
      checkRanges(call);
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
  RecipeCall readCall(const CallSetting &setting, const ast::Expression &value) {
    std::vector<GivenArgument> given;
    ast::Identifier callee{"", value.range};
    if (auto *name = std::get_if<ast::NameReference>(&value.node)) {
      callee.text = name->name;
    } else if (auto *call = std::get_if<ast::Call>(&value.node); call && !call->piped) {
      callee = call->callee;
      for (const ast::Argument &argument : call->arguments)
        given.push_back(
            {argument.name, evaluator.evaluateConstant(*argument.value), argument.value->range});
    } else if (auto *text = std::get_if<ast::StringLiteral>(&value.node);
               text && setting.category == Category::Data) {
      callee.text = callsOf(Category::Data).front(); // `data: "mnist"`
      given.push_back({std::nullopt, text->value, value.range});
    } else {
      diagnostics.error(value.range, "'" + setting.name + "' expects a call such as " +
                                         callsOf(setting.category).front() + "(…)");
      return {};
    }
    const Signature *signature = findSignature(callee.text);
    if (!signature || signature->category != setting.category) {
      std::vector<StringRef> known = callsOf(setting.category);
      Diagnostic &error =
          diagnostics.error(callee.range, "there is no " + setting.name + " '" + callee.text + "'");
      error.suggest(callee.text, known);
      error.note({}, "known are " + llvm::join(known, ", "));
      return {};
    }
    return bind(setting, *signature, callee.range, given);
  }

  /// The value of a setting: from the command line, else from the file, else null.
  const ast::Expression *find(StringRef name) {
    const ast::Expression *value = nullptr;
    if (const ast::Setting *setting = train.find(name))
      value = setting->value.get();
    for (Override &override : overrides) {
      if (override.name != name)
        continue;
      override.isUsed = true;
      value = override.value.get();
    }
    return value;
  }

  void checkNames() {
    std::vector<StringRef> known = settingNames(nullptr);
    for (const ast::Setting &setting : train.settings)
      if (!llvm::is_contained(known, setting.name.text))
        diagnostics.error(setting.name.range, "'train' has no setting '" + setting.name.text + "'")
            .suggest(setting.name.text, known);
  }

  RecipeCall bind(const CallSetting &setting, const Signature &signature, SourceRange where,
                  llvm::ArrayRef<GivenArgument> given) {
    auto report = [&](SourceRange at, const llvm::Twine &message) -> Diagnostic & {
      return diagnostics.error(at, message);
    };
    RecipeCall call{setting.name, &signature, where, {}};
    std::optional<BoundArguments> bound = bindArguments(signature, where, given, report);
    if (!bound)
      return call;
    for (const auto &[argument, value] : llvm::zip(signature.arguments, *bound))
      if (value.value)
        call.arguments.push_back({argument.name, *value.value, value.range});
      else if (isGivenByUser(signature, argument))
        call.arguments.push_back({argument.name, defaultValue(argument), where});
    return call;
  }

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

  static bool isNone(const ast::Expression &expression) {
    return std::holds_alternative<ast::NoneLiteral>(expression.node);
  }

  void readLimit(const LimitSetting &setting, const ast::Expression &expression) {
    Value value = evaluator.evaluateConstant(expression);
    std::optional<double> number = value.number();
    if (number && *number > 0)
      recipe.*setting.field = *number;
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

  /// `optimizer.beta1=0.8`, or `beta1=0.8` if one call only has such an argument.
  void overrideArgument(Override &override) {
    if (llvm::is_contained(settingNames(nullptr), override.name))
      return; // `epochs` is the run's, not that of early_stopping's patience
    auto [first, second] = override.name.split('.');
    std::vector<RecipeCall *> owners;
    for (RecipeCall &call : recipe.calls)
      if (call.find(second.empty() ? first : second) && (second.empty() || call.setting == first))
        owners.push_back(&call);
    if (owners.empty())
      return; // somebody else's, or unknown: reported in the end
    override.isUsed = true;
    if (owners.size() > 1) {
      diagnostics.error(override.nameRange, "'" + override.name + "' is an argument of '" +
                                                owners[0]->setting + "' and of '" +
                                                owners[1]->setting + "'; write '" +
                                                owners[0]->setting + "." + override.name + "'");
      return;
    }
    const Signature &signature = *owners.front()->signature;
    const Argument &argument = *signature.find(second.empty() ? first : second);
    auto report = [&](SourceRange at, const llvm::Twine &message) -> Diagnostic & {
      return diagnostics.error(at, message);
    };
    Value value = convertArgument(signature, argument, evaluator.evaluateConstant(*override.value),
                                  override.value->range, report);
    for (RecipeCall::Argument &target : owners.front()->arguments)
      if (target.name == argument.name)
        target = {argument.name, std::move(value), override.value->range};
  }

  void checkRanges(const RecipeCall &call) {
    for (const RecipeCall::Argument &argument : call.arguments)
      for (const ArgumentRange &range : argumentRanges) {
        std::optional<double> number = argument.value.number();
        if (range.name != argument.name || !number)
          continue;
        bool fits = range.excludesMinimum ? *number > range.minimum : *number >= range.minimum;
        if (!fits || !(*number <= range.maximum))
          diagnostics.error(argument.where, "'" + call.signature->name + "' expects " + range.text +
                                                " as '" + argument.name + "', but got " +
                                                text(argument.value));
      }
  }

  const ast::Settings &train;
  Evaluator &evaluator;
  llvm::MutableArrayRef<Override> overrides;
  Diagnostics &diagnostics;
  Recipe recipe;
};

} // namespace

const RecipeCall *Recipe::find(StringRef setting) const {
  const auto found =
      llvm::find_if(calls, [&](const RecipeCall &call) { return call.setting == setting; });
  return found == calls.end() ? nullptr : &*found;
}

const RecipeCall::Argument *RecipeCall::find(StringRef name) const {
  for (const Argument &argument : arguments)
    if (argument.name == name)
      return &argument;
  return nullptr;
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
    for (const RecipeCall &call : recipe->calls)
      for (const RecipeCall::Argument &argument : call.arguments)
        names.push_back(argument.name);
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
