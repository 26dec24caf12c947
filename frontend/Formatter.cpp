// Lays tokens and comments out again.
//
// First the pieces (tokens and comments in order of the text) are joined into lines: the author's
// line breaks, plus one behind every '{' and around every '}'. Then blank lines are put between
// them: those of the author, at most one in a row, and one before each fn, net, train, sweep and
// quantize. Comments behind code are aligned within a run of lines.
#include "frontend/Formatter.h"
#include "frontend/Lexer.h"
#include "frontend/Parser.h"

#include "llvm/ADT/StringExtras.h"

#include <algorithm>

namespace weir {

using llvm::StringRef;

namespace {

struct Line {
  unsigned indent = 0;
  std::string code;
  std::string comment;
  TokenKind first = TokenKind::EndOfFile; // kind of the first token, EndOfFile for a comment
  bool blankBefore = false;
};

class Formatter {
public:
  explicit Formatter(const TokenizedFile &file) : file(file) {}

  std::string run() {
    auto comment = file.comments.begin();
    for (const Token &token : file.tokens) {
      isPercent =
          isPercentSign(file, static_cast<size_t>(&token - file.tokens.data()), brackets > 0);
      for (; comment != file.comments.end() && comment->begin < token.begin; ++comment)
        addComment(*comment);
      if (token.kind != TokenKind::EndOfFile)
        addToken(token);
    }
    separateDeclarations();
    alignComments();
    return print();
  }

private:
  Line &startLine(uint32_t begin) {
    Line line;
    line.blankBefore = !lines.empty() && newlinesBefore(begin) > 1;
    lines.push_back(line);
    return lines.back();
  }

  size_t newlinesBefore(uint32_t begin) const {
    StringRef before = file.file->text().take_front(begin);
    return before.drop_front(before.rtrim().size()).count('\n');
  }

  void addComment(const Comment &comment) {
    if (comment.startsLine || lines.empty() || lineIsFull) {
      startLine(comment.begin);
      ++waitingComments;
    }
    lines.back().comment = file.file->text().slice(comment.begin, comment.end).str();
    lineIsFull = true;
  }

  void addToken(const Token &token) {
    if (lines.empty() || lineIsFull || breaksBefore(token))
      startTokenLine(token);
    else if (wantsBlank(token))
      lines.back().code += ' ';
    lines.back().code += file.text(token);

    isSign = token.kind == TokenKind::Minus && !endsValue(before);
    before = token.kind;
    if (token.kind == TokenKind::LeftBrace)
      ++braces;
    else if (token.kind == TokenKind::RightBrace)
      --braces;
    else if (token.kind == TokenKind::LeftParenthesis || token.kind == TokenKind::LeftBracket)
      ++brackets;
    else if (token.kind == TokenKind::RightParenthesis || token.kind == TokenKind::RightBracket)
      --brackets;
  }

  bool breaksBefore(const Token &token) const {
    // `} else if {` stays together, an empty block is `{}`.
    if ((before == TokenKind::RightBrace && token.kind == TokenKind::Else) ||
        (before == TokenKind::Else && token.kind == TokenKind::If) ||
        (before == TokenKind::LeftBrace && token.kind == TokenKind::RightBrace))
      return false;
    return token.startsLine || token.kind == TokenKind::RightBrace ||
           before == TokenKind::LeftBrace || before == TokenKind::RightBrace;
  }

  void startTokenLine(const Token &token) {
    bool closes = token.kind == TokenKind::RightBrace || token.kind == TokenKind::RightBracket ||
                  token.kind == TokenKind::RightParenthesis;
    if (brackets == 0)
      inPipe = token.kind == TokenKind::Arrow;
    Line &line = startLine(token.begin);
    line.first = token.kind;
    // Each open bracket and a pipe that began on its own line add a level; what closes stands one
    // level out.
    line.indent = braces + brackets + inPipe - closes;
    if (closes)
      line.blankBefore = false;
    for (size_t i = lines.size() - 1; waitingComments > 0; --waitingComments)
      lines[--i].indent = line.indent + closes;
    lineIsFull = false;
  }

