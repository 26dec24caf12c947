// What the two halves of the parser share: a cursor over the tokens, expectations, and recovery
// from errors.
//
// ExpressionParser derives from this, FileParser (declarations and statements, Parser.cpp) from
// ExpressionParser.
#pragma once

#include "frontend/Ast.h"
#include "frontend/Diagnostics.h"
#include "frontend/Lexer.h"

namespace weir {

class ParserBase {
public:
  ParserBase(const TokenizedFile &tokens, Diagnostics &diagnostics)
      : tokens(tokens), diagnostics(diagnostics) {}

protected:
  const Token &peek(unsigned ahead = 0) const {
    return tokens.tokens[std::min(cursor + ahead, tokens.tokens.size() - 1)];
  }
  bool is(TokenKind kind) const { return peek().kind == kind; }
  const Token &take() {
    const Token &token = peek();
    if (token.kind != TokenKind::EndOfFile)
      ++cursor;
    return token;
  }
  bool takeIf(TokenKind kind) {
    if (!is(kind))
      return false;
    take();
    return true;
  }

  /// True where a line has ended outside of brackets.
  bool atEndOfLine() const {
    return openBrackets == 0 && peek().startsLine && cursor != statementStart;
  }
  /// True where a statement ends: at the end of a line, a closing brace or the end of the file.
  bool atEndOfStatement() const {
    return atEndOfLine() || is(TokenKind::RightBrace) || is(TokenKind::EndOfFile);
  }

  SourceRange range(const Token &token) const { return tokens.range(token); }
  /// From `first` to the last token taken.
  SourceRange rangeFrom(SourceRange first) const {
    return first.through(range(tokens.tokens[cursor ? cursor - 1 : 0]));
  }

  /// Takes a token of this kind, or reports "expects `what`, but got …" and returns false.
  bool expect(TokenKind kind, const llvm::Twine &what);
  std::optional<ast::Identifier> expectName(const llvm::Twine &what);
  /// Reports the next token as unexpected; where the line has ended, the place is behind its last
  /// token.
  Diagnostic &unexpected(const llvm::Twine &what);

  /// Runs `parseOne` for each element up to `closing`, with commas between them; one may follow the
  /// last. The opening bracket is taken already.
  template <typename ParseOne>
  bool parseCommas(const Token &opening, TokenKind closing, ParseOne parseOne) {
    ++openBrackets;
    while (!is(closing)) {
      if (!parseOne())
        return false;
      if (!takeIf(TokenKind::Comma))
        break;
    }
    if (!expectClosing(closing, opening))
      return false;
    --openBrackets;
    return true;
  }

  /// Takes the closing bracket of a list, or reports what stands in its place and where the bracket
  /// was opened.
  bool expectClosing(TokenKind closing, const Token &opening);

  /// Skips to the start of the next line, over whole `{ }` blocks, but not out of the block this is
  /// in.
  void skipStatement();

  const TokenizedFile &tokens;
  Diagnostics &diagnostics;
  size_t cursor = 0;
  size_t statementStart = 0; // the token that the current statement began with
  unsigned openBrackets = 0; // of ( and [
};

/// Parses expressions. All functions return null after they reported an error.
class ExpressionParser : public ParserBase {
public:
  using ParserBase::ParserBase;

  /// expression = disjunction { "->" call }
  ast::ExpressionPtr parseExpression();

protected:
  /// Refuses nesting beyond ast::maximumNesting. Call it with the depth that would be entered.
  bool checkNesting(unsigned depth, SourceRange where);

private:
  ast::ExpressionPtr parseBinary(unsigned minimumPrecedence);
  ast::ExpressionPtr parseUnary();
  ast::ExpressionPtr parsePostfix();
  ast::ExpressionPtr parsePrimary();
  ast::ExpressionPtr parseNumber();
  ast::ExpressionPtr parseString();
  ast::ExpressionPtr parseList();
  ast::ExpressionPtr parseCall(ast::Identifier callee, ast::ExpressionPtr piped);
  bool parseArguments(std::vector<ast::Argument> &arguments);

  /// Builds a node over `children`, whose heights give its own.
  template <typename Node>
  ast::ExpressionPtr make(SourceRange range, Node node, unsigned childHeight = 0);

  unsigned depth = 0;
};

} // namespace weir
