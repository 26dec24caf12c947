// Lexer: text -> tokens and comments.
//
// Newlines are no tokens. Each token knows whether it is the first of its line and the parser ends
// a statement there, unless it is inside brackets. Comments are kept beside the tokens for the
// formatter. The parser comes after.
#pragma once

#include "frontend/Diagnostics.h"
#include "frontend/Source.h"

#include <vector>

namespace weir {

enum class TokenKind : uint8_t {
#define TOKEN(NAME, SPELLING) NAME,
#include "frontend/Tokens.def"
};

/// How a kind is written ("->", "fn"), or what it is called ("a name") where the spelling varies.
llvm::StringRef spelling(TokenKind kind);
/// True for the kinds that are reserved words.
bool isKeyword(TokenKind kind);

struct Token {
  TokenKind kind;
  bool startsLine; // first on its line
  uint32_t begin, end;
};

/// `# …` up to the end of the line, without trailing blanks.
struct Comment {
  bool startsLine; // no token before it on its line
  uint32_t begin, end;
};

struct TokenizedFile {
  const SourceFile *file;
  std::vector<Token> tokens; // the last one is EndOfFile
  std::vector<Comment> comments;

  llvm::StringRef text(const Token &token) const {
    return file->text().slice(token.begin, token.end);
  }
  SourceRange range(const Token &token) const { return {file, token.begin, token.end}; }
};

/// Splits `file` from byte `start` on. Characters that belong to no token are reported and skipped.
TokenizedFile tokenize(const SourceFile *file, Diagnostics &diagnostics, uint32_t start = 0);

/// Whether the token `index` is the '%' of a literal such as `0.3%`: it stands behind a number and
/// no operand follows, so that it cannot be a remainder's. `inBrackets`: line ends do not count
/// there.
bool isPercentSign(const TokenizedFile &tokens, size_t index, bool inBrackets);

} // namespace weir