  static bool endsValue(TokenKind kind) {
    switch (kind) {
    case TokenKind::Name:
    case TokenKind::Integer:
    case TokenKind::Float:
    case TokenKind::String:
    case TokenKind::True:
    case TokenKind::False:
    case TokenKind::None:
    case TokenKind::RightParenthesis:
    case TokenKind::RightBracket:
      return true;
    default:
      return false;
    }
  }

  /// Whether a blank stands between the token before and this one of the same line.
  bool wantsBlank(const Token &token) const {
    switch (token.kind) {
    case TokenKind::Comma:
    case TokenKind::Colon:
    case TokenKind::Dot:
    case TokenKind::RightParenthesis:
    case TokenKind::RightBracket:
      return false;
    case TokenKind::LeftParenthesis:
      if (before == TokenKind::Name)
        return false;
      break;
    case TokenKind::LeftBracket:
      if (endsValue(before))
        return false;
      break;
    case TokenKind::RightBrace:
      return before != TokenKind::LeftBrace;
    case TokenKind::Percent:
      if (isPercent)
        return false;
      break;
    default:
      break;
    }
    return !isSign && before != TokenKind::LeftParenthesis && before != TokenKind::LeftBracket &&
           before != TokenKind::Dot;
  }

  void separateDeclarations() {
    for (size_t i = 1; i < lines.size(); ++i) {
      // Nothing stands apart at the start of a block or of brackets.
      if (StringRef(lines[i - 1].code).ends_with("{") && lines[i - 1].comment.empty())
        lines[i].blankBefore = false;
      // These words are reserved, so that they start nothing but a declaration.
      bool isBlock = lines[i].first >= TokenKind::Function && lines[i].first <= TokenKind::Quantize;
      if (!isBlock || lines[i].blankBefore)
        continue;
      // The comment right above belongs to the declaration.
      size_t start = i;
      while (start > 0 && lines[start - 1].code.empty() && !lines[start].blankBefore)
        --start;
      lines[start].blankBefore = start > 0;
    }
  }

  void alignComments() {
    for (size_t begin = 0, end; begin < lines.size(); begin = end) {
      end = begin + 1;
      if (lines[begin].comment.empty() || lines[begin].code.empty())
        continue;
      auto width = [&](size_t i) { return 2 * lines[i].indent + columns(lines[i].code); };
      size_t widest = width(begin);
      while (end < lines.size() && !lines[end].comment.empty() && !lines[end].code.empty() &&
             !lines[end].blankBefore && lines[end].indent == lines[begin].indent)
        widest = std::max(widest, width(end++));
      for (size_t i = begin; i < end; ++i)
        lines[i].code.append(widest - width(i) + 2, ' ');
    }
  }

  static size_t columns(StringRef text) {
    return llvm::count_if(text, [](char c) { return (c & 0xC0) != 0x80; });
  }

  std::string print() const {
    std::string text;
    for (const Line &line : lines) {
      if (line.blankBefore)
        text += '\n';
      text.append(2 * line.indent, ' ');
      text += line.code + line.comment + '\n';
    }
    return text;
  }

  const TokenizedFile &file;
  std::vector<Line> lines;
  unsigned braces = 0, brackets = 0;       // open at this point
  bool inPipe = false;                     // the statement goes on behind a '->' that began a line
  TokenKind before = TokenKind::EndOfFile; // the kind of the token before
  bool isSign = false;                     // that token is the sign of a number
  bool isPercent = false;                  // this token is the '%' of `0.3%`
  bool lineIsFull = false;                 // the last line ends with a comment
  unsigned waitingComments = 0;            // lines at the end that take the next line's indentation
};

} // namespace

std::optional<std::string> formatSource(const SourceFile *file, Diagnostics &diagnostics) {
  TokenizedFile tokens = tokenize(file, diagnostics);
  parse(tokens, diagnostics);
  if (diagnostics.hasErrors())
    return std::nullopt;
  return Formatter(tokens).run();
}

} // namespace weir
