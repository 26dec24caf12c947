// Reads calls and numbers of a block of settings. See SettingsReader.h.
#include "frontend/SettingsReader.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace weir {

using llvm::StringRef;

static std::vector<StringRef> callsOf(Category category) {
  std::vector<StringRef> names;
  for (const Signature &signature : signatures())
    if (signature.category == category)
      names.push_back(signature.name);
  return names;
}

const RecipeCall::Argument *RecipeCall::find(StringRef name) const {
  for (const Argument &argument : arguments)
    if (argument.name == name)
      return &argument;
  return nullptr;
}

void addArgumentNames(llvm::ArrayRef<RecipeCall> calls, std::vector<StringRef> &names) {
  for (const RecipeCall &call : calls)
    for (const RecipeCall::Argument &argument : call.arguments)
      names.push_back(argument.name);
}

void SettingsReader::checkNames(llvm::ArrayRef<StringRef> known) {
  for (const ast::Setting &setting : block.settings)
    if (!llvm::is_contained(known, setting.name.text))
      diagnostics
          .error(setting.name.range,
                 "'" + blockName + "' has no setting '" + setting.name.text + "'")
          .suggest(setting.name.text, known);
}

const ast::Expression *SettingsReader::find(StringRef name) {
  const ast::Expression *value = nullptr;
  if (const ast::Setting *setting = block.find(name))
    value = setting->value.get();
  for (Override &override : overrides) {
    if (override.name != name)
      continue;
    override.isUsed = true;
    value = override.value.get();
  }
  return value;
}

// ---- Calls ----

void SettingsReader::readCalls(llvm::ArrayRef<CallSetting> settings,
                               std::vector<RecipeCall> &calls) {
  for (const CallSetting &setting : settings) {
    const ast::Expression *value = find(setting.name);
    if (setting.isOptional() && (!value || isNone(*value)))
      continue;
    if (value)
      calls.push_back(readCall(setting, *value));
    else if (setting.defaultCall.empty())
      diagnostics.error(block.keyword, "'" + blockName + "' expects the setting '" + setting.name +
                                           "', but got none");
    else
      calls.push_back(bind(setting, *findSignature(setting.defaultCall), block.keyword, {}));
  }
}

RecipeCall SettingsReader::readCall(const CallSetting &setting, const ast::Expression &value) {
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

RecipeCall SettingsReader::bind(const CallSetting &setting, const Signature &signature,
                                SourceRange where, llvm::ArrayRef<GivenArgument> given) {
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

// ---- Arguments ----

void SettingsReader::overrideArguments(std::vector<RecipeCall> &calls,
                                       llvm::ArrayRef<StringRef> known) {
  for (Override &override : overrides)
    if (!llvm::is_contained(known, override.name))
      overrideArgument(override, calls); // `epochs` is the run's, not that of patience(epochs)
}

void SettingsReader::overrideArgument(Override &override, std::vector<RecipeCall> &calls) {
  auto [first, second] = override.name.split('.');
  std::vector<RecipeCall *> owners;
  for (RecipeCall &call : calls)
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
  const Value value =
      convertArgument(signature, argument, evaluator.evaluateConstant(*override.value),
                      override.value->range, report);
  for (RecipeCall::Argument &target : owners.front()->arguments)
    if (target.name == argument.name)
      target = {argument.name, value, override.value->range};
}

void SettingsReader::checkRanges(const RecipeCall &call, llvm::ArrayRef<ArgumentRange> ranges) {
  for (const RecipeCall::Argument &argument : call.arguments)
    for (const ArgumentRange &range : ranges) {
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

} // namespace weir
