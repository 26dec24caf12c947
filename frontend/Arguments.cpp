// Binds arguments: position, name, kind, default. See Arguments.h.
#include "frontend/Arguments.h"

#include "llvm/ADT/STLExtras.h"

#include <limits>

namespace weir {

using llvm::StringRef;

static bool isTensor(const Argument &argument) {
  return argument.kind == ArgumentKind::Tensor || argument.kind == ArgumentKind::TensorList;
}

bool isGivenByUser(const Signature &signature, const Argument &argument) {
  return (isTensor(argument) && signature.category == Category::Layer) ||
         argument.kind == ArgumentKind::Runtime || argument.isAttribute();
}

std::string callText(const Signature &signature) {
  std::string result;
  for (const Argument &argument : signature.arguments) {
    if (!isGivenByUser(signature, argument))
      continue;
    result += result.empty() ? "" : ", ";
    result += argument.name;
    if (!argument.defaultValue.empty())
      result += (": " + argument.defaultValue).str();
  }
  return result.empty() ? signature.name.str() : (signature.name + "(" + result + ")").str();
}

Value defaultValue(const Argument &argument) {
  StringRef text = argument.defaultValue;
  int64_t integer;
  double real;
  if (argument.kind == ArgumentKind::Bool && !text.empty())
    return text == "true";
  if (argument.kind == ArgumentKind::Int && !text.getAsInteger(10, integer))
    return integer;
  if ((argument.kind == ArgumentKind::Float || argument.kind == ArgumentKind::Runtime) &&
      !text.getAsDouble(real))
    return real;
  if (argument.kind == ArgumentKind::String && text.size() >= 2)
    return text.drop_front().drop_back().str();
  return None{};
}

/// What an argument of this kind is, for messages.
static StringRef kindText(ArgumentKind kind) {
  switch (kind) {
  case ArgumentKind::Tensor:
    return "a tensor";
  case ArgumentKind::TensorList:
    return "a list of tensors";
  case ArgumentKind::Int:
    return "an integer of at most 31 bits";
  case ArgumentKind::Float:
  case ArgumentKind::Runtime:
    return "a number";
  case ArgumentKind::Bool:
    return "true or false";
  case ArgumentKind::String:
    return "a string";
  case ArgumentKind::IntList:
    return "an integer or a list of integers";
  case ArgumentKind::Padding:
    return "an integer of at least 0, a list of 1, 2 or 4 of them, \"same\" or \"valid\"";
  default:
    return "nothing"; // not given by the user
  }
}

/// Sizes and counts are bounded so that products of a few of them cannot overflow.
static bool isSize(const Value &value) {
  auto *integer = value.as<int64_t>();
  return integer && std::abs(*integer) <= std::numeric_limits<int32_t>::max();
}

/// Padding as the dialect has it: sizes, or -1 for "same".
static std::optional<Value> convertPadding(const Value &value) {
  auto isPadding = [](const Value &size) { return isSize(size) && *size.as<int64_t>() >= 0; };
  if (auto *word = value.as<std::string>(); word && (*word == "same" || *word == "valid"))
    return Value::list({int64_t(*word == "same" ? -1 : 0)});
  if (isPadding(value))
    return Value::list({value});
  auto *sizes = value.as<List>();
  if (sizes && llvm::is_contained({1, 2, 4}, (*sizes)->size()) && llvm::all_of(**sizes, isPadding))
    return value;
  return std::nullopt;
}

/// The value as an argument of this kind, or nothing if it is of another.
static std::optional<Value> convert(ArgumentKind kind, const Value &value) {
  auto onlyIf = [&](bool fits) { return fits ? std::optional(value) : std::nullopt; };
  auto allOf = [&](auto fits) {
    return value.is<List>() && llvm::all_of(**value.as<List>(), fits);
  };
  switch (kind) {
  case ArgumentKind::Tensor:
    return onlyIf(value.is<Tensor>());
  case ArgumentKind::TensorList:
    if (value.is<Tensor>())
      return Value::list({value});
    return onlyIf(allOf([](const Value &element) { return element.is<Tensor>(); }));
  case ArgumentKind::Int:
    return onlyIf(isSize(value));
  case ArgumentKind::Float:
  case ArgumentKind::Runtime:
    return value.number() ? std::optional<Value>(*value.number()) : std::nullopt;
  case ArgumentKind::Bool:
    return onlyIf(value.is<bool>());
  case ArgumentKind::String:
    return onlyIf(value.is<std::string>());
  case ArgumentKind::IntList:
    return isSize(value) ? std::optional(Value::list({value})) : onlyIf(allOf(isSize));
  case ArgumentKind::Padding:
    return convertPadding(value);
  default:
    return std::nullopt;
  }
}

Value convertArgument(const Signature &signature, const Argument &argument, const Value &value,
                      SourceRange where, Reporter report) {
  if (std::optional<Value> converted = convert(argument.kind, value))
    return *converted;
  if (!value.isValid())
    return Invalid{};
  Diagnostic &error = report(where, "'" + signature.name + "' expects " + kindText(argument.kind) +
                                        " as '" + argument.name + "', but got " + describe(value));
  if (auto *word = value.as<std::string>(); word && argument.kind == ArgumentKind::Padding)
    error.suggest(*word, {"same", "valid"});
  return Invalid{};
}

/// `concat(a, b)` is `concat([a, b])`: tensors in a row that fill a list become one argument.
static std::vector<GivenArgument> gatherTensors(const Signature &signature,
                                                llvm::ArrayRef<GivenArgument> given) {
  std::vector<GivenArgument> result(given);
  size_t count = 0;
  while (count < given.size() && !given[count].name && given[count].value.is<Tensor>())
    ++count;
  bool takesList = llvm::any_of(signature.arguments, [](const Argument &argument) {
    return argument.kind == ArgumentKind::TensorList;
  });
  if (!takesList || count < 2)
    return result;
  std::vector<Value> tensors;
  for (const GivenArgument &argument : given.take_front(count))
    tensors.push_back(argument.value);
  result.erase(result.begin() + 1, result.begin() + count);
  result.front().value = Value::list(std::move(tensors));
  return result;
}

/// The order in which positional arguments are filled: tensors, then the rest as in ODS.
static std::vector<size_t> positionalOrder(const Signature &signature) {
  std::vector<size_t> order;
  for (bool tensors : {true, false})
    for (size_t i = 0; i < signature.arguments.size(); ++i)
      if (const Argument &argument = signature.arguments[i];
          isGivenByUser(signature, argument) && isTensor(argument) == tensors)
        order.push_back(i);
  return order;
}

std::optional<BoundArguments> bindArguments(const Signature &signature, SourceRange callee,
                                            llvm::ArrayRef<GivenArgument> given, Reporter report) {
  BoundArguments bound(signature.arguments.size());
  std::vector<size_t> order = positionalOrder(signature);
  bool complete = true;
  auto fail = [&](SourceRange where, const llvm::Twine &message) -> Diagnostic & {
    complete = false;
    return report(where, message).note({}, "it is called as " + callText(signature));
  };

  size_t position = 0;
  for (const GivenArgument &argument : gatherTensors(signature, given)) {
    size_t index;
    if (!argument.name) {
      if (position == order.size()) {
        fail(argument.range, "'" + signature.name + "' expects at most " +
                                 llvm::Twine(order.size()) + " arguments, but got more");
        break;
      }
      index = order[position++];
    } else {
      const Argument *found = signature.find(argument.name->text);
      if (!found || !isGivenByUser(signature, *found)) {
        std::vector<StringRef> names;
        for (size_t i : order)
          names.push_back(signature.arguments[i].name);
        fail(argument.name->range,
             "'" + signature.name + "' has no argument '" + argument.name->text + "'")
            .suggest(argument.name->text, names);
        continue;
      }
      index = found - signature.arguments.begin();
      if (bound[index].value) {
        fail(argument.name->range, "argument '" + argument.name->text + "' is given twice");
        continue;
      }
    }
    Value value = convertArgument(signature, signature.arguments[index], argument.value,
                                  argument.range, report);
    complete &= value.isValid();
    bound[index] = {std::move(value), argument.range};
  }

  for (size_t i : order)
    if (const Argument &argument = signature.arguments[i];
        complete && !bound[i].value && argument.defaultValue.empty() && !argument.optional)
      fail(callee,
           "'" + signature.name + "' expects the argument '" + argument.name + "', but got none");
  return complete ? std::optional(std::move(bound)) : std::nullopt;
}

} // namespace weir
