// Comparison and printing of values.
#include "frontend/Value.h"

#include "llvm/ADT/StringExtras.h"

#include <charconv>

namespace weir {

std::optional<double> Value::number() const {
  if (auto *integer = as<int64_t>())
    return static_cast<double>(*integer);
  if (auto *real = as<double>())
    return *real;
  return std::nullopt;
}

bool Value::operator==(const Value &other) const {
  if (auto left = number(), right = other.number(); left && right)
    return is<int64_t>() && other.is<int64_t>() ? *as<int64_t>() == *other.as<int64_t>()
                                                : *left == *right;
  if (kinds.index() != other.kinds.index())
    return false;
  if (auto *left = as<bool>())
    return *left == *other.as<bool>();
  if (auto *left = as<std::string>())
    return *left == *other.as<std::string>();
  if (auto *left = as<List>())
    return **left == **other.as<List>();
  if (auto *left = as<Tensor>())
    return left->id == other.as<Tensor>()->id;
  if (auto *left = as<Callable>())
    return left->target == other.as<Callable>()->target;
  return true; // none
}

/// The shortest decimal that reads back as the same float, always recognisable as one.
static std::string floatText(double value) {
  char buffer[32];
  auto end = std::to_chars(buffer, buffer + sizeof(buffer), value).ptr;
  std::string result(buffer, end);
  if (result.find_first_of(".en") == std::string::npos)
    result += ".0";
  return result;
}

std::string sizesText(llvm::ArrayRef<int64_t> shape) {
  return llvm::join(llvm::map_range(shape, [](int64_t size) { return std::to_string(size); }), "x");
}

std::string text(const Value &value) {
  constexpr size_t limit = 60;
  if (auto *boolean = value.as<bool>())
    return *boolean ? "true" : "false";
  if (auto *integer = value.as<int64_t>())
    return std::to_string(*integer);
  if (auto *real = value.as<double>())
    return floatText(*real);
  if (auto *string = value.as<std::string>())
    return "\"" + (string->size() > limit ? string->substr(0, limit) + "…" : *string) + "\"";
  if (auto *list = value.as<List>()) {
    std::string result = "[";
    for (const Value &element : **list) {
      if (result.size() > limit)
        return result + ", …]";
      result += (result.size() > 1 ? ", " : "") + text(element);
    }
    return result + "]";
  }
  if (auto *tensor = value.as<Tensor>())
    return sizesText(tensor->shape);
  if (auto *callable = value.as<Callable>())
    return callable->name.str();
  return "none";
}

std::string describe(const Value &value) {
  if (value.is<std::string>())
    return "the string " + text(value);
  if (value.is<List>())
    return "the list " + text(value);
  if (value.is<Tensor>())
    return "a tensor of " + text(value);
  if (value.is<Callable>())
    return "the function '" + text(value) + "'";
  return text(value);
}

} // namespace weir
