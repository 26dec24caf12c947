// What the blocks of settings share: `train { optimizer: nadam(…) }` and `quantize { method:
// entropy }`.
//
// A setting is found in the block or in `--set`, which wins; one that holds a call is bound to the
// signature of its category. Recipe.cpp and QuantizeBlock.cpp say which settings there are and what
// becomes of them.
#pragma once

#include "frontend/Evaluator.h"
#include "frontend/Overrides.h"

namespace weir {

/// One of `data`, `loss`, `optimizer`, `schedule`, `method`, …: a call with all its arguments,
/// defaults included.
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

/// A setting that holds a call. Without a default it is required; the default "none" leaves it out.
struct CallSetting {
  llvm::StringRef name;
  Category category;
  llvm::StringRef defaultCall;

  bool isOptional() const { return defaultCall == "none"; }
};

/// The numbers that an argument may have, where no op's verifier checks them.
struct ArgumentRange {
  llvm::StringRef name;
  double minimum, maximum;
  bool excludesMinimum;
  llvm::StringRef text;
};

class SettingsReader {
protected:
  /// `blockName` is the keyword, for messages.
  SettingsReader(llvm::StringRef blockName, const ast::Settings &block, Evaluator &evaluator,
                 llvm::MutableArrayRef<Override> overrides, Diagnostics &diagnostics)
      : blockName(blockName), block(block), evaluator(evaluator), overrides(overrides),
        diagnostics(diagnostics) {}

  /// Reports settings of the block that are not among `known`.
  void checkNames(llvm::ArrayRef<llvm::StringRef> known);

  /// The value of a setting: from the command line, else from the file, else null.
  const ast::Expression *find(llvm::StringRef name);

  /// The calls of all these settings that have one, with their defaults where the block has none.
  void readCalls(llvm::ArrayRef<CallSetting> settings, std::vector<RecipeCall> &calls);
  RecipeCall readCall(const CallSetting &setting, const ast::Expression &value);
  RecipeCall bind(const CallSetting &setting, const Signature &signature, SourceRange where,
                  llvm::ArrayRef<GivenArgument> given);

  /// `optimizer.beta1=0.8`, or `beta1=0.8` if one call only has such an argument. Names of `known`
  /// settings are left alone.
  void overrideArguments(std::vector<RecipeCall> &calls, llvm::ArrayRef<llvm::StringRef> known);

  void checkRanges(const RecipeCall &call, llvm::ArrayRef<ArgumentRange> ranges);

  static bool isNone(const ast::Expression &expression) {
    return std::holds_alternative<ast::NoneLiteral>(expression.node);
  }

  llvm::StringRef blockName;
  const ast::Settings &block;
  Evaluator &evaluator;
  llvm::MutableArrayRef<Override> overrides;
  Diagnostics &diagnostics;

private:
  void overrideArgument(Override &override, std::vector<RecipeCall> &calls);
};

/// Names of the arguments of calls, which `--set` may use as well.
void addArgumentNames(llvm::ArrayRef<RecipeCall> calls, std::vector<llvm::StringRef> &names);

} // namespace weir
