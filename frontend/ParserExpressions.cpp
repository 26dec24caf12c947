// Parses expressions by precedence climbing.
//
// From loose to tight: ->, or, and, comparison, + -, * / // %, unary - and not, call and index and
// property. Trees are kept at most ast::maximumNesting high so that everything after may walk them
// recursively.
#include "frontend/ParserBase.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

namespace weir {

using namespace ast;
using llvm::StringRef;

namespace {

struct OperatorInfo {
  TokenKind token;
  BinaryOperator op;
  unsigned precedence;
};

constexpr unsigned comparisonPrecedence = 4;
constexpr OperatorInfo binaryOperators[] = {
    {TokenKind::Or, BinaryOperator::Or, 1},
    {TokenKind::And, BinaryOperator::And, 2},
    // 3 is the place of 'not', see parseUnary
    {TokenKind::Equal, BinaryOperator::Equal, comparisonPrecedence},
    {TokenKind::NotEqual, BinaryOperator::NotEqual, comparisonPrecedence},
    {TokenKind::Less, BinaryOperator::Less, comparisonPrecedence},
    {TokenKind::LessEqual, BinaryOperator::LessEqual, comparisonPrecedence},
    {TokenKind::Greater, BinaryOperator::Greater, comparisonPrecedence},
    {TokenKind::GreaterEqual, BinaryOperator::GreaterEqual, comparisonPrecedence},
    {TokenKind::Plus, BinaryOperator::Add, 5},
    {TokenKind::Minus, BinaryOperator::Subtract, 5},
    {TokenKind::Star, BinaryOperator::Multiply, 6},
    {TokenKind::Slash, BinaryOperator::Divide, 6},
    {TokenKind::DoubleSlash, BinaryOperator::FloorDivide, 6},
    {TokenKind::Percent, BinaryOperator::Remainder, 6},
};

const OperatorInfo *findOperator(TokenKind kind) {
  const auto *found =
      llvm::find_if(binaryOperators, [&](auto &info) { return info.token == kind; });
  return found == std::end(binaryOperators) ? nullptr : found;
}

} // namespace

template <typename Node>
ExpressionPtr ExpressionParser::make(SourceRange range, Node node, unsigned childHeight) {
  if (!checkNesting(childHeight + 1, range))
    return nullptr;
  return ExpressionPtr(new Expression{range, childHeight + 1, std::move(node)});
}

bool ExpressionParser::checkNesting(unsigned depth, SourceRange where) {
  if (depth <= maximumNesting)
    return true;
  diagnostics.error({where.file, where.begin, where.begin + 1}, "nesting expects at most " +
                                                                    llvm::Twine(maximumNesting) +
                                                                    " levels, but got more");
  return false;
}

ExpressionPtr ExpressionParser::parseExpression() {
  // Brackets, lists and arguments all come back through here, so this is where depth is counted.
  if (!checkNesting(++depth, range(peek()))) {
    --depth;
    return nullptr;
  }
  ExpressionPtr value = parseBinary(0);
  // A line that starts with '->' continues the one before it.
  while (value && takeIf(TokenKind::Arrow)) {
    auto callee = expectName("'->' expects the name of a function");
    value = callee ? parseCall(*callee, std::move(value)) : nullptr;
  }
  --depth;
  return value;
}

ExpressionPtr ExpressionParser::parseBinary(unsigned minimumPrecedence) {
  ExpressionPtr left = parseUnary();
  bool compared = false;
  while (left && !atEndOfStatement()) {
    const OperatorInfo *info = findOperator(peek().kind);
    if (!info || info->precedence < minimumPrecedence)
      break;
    SourceRange opRange = range(take());
    if (info->precedence == comparisonPrecedence && std::exchange(compared, true)) {
      diagnostics.error(opRange, "comparisons cannot be chained, write 'a < b and b < c'");
      return nullptr;
    }
    ExpressionPtr right = parseBinary(info->precedence + 1);
    if (!right)
      return nullptr;
    unsigned height = std::max(left->height, right->height);
    SourceRange whole = left->range.through(right->range);
    left =
        make(whole, BinaryOperation{info->op, opRange, std::move(left), std::move(right)}, height);
  }
  return left;
}

ExpressionPtr ExpressionParser::parseUnary() {
  SourceRange first = range(peek());
  bool negate = is(TokenKind::Minus);
  if (!negate && !is(TokenKind::Not))
    return parsePostfix();
  take();
  if (!checkNesting(++depth, first)) {
    --depth;
    return nullptr;
  }
  // 'not' binds looser than comparisons, '-' tighter than everything but calls.
  ExpressionPtr operand = negate ? parseUnary() : parseBinary(comparisonPrecedence - 1);
  --depth;
  if (!operand)
    return nullptr;
  unsigned height = operand->height;
  auto op = negate ? UnaryOperator::Negate : UnaryOperator::Not;
  return make(rangeFrom(first), UnaryOperation{op, std::move(operand)}, height);
}

ExpressionPtr ExpressionParser::parsePostfix() {
  ExpressionPtr value = parsePrimary();
  while (value && !atEndOfStatement()) {
    SourceRange first = value->range;
    if (is(TokenKind::LeftBracket)) {
      const Token &opening = take();
      ++openBrackets;
      ExpressionPtr index = parseExpression();
      if (!index || !expectClosing(TokenKind::RightBracket, opening))
        return nullptr;
      --openBrackets;
      unsigned height = std::max(value->height, index->height);
      value = make(rangeFrom(first), IndexAccess{std::move(value), std::move(index)}, height);
    } else if (takeIf(TokenKind::Dot)) {
      auto property = expectName("'.' expects the name of a property");
      if (!property)
        return nullptr;
      unsigned height = value->height;
      value = make(rangeFrom(first), PropertyAccess{std::move(value), *property}, height);
    } else if (is(TokenKind::LeftParenthesis)) {
      diagnostics.error(value->range, "only a name can be called");
      return nullptr;
    } else {
      break;
    }
  }
  return value;
}

ExpressionPtr ExpressionParser::parsePrimary() {
  const Token &token = peek();
  if (atEndOfStatement()) {
    unexpected("expects a value");
    return nullptr;
  }
  switch (token.kind) {
  case TokenKind::Integer:
  case TokenKind::Float:
    return parseNumber();
  case TokenKind::String:
    return parseString();
  case TokenKind::True:
  case TokenKind::False:
    take();
    return make(range(token), BooleanLiteral{token.kind == TokenKind::True});
  case TokenKind::None:
    take();
    return make(range(token), NoneLiteral{});
  case TokenKind::LeftBracket:
    return parseList();
  case TokenKind::LeftParenthesis: {
    take();
    ++openBrackets;
    ExpressionPtr inner = parseExpression();
    if (!inner)
      return nullptr;
    if (!is(TokenKind::RightParenthesis)) {
      unexpected("expects ')'").note(range(token), "'(' was opened here");
      return nullptr;
    }
    --openBrackets;
    take();
    return inner;
  }
  case TokenKind::Name: {
    take();
    Identifier name{tokens.text(token), range(token)};
    if (is(TokenKind::LeftParenthesis) && !atEndOfStatement())
      return parseCall(name, nullptr);
    return make(name.range, NameReference{name.text});
  }
  default:
    unexpected("expects a value");
    return nullptr;
  }
}

ExpressionPtr ExpressionParser::parseNumber() {
  const Token &token = take();
  StringRef text = tokens.text(token);
  if (isPercentSign(tokens, cursor, openBrackets > 0)) {
    take();
    double percent = 0;
    if (!text.getAsDouble(percent) && std::isfinite(percent))
      return make(rangeFrom(range(token)), FloatLiteral{percent / 100});
  } else if (token.kind == TokenKind::Integer) {
    int64_t value;
    if (!text.getAsInteger(10, value))
      return make(range(token), IntegerLiteral{value});
    diagnostics.error(range(token), "integer expects at most 64 bits, but got more");
    return nullptr;
  }
  double value = 0;
  if (!text.getAsDouble(value) && std::isfinite(value))
    return make(range(token), FloatLiteral{value});
  diagnostics.error(range(token), "number expects at most 1.8e308, but got more");
  return nullptr;
}

ExpressionPtr ExpressionParser::parseString() {
  const Token &token = take();
  StringRef text = tokens.text(token).drop_front();
  text.consume_back("\""); // missing after an error of the lexer
  std::string value;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      value += text[i];
      continue;
    }
    char escape = ++i < text.size() ? text[i] : '\0';
    if (size_t index = StringRef("nt\"\\").find(escape); index != StringRef::npos && escape) {
      value += "\n\t\"\\"[index];
      continue;
    }
    uint32_t at = token.begin + i;
    diagnostics.error({tokens.file, at, at + 1},
                      "string knows the escapes \\n, \\t, \\\" and \\\\ only");
    return nullptr;
  }
  return make(range(token), StringLiteral{std::move(value)});
}

