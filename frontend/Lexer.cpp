// Splits source text into tokens, by one pass over the bytes.
//
// The text is valid UTF-8 (see Source.cpp), which may stand in comments and strings; everything
// else is ASCII.
#include "frontend/Lexer.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"

namespace weir {

using llvm::StringRef;

StringRef spelling(TokenKind kind) {
  static constexpr StringRef spellings[] = {
#define TOKEN(NAME, SPELLING) SPELLING,
#include "frontend/Tokens.def"
  };
  return spellings[static_cast<size_t>(kind)];
}

bool isKeyword(TokenKind kind) { return kind >= TokenKind::Weir; }

namespace {

bool startsName(char c) { return llvm::isAlpha(c) || c == '_'; }
bool continuesName(char c) { return llvm::isAlnum(c) || c == '_'; }

class Lexer {
public:
  Lexer(const SourceFile *file, Diagnostics &diagnostics, uint32_t start)
      : text(file->text()), diagnostics(diagnostics), offset(start), result{file, {}, {}} {}

  TokenizedFile run() {
    if (offset == 0 && text.starts_with("\xEF\xBB\xBF")) // a byte order mark, as some editors write
      offset = 3;
    while (skipBlanks())
      next();
    add(TokenKind::EndOfFile, offset);
    return std::move(result);
  }

private:
  /// Skips blanks, line ends and comments. False at the end of the text.
  bool skipBlanks() {
    for (; offset < text.size(); ++offset) {
      char c = text[offset];
      if (c == '\n') {
        atLineStart = true;
      } else if (c == '#') {
        uint32_t end = std::min(text.find('\n', offset), text.size());
        StringRef comment = text.slice(offset, end).rtrim();
        result.comments.push_back(
            {atLineStart, offset, static_cast<uint32_t>(offset + comment.size())});
        offset = end - 1;
      } else if (c != ' ' && c != '\t' && c != '\r') {
        return true;
      }
    }
    return false;
  }

  void next() {
    uint32_t begin = offset;
    char c = text[offset];
    if (startsName(c)) {
      while (offset < text.size() && continuesName(text[offset]))
        ++offset;
      add(nameOrKeyword(text.slice(begin, offset)), begin);
    } else if (llvm::isDigit(c)) {
      number();
    } else if (c == '"') {
      string();
    } else if (TokenKind kind = punctuation(); kind != TokenKind::EndOfFile) {
      add(kind, begin);
    } else {
      unknown();
    }
  }

  static TokenKind nameOrKeyword(StringRef word) {
    return llvm::StringSwitch<TokenKind>(word)
#define TOKEN(NAME, SPELLING)
#define KEYWORD(NAME, SPELLING) .Case(SPELLING, TokenKind::NAME)
#include "frontend/Tokens.def"
        .Default(TokenKind::Name);
  }

  /// `12`, `1.5`, `1e-3`. A dot belongs to the number only if a digit follows.
  void number() {
    uint32_t begin = offset;
    TokenKind kind = TokenKind::Integer;
    auto digits = [&] {
      while (llvm::isDigit(at(offset)))
        ++offset;
    };
    digits();
    if (at(offset) == '.' && llvm::isDigit(at(offset + 1))) {
      kind = TokenKind::Float;
      ++offset;
      digits();
    }
    if (at(offset) == 'e' || at(offset) == 'E') {
      uint32_t exponent = offset + 1;
      if (at(exponent) == '+' || at(exponent) == '-')
        ++exponent;
      if (llvm::isDigit(at(exponent))) {
        kind = TokenKind::Float;
        offset = exponent;
        digits();
      }
    }
    if (continuesName(at(offset))) {
      while (continuesName(at(offset)))
        ++offset;
      report(begin, "'" + text.slice(begin, offset) + "' is neither a number nor a name");
    }
    add(kind, begin);
  }

  /// `"…"` on one line. The parser translates the escapes.
  void string() {
    uint32_t begin = offset++;
    while (offset < text.size() && text[offset] != '"' && text[offset] != '\n') {
      if (text[offset] == '\\' && at(offset + 1) != '\n')
        ++offset;
      ++offset;
    }
    offset = std::min<uint32_t>(offset, text.size());
    if (at(offset) == '"')
      ++offset;
    else
      report(begin, "string expects a closing '\"' on the same line");
    add(TokenKind::String, begin);
  }

  TokenKind punctuation() {
    TokenKind best = TokenKind::EndOfFile;
    size_t length = 0;
    StringRef rest = text.drop_front(offset);
    for (auto kind = TokenKind::LeftParenthesis; kind < TokenKind::Weir;
         kind = static_cast<TokenKind>(static_cast<int>(kind) + 1)) {
      StringRef candidate = spelling(kind);
      if (candidate.size() > length && rest.starts_with(candidate)) {
        best = kind;
        length = candidate.size();
      }
    }
    offset += length;
    return best;
  }

  /// One error for a run of characters that mean nothing.
  void unknown() {
    uint32_t begin = offset;
    char first = text[offset];
    auto meansNothing = [&](char c) {
      return !llvm::isSpace(c) && !continuesName(c) && c != '"' && c != '#' &&
             !StringRef("()[]{},:.=+-*/%<>").contains(c);
    };
    do
      ++offset;
    while (offset < text.size() && meansNothing(text[offset]));
    uint32_t shown = std::min(offset, begin + 32);
    while (shown < offset && (text[shown] & 0xC0) == 0x80) // do not cut a character
      ++shown;
    if (first == '\'')
      report(begin, "strings are written in double quotes");
    else if (first == ';')
      report(begin, "statements end with their line and need no ';'");
    else
      report(begin, "'" + text.slice(begin, shown) + "' means nothing in this language");
  }

  char at(size_t where) const { return where < text.size() ? text[where] : '\0'; }

  void add(TokenKind kind, uint32_t begin) {
    result.tokens.push_back({kind, atLineStart, begin, offset});
    atLineStart = false;
  }

  void report(uint32_t begin, const llvm::Twine &message) {
    diagnostics.error({result.file, begin, offset}, message);
  }

  StringRef text;
  Diagnostics &diagnostics;
  uint32_t offset;
  bool atLineStart = true;
  TokenizedFile result;
};

} // namespace

TokenizedFile tokenize(const SourceFile *file, Diagnostics &diagnostics, uint32_t start) {
  return Lexer(file, diagnostics, start).run();
}

static bool beginsOperand(TokenKind kind) {
  switch (kind) {
  case TokenKind::Name:
  case TokenKind::Integer:
  case TokenKind::Float:
  case TokenKind::String:
  case TokenKind::True:
  case TokenKind::False:
  case TokenKind::None:
  case TokenKind::Not:
  case TokenKind::Minus:
  case TokenKind::LeftParenthesis:
  case TokenKind::LeftBracket:
    return true;
  default:
    return false;
  }
}

bool isPercentSign(const TokenizedFile &tokens, size_t index, bool inBrackets) {
  const std::vector<Token> &all = tokens.tokens;
  if (index == 0 || all[index].kind != TokenKind::Percent)
    return false;
  const TokenKind before = all[index - 1].kind;
  const Token &after = all[index + 1]; // EndOfFile at the latest
  return (before == TokenKind::Integer || before == TokenKind::Float) &&
         (inBrackets || !all[index].startsLine) &&
         (!beginsOperand(after.kind) || (after.startsLine && !inBrackets));
}

} // namespace weir
