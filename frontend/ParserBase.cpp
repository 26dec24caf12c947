// The parser's cursor: expectations with messages that say what stands there instead, and recovery.
#include "frontend/ParserBase.h"

namespace weir {

Diagnostic &ParserBase::unexpected(const llvm::Twine &what) {
  const Token &token = peek();
  if (is(TokenKind::EndOfFile) || atEndOfLine()) {
    uint32_t end = cursor ? tokens.tokens[cursor - 1].end : token.begin;
    bool fileEnds = is(TokenKind::EndOfFile);
    return diagnostics.error({tokens.file, end, end},
                             what + ", but got the end of the " + (fileEnds ? "file" : "line"));
  }
  llvm::StringRef text = tokens.text(token);
  return diagnostics.error(range(token), token.kind == TokenKind::String || text.size() > 60
                                             ? what + ", but got " + spelling(token.kind)
                                             : what + ", but got '" + text + "'");
}

bool ParserBase::expect(TokenKind kind, const llvm::Twine &what) {
  if (takeIf(kind))
    return true;
  unexpected(what);
  return false;
}

std::optional<ast::Identifier> ParserBase::expectName(const llvm::Twine &what) {
  const Token &token = peek();
  if (token.kind == TokenKind::Name) {
    take();
    return ast::Identifier{tokens.text(token), range(token)};
  }
  Diagnostic &error = unexpected(what);
  if (isKeyword(token.kind))
    error.note(range(token), "'" + tokens.text(token) + "' is a reserved word");
  return std::nullopt;
}

bool ParserBase::expectClosing(TokenKind closing, const Token &opening) {
  if (takeIf(closing))
    return true;
  Diagnostic &error = unexpected("expects ',' or '" + spelling(closing) + "'");
  error.note(range(opening), "'" + tokens.text(opening) + "' was opened here");
  return false;
}

void ParserBase::skipStatement() {
  openBrackets = 0;
  unsigned braces = 0;
  for (; !is(TokenKind::EndOfFile); take()) {
    bool isNewLine = peek().startsLine && cursor != statementStart;
    if (braces == 0 && (isNewLine || is(TokenKind::RightBrace)))
      return;
    // A top-level word at the start of a line: an unclosed brace must not swallow the rest of the
    // file.
    if (isNewLine && peek().kind >= TokenKind::Weir && peek().kind <= TokenKind::Quantize)
      return;
    if (is(TokenKind::LeftBrace))
      ++braces;
    else if (is(TokenKind::RightBrace))
      --braces;
  }
}

} // namespace weir