ExpressionPtr ExpressionParser::parseList() {
  const Token &opening = take();
  ListLiteral list;
  unsigned height = 0;
  bool complete = parseCommas(opening, TokenKind::RightBracket, [&] {
    ExpressionPtr element = parseExpression();
    if (!element)
      return false;
    height = std::max(height, element->height);
    list.elements.push_back(std::move(element));
    return true;
  });
  if (!complete)
    return nullptr;
  return make(rangeFrom(range(opening)), std::move(list), height);
}

ExpressionPtr ExpressionParser::parseCall(Identifier callee, ExpressionPtr piped) {
  Call call{callee, {}, piped != nullptr};
  SourceRange first = piped ? piped->range : callee.range;
  if (piped)
    call.arguments.push_back({std::nullopt, std::move(piped)});
  if (is(TokenKind::LeftParenthesis) && !atEndOfStatement() && !parseArguments(call.arguments))
    return nullptr;
  unsigned height = 0;
  for (const Argument &argument : call.arguments)
    height = std::max(height, argument.value->height);
  return make(rangeFrom(first), std::move(call), height);
}

bool ExpressionParser::parseArguments(std::vector<Argument> &arguments) {
  bool named = false;
  return parseCommas(take(), TokenKind::RightParenthesis, [&] {
    Argument argument;
    if (is(TokenKind::Name) && peek(1).kind == TokenKind::Colon) {
      argument.name = expectName("");
      take();
      for (const Argument &earlier : arguments)
        if (earlier.name && earlier.name->text == argument.name->text)
          diagnostics
              .error(argument.name->range, "argument '" + argument.name->text + "' is given twice")
              .note(earlier.name->range, "first given here");
      named = true;
    } else if (named) {
      unexpected("expects a named argument after a named one");
      return false;
    }
    argument.value = parseExpression();
    if (!argument.value)
      return false;
    arguments.push_back(std::move(argument));
    return true;
  });
}

} // namespace weir
