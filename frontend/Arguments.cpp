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
  return (signature.name + "(" + result + ")").str();
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
    return "a list of integers";
  default:
    return "nothing"; // not given by the user
  }
}

/// Sizes and counts are bounded so that products of a few of them cannot overflow.
static bool isSize(const Value &value) {
  auto *integer = value.as<int64_t>();
  return integer && std::abs(*integer) <= std::numeric_limits<int32_t>::max();
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
  default:
    return std::nullopt;
  }
}

Value convertArgument(const Signature &signature, const Argument &argument, const Value &value,
                      SourceRange where, Reporter report) {
  if (std::optional<Value> converted = convert(argument.kind, value))
    return *converted;
  if (value.isValid())
    report(where, "'" + signature.name + "' expects " + kindText(argument.kind) + " as '" +
                      argument.name + "', but got " + describe(value));
  return Invalid{};
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
  for (const GivenArgument &argument : given) {
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
