// Arithmetic and comparison on compile-time values.
//
// Integers stay integers: `/` must come out even (`//` rounds down), and what leaves 64 bits is an
// error. With a float on either side the result is a float, and must be finite.
#include "frontend/Evaluator.h"

#include "llvm/Support/MathExtras.h"

#include <cmath>

namespace weir {

using ast::BinaryOperator;

namespace {

Value fail(std::string &error, const llvm::Twine &message) {
  error = message.str();
  return Invalid{};
}

Value floorDivide(int64_t a, int64_t b) {
  int64_t quotient = a / b;
  return quotient - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}

Value integers(BinaryOperator op, int64_t a, int64_t b, std::string &error) {
  int64_t result = 0;
  bool overflow = false;
  switch (op) {
  case BinaryOperator::Add:
    overflow = llvm::AddOverflow(a, b, result);
    break;
  case BinaryOperator::Subtract:
    overflow = llvm::SubOverflow(a, b, result);
    break;
  case BinaryOperator::Multiply:
    overflow = llvm::MulOverflow(a, b, result);
    break;
  default:
    if (b == 0)
      return fail(error, "'" + spelling(op) + "' expects a divisor other than 0");
    if (b == -1) { // the one quotient that may not fit
      overflow = llvm::SubOverflow(int64_t(0), a, result);
      if (op == BinaryOperator::Remainder)
        return int64_t(0);
      break;
    }
    if (op == BinaryOperator::Divide && a % b != 0)
      return fail(error,
                  "'/' expects integers that divide evenly (or '//' to round down), but got " +
                      llvm::Twine(a) + " / " + llvm::Twine(b));
    if (op == BinaryOperator::Remainder)
      return a % b + (a % b != 0 && (a < 0) != (b < 0) ? b : 0);
    return floorDivide(a, b);
  }
  if (overflow)
    return fail(error, "'" + spelling(op) + "' expects a result of at most 64 bits, but got more");
  return result;
}

Value floats(BinaryOperator op, double a, double b, std::string &error) {
  double result = 0;
  switch (op) {
  case BinaryOperator::Add:
    result = a + b;
    break;
  case BinaryOperator::Subtract:
    result = a - b;
    break;
  case BinaryOperator::Multiply:
    result = a * b;
    break;
  default:
    if (b == 0)
      return fail(error, "'" + spelling(op) + "' expects a divisor other than 0");
    result = a / b;
    if (op == BinaryOperator::FloorDivide)
      result = std::floor(result);
    else if (op == BinaryOperator::Remainder)
      result = a - b * std::floor(result);
  }
  if (!std::isfinite(result))
    return fail(error, "'" + spelling(op) + "' expects a finite result, but got more than 1.8e308");
  return result;
}

/// -1, 0 or 1 for values that have an order, nothing for others.
std::optional<int> compare(const Value &left, const Value &right) {
  auto order = [](const auto &a, const auto &b) { return a < b ? -1 : b < a ? 1 : 0; };
  if (left.is<int64_t>() && right.is<int64_t>())
    return order(*left.as<int64_t>(), *right.as<int64_t>());
  if (left.number() && right.number())
    return order(*left.number(), *right.number());
  if (left.is<std::string>() && right.is<std::string>())
    return order(*left.as<std::string>(), *right.as<std::string>());
  return std::nullopt;
}

Value concatenate(const Value &left, const Value &right, std::string &error) {
  auto *firstText = left.as<std::string>(), *secondText = right.as<std::string>();
  auto *firstList = left.as<List>(), *secondList = right.as<List>();
  size_t size = firstText ? firstText->size() + secondText->size()
                          : (*firstList)->size() + (*secondList)->size();
  if (size > maximumElements)
    return fail(error, "'+' expects a result of at most " + llvm::Twine(maximumElements) +
                           " elements, but got " + llvm::Twine(size));
  if (firstText)
    return *firstText + *secondText;
  std::vector<Value> elements(**firstList);
  elements.insert(elements.end(), (*secondList)->begin(), (*secondList)->end());
  return Value::list(std::move(elements));
}

} // namespace

Value applyUnary(ast::UnaryOperator op, const Value &operand, std::string &error) {
  if (op == ast::UnaryOperator::Not) {
    if (auto *boolean = operand.as<bool>())
      return !*boolean;
    return fail(error, "'not' expects true or false, but got " + describe(operand));
  }
  if (auto *integer = operand.as<int64_t>())
    return integers(BinaryOperator::Subtract, 0, *integer, error);
  if (auto *real = operand.as<double>())
    return -*real;
  return fail(error, "'-' expects a number, but got " + describe(operand));
}

Value applyBinary(BinaryOperator op, const Value &left, const Value &right, std::string &error) {
  if (op == BinaryOperator::Equal)
    return left == right;
  if (op == BinaryOperator::NotEqual)
    return !(left == right);
  auto mismatch = [&](llvm::StringRef expected) {
    return fail(error, "'" + spelling(op) + "' expects two " + expected + ", but got " +
                           describe(left) + " and " + describe(right));
  };
  if (op >= BinaryOperator::Less && op <= BinaryOperator::GreaterEqual) {
    std::optional<int> order = compare(left, right);
    if (!order)
      return mismatch("numbers or strings");
    switch (op) {
    case BinaryOperator::Less:
      return *order < 0;
    case BinaryOperator::LessEqual:
      return *order <= 0;
    case BinaryOperator::Greater:
      return *order > 0;
    default:
      return *order >= 0;
    }
  }
  if (left.is<int64_t>() && right.is<int64_t>())
    return integers(op, *left.as<int64_t>(), *right.as<int64_t>(), error);
  if (left.number() && right.number())
    return floats(op, *left.number(), *right.number(), error);
  if (op == BinaryOperator::FloorDivide || op == BinaryOperator::Remainder)
    return mismatch("numbers");
  if (op != BinaryOperator::Add)
    return mismatch("numbers or tensors");
  if ((left.is<std::string>() && right.is<std::string>()) || (left.is<List>() && right.is<List>()))
    return concatenate(left, right, error);
  return mismatch("numbers, strings, lists or tensors");
}

} // namespace weir
