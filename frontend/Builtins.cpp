// The builtin functions: range, len, min, max, round, str, fail, split.
//
// All but split work on values known while compiling and know nothing of the program around them.
#include "frontend/Evaluator.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

namespace weir {

namespace {

Value fail(std::string &error, const llvm::Twine &message) {
  error = message.str();
  return Invalid{};
}

/// `range(n)`: 0 … n-1; `range(a, b)`: a … b-1.
Value range(llvm::ArrayRef<Value> arguments, std::string &error) {
  for (const Value &argument : arguments)
    if (!argument.is<int64_t>())
      return fail(error, "'range' expects integers, but got " + describe(argument));
  int64_t begin = arguments.size() == 2 ? *arguments[0].as<int64_t>() : 0;
  int64_t end = *arguments.back().as<int64_t>();
  // As unsigned, so that the distance of any two integers fits.
  if (begin<end &&static_cast<uint64_t>(end) - static_cast<uint64_t>(begin)> maximumElements)
    return fail(error, "'range' expects at most " + llvm::Twine(maximumElements) +
                           " elements, but got more");
  std::vector<Value> elements;
  for (int64_t i = begin; i < end; ++i)
    elements.push_back(i);
  return Value::list(std::move(elements));
}

/// `len(x)`: elements of a list, bytes of a string.
Value length(llvm::ArrayRef<Value> arguments, std::string &error) {
  if (auto *list = arguments[0].as<List>())
    return static_cast<int64_t>((*list)->size());
  if (auto *string = arguments[0].as<std::string>())
    return static_cast<int64_t>(string->size());
  return fail(error, "'len' expects a list or a string, but got " + describe(arguments[0]));
}

/// `min(a, b, …)` or `min(list)`, and the same for max.
Value extreme(llvm::StringRef name, bool wantLarger, llvm::ArrayRef<Value> arguments,
              std::string &error) {
  llvm::ArrayRef<Value> candidates = arguments;
  if (auto *list = arguments[0].as<List>(); list && arguments.size() == 1)
    candidates = **list;
  if (candidates.empty())
    return fail(error, "'" + name + "' expects at least one number, but got an empty list");
  const Value *best = nullptr;
  for (const Value &candidate : candidates) {
    if (!candidate.number())
      return fail(error, "'" + name + "' expects numbers, but got " + describe(candidate));
    auto op = wantLarger ? ast::BinaryOperator::Greater : ast::BinaryOperator::Less;
    if (!best || *applyBinary(op, candidate, *best, error).as<bool>())
      best = &candidate;
  }
  return *best;
}

/// `round(x)`: to the nearest integer, halves away from zero.
Value roundToInteger(llvm::ArrayRef<Value> arguments, std::string &error) {
  std::optional<double> number = arguments[0].number();
  if (!number)
    return fail(error, "'round' expects a number, but got " + describe(arguments[0]));
  if (arguments[0].is<int64_t>())
    return arguments[0];
  double rounded = std::round(*number);
  if (!(std::abs(rounded) < 9.2e18))
    return fail(error, "'round' expects a result of at most 64 bits, but got more");
  return static_cast<int64_t>(rounded);
}

/// `str(x)`: a string as it is, anything else as it would be written.
Value toString(llvm::ArrayRef<Value> arguments, std::string &) {
  if (arguments[0].is<std::string>())
    return arguments[0];
  return text(arguments[0]);
}

/// `fail(message)`: an error of the program's own, for a value that it does not know.
Value reportFailure(llvm::ArrayRef<Value> arguments, std::string &error) {
  auto *message = arguments[0].as<std::string>();
  return fail(error,
              message ? *message : "'fail' expects a message, but got " + describe(arguments[0]));
}

constexpr unsigned any = ~0u;
const Builtin allBuiltins[] = {
    {"range", 1, 2, range},
    {"len", 1, 1, length},
    {"min", 1, any, [](auto arguments, auto &e) { return extreme("min", false, arguments, e); }},
    {"max", 1, any, [](auto arguments, auto &e) { return extreme("max", true, arguments, e); }},
    {"round", 1, 1, roundToInteger},
    {"str", 1, 1, toString},
    {"fail", 1, 1, reportFailure, /*isFatal=*/true},
};

} // namespace

llvm::ArrayRef<Builtin> builtins() { return allBuiltins; }

const Builtin *findBuiltin(llvm::StringRef name) {
  const Builtin *found =
      llvm::find_if(allBuiltins, [&](const Builtin &builtin) { return builtin.name == name; });
  return found == std::end(allBuiltins) ? nullptr : found;
}

const Signature &splitSignature() {
  static const Argument arguments[] = {
      {"x", ArgumentKind::Tensor, "", false, ""},
      {"parts", ArgumentKind::Int, "", false, ""},
      {"axis", ArgumentKind::Int, "-1", false, ""},
  };
  static const Signature signature{"split", Category::Layer, arguments, "", ""};
  return signature;
}

Value Evaluator::split(Frame &frame, SourceRange where, llvm::ArrayRef<GivenArgument> given) {
  auto report = [&](SourceRange at, const llvm::Twine &message) -> Diagnostic & {
    return error(frame, at, message);
  };
  std::optional<BoundArguments> bound = bindArguments(splitSignature(), where, given, report);
  if (!bound)
    return Invalid{};
  const BoundArgument &x = (*bound)[0], &parts = (*bound)[1], &axis = (*bound)[2];
  const Tensor &tensor = *x.value->as<Tensor>();
  std::string origin = "its input is " + sizesText(tensor.shape) + " because of '" +
                       tensor.originName.str() + "' here";
  int64_t rank = tensor.shape.size(), count = *parts.value->as<int64_t>();
  int64_t asked = axis.value ? *axis.value->as<int64_t>() : -1;
  int64_t dimension = asked < 0 ? asked + rank : asked;
  if (dimension < 0 || dimension >= rank) {
    report(axis.range, "'split' expects an axis from " + llvm::Twine(-rank) + " to " +
                           llvm::Twine(rank - 1) + ", but got " + llvm::Twine(asked))
        .note(tensor.origin, origin);
    return Invalid{};
  }
  int64_t size = tensor.shape[dimension];
  if (count < 1 || size % count != 0) {
    report(parts.range, "'split' expects a number of parts that divides " + llvm::Twine(size) +
                            ", but got " + llvm::Twine(count))
        .note(tensor.origin, origin);
    return Invalid{};
  }
  std::vector<Value> slices;
  for (int64_t begin = 0; begin < size && !stopped; begin += size / count)
    slices.push_back(call(frame, *findSignature("slice"), where,
                          {{std::nullopt, tensor, x.range},
                           {std::nullopt, begin, parts.range},
                           {std::nullopt, begin + size / count, parts.range},
                           {std::nullopt, dimension, parts.range}}));
  return llvm::all_of(slices, [](const Value &slice) { return slice.isValid(); })
             ? Value::list(std::move(slices))
             : Value();
}

} // namespace weir
