// Parses declarations and statements.
//
// Each function that parses a statement or a declaration reports its own error and returns null;
// the loops over statements skip to the next line and go on. Expressions are in
// ParserExpressions.cpp.
#include "frontend/Parser.h"
#include "frontend/ParserBase.h"

namespace weir {

using namespace ast;

namespace {

class FileParser : public ExpressionParser {
public:
  using ExpressionParser::ExpressionParser;

  std::unique_ptr<File> parseFile();
  ExpressionPtr parseOnlyExpression();

private:
  // Declarations. They return false after they reported an error.
  bool parseVersion();
  bool parseDeclaration();
  bool parseImport();
  bool parseLet();
  bool parseFunction();
  bool parseNet();
  bool parseSettings(std::unique_ptr<Settings> &into);
  bool parseParameters(std::vector<Parameter> &parameters);

  // Statements.
  bool parseBlock(Block &block);
  StatementPtr parseStatement();
  std::optional<If> parseIf();
  std::optional<For> parseFor();
  bool expectEndOfStatement();

  /// Runs `parseOne` up to the closing brace of the block, skipping what it refuses.
  template <typename ParseOne> bool parseBraces(llvm::StringRef what, ParseOne parseOne);

  std::unique_ptr<File> file;
  unsigned blockDepth = 0;
};

std::unique_ptr<File> FileParser::parseFile() {
  file = std::make_unique<File>();
  file->source = tokens.file;
  file->hasSyntaxErrors = !is(TokenKind::Weir);
  if (!parseVersion()) {
    file->hasSyntaxErrors = true;
    return std::move(file);
  }
  while (!is(TokenKind::EndOfFile)) {
    statementStart = cursor;
    if (!parseDeclaration() || !expectEndOfStatement()) {
      file->hasSyntaxErrors = true;
      skipStatement();
      // A brace that closes nothing was reported with what came before it.
      while (takeIf(TokenKind::RightBrace)) {
      }
    }
  }
  return std::move(file);
}

ExpressionPtr FileParser::parseOnlyExpression() {
  ExpressionPtr value = parseExpression();
  if (value && !is(TokenKind::EndOfFile)) {
    unexpected("expects one value");
    return nullptr;
  }
  return value;
}

/// `weir 1`: files say which version of the language they are written in, so that the language may
/// grow.
bool FileParser::parseVersion() {
  if (!is(TokenKind::Weir)) {
    const Token &token = peek();
    std::string got = is(TokenKind::EndOfFile) ? "nothing" : "'" + tokens.text(token).str() + "'";
    diagnostics.error(range(token), "file expects the line 'weir 1' first, but got " + got);
    // Anything may follow, but if it looks like the language its other errors are of interest, too.
    return token.kind >= TokenKind::Weir && token.kind <= TokenKind::Quantize;
  }
  take();
  const Token &version = peek();
  if (!expect(TokenKind::Integer, "'weir' expects the version of the language"))
    return false;
  if (tokens.text(version) != "1") {
    diagnostics.error(range(version),
                      "this weir knows version 1 of the language, but got version " +
                          tokens.text(version));
    return false;
  }
  return expectEndOfStatement();
}

bool FileParser::parseDeclaration() {
  switch (peek().kind) {
  case TokenKind::Import:
    return parseImport();
  case TokenKind::Let:
    return parseLet();
  case TokenKind::Function:
    return parseFunction();
  case TokenKind::Net:
    return parseNet();
  case TokenKind::Train:
    return parseSettings(file->train);
  case TokenKind::Sweep:
    return parseSettings(file->sweep);
  case TokenKind::Quantize:
    return parseSettings(file->quantize);
  case TokenKind::Weir:
    diagnostics.error(range(peek()), "the version is given once, in the first line");
    return false;
  case TokenKind::RightBrace:
    diagnostics.error(range(peek()), "'}' closes nothing");
    return false;
  default:
    Diagnostic &error =
        unexpected("expects 'import', 'let', 'fn', 'net', 'train', 'sweep' or 'quantize'");
    error.suggest(tokens.text(peek()),
                  {"import", "let", "fn", "net", "train", "sweep", "quantize"});
    return false;
  }
}

bool FileParser::parseImport() {
  SourceRange first = range(take());
  if (!is(TokenKind::String)) {
    unexpected("'import' expects the path of a file, as in import \"mlp.weir\"");
    return false;
  }
  ExpressionPtr path = parseExpression();
  if (!path)
    return false;
  auto *literal = std::get_if<StringLiteral>(&path->node);
  if (!literal) {
    diagnostics.error(path->range, "'import' expects a path as a string");
    return false;
  }
  file->imports.push_back({literal->value, rangeFrom(first)});
  return true;
}

bool FileParser::parseLet() {
  take();
  auto name = expectName("'let' expects a name");
  if (!name || !expect(TokenKind::Assign, "'let' expects '=' and a value"))
    return false;
  ExpressionPtr value = parseExpression();
  if (!value)
    return false;
  file->lets.push_back(std::make_unique<Let>(Let{*name, std::move(value)}));
  return true;
}

bool FileParser::parseParameters(std::vector<Parameter> &parameters) {
  const Token &opening = peek();
  if (!expect(TokenKind::LeftParenthesis, "expects '(' and the parameters"))
    return false;
  return parseCommas(opening, TokenKind::RightParenthesis, [&] {
    auto name = expectName("expects the name of a parameter");
    if (!name)
      return false;
    Parameter parameter{*name, nullptr};
    for (const Parameter &earlier : parameters)
      if (earlier.name.text == name->text)
        diagnostics.error(name->range, "parameter '" + name->text + "' is declared twice")
            .note(earlier.name.range, "first declared here");
    if (takeIf(TokenKind::Colon)) {
      parameter.defaultValue = parseExpression();
      if (!parameter.defaultValue)
        return false;
    } else if (!parameters.empty() && parameters.back().defaultValue) {
      diagnostics.error(name->range, "parameter '" + name->text +
                                         "' expects a default, as the one before it has one");
    }
    parameters.push_back(std::move(parameter));
    return true;
  });
}

bool FileParser::parseFunction() {
  take();
  auto name = expectName("'fn' expects the name of the function");
  if (!name)
    return false;
  auto function = std::make_unique<Function>(Function{*name, {}, {}, file.get()});
  bool complete = parseParameters(function->parameters) && parseBlock(function->body);
  // A function with a broken body is still known by name: its callers are not wrong.
  file->functions.push_back(std::move(function));
  return complete;
}

bool FileParser::parseNet() {
  SourceRange keyword = range(take());
  auto name = expectName("'net' expects the name of the net");
  if (!name)
    return false;
  if (file->net)
    diagnostics.error(keyword, "file expects one net, but got a second one")
        .note(file->net->name.range, "the first one is '" + file->net->name.text + "'");
  std::vector<Parameter> parameters;
  if (!parseParameters(parameters))
    return false;
  if (parameters.size() != 1 || !parameters.front().defaultValue)
    diagnostics.error(name->range, "net expects one input with its shape, as in net " + name->text +
                                       "(image: [28, 28, 1])");
  file->hasSyntaxErrors |= parameters.empty() || !parameters.front().defaultValue;
  auto net = std::make_unique<Net>();
  net->name = *name;
  if (!parameters.empty()) {
    net->input = parameters.front().name;
    net->inputShape = std::move(parameters.front().defaultValue);
  }
  if (!parseBlock(net->body))
    return false;
  if (!file->net && net->inputShape)
    file->net = std::move(net);
  return true;
}

bool FileParser::parseSettings(std::unique_ptr<Settings> &into) {
  const Token &keyword = take();
  auto block = std::make_unique<Settings>();
  block->keyword = range(keyword);
  if (into)
    diagnostics
        .error(range(keyword),
               "file expects one '" + tokens.text(keyword) + "' block, but got a second one")
        .note(into->keyword, "the first one is here");

  bool complete = parseBraces(tokens.text(keyword), [&] {
    auto name = expectName("expects the name of a setting");
    if (!name || !expect(TokenKind::Colon, "setting expects ':' and a value"))
      return false;
    ExpressionPtr value = parseExpression();
    if (!value)
      return false;
    if (const Setting *earlier = block->find(name->text))
      diagnostics.error(name->range, "setting '" + name->text + "' is given twice")
          .note(earlier->name.range, "first given here");
    block->settings.push_back({*name, std::move(value)});
    return true;
  });
  if (!into)
    into = std::move(block);
  return complete;
}

template <typename ParseOne> bool FileParser::parseBraces(llvm::StringRef what, ParseOne parseOne) {
  const Token &opening = peek();
  if (!checkNesting(blockDepth + 1, range(opening)) ||
      !expect(TokenKind::LeftBrace, "'" + what + "' expects '{'"))
    return false;
  ++blockDepth;
  auto endsHere = [&] {
    return is(TokenKind::EndOfFile) || (peek().startsLine && peek().kind >= TokenKind::Import &&
                                        peek().kind <= TokenKind::Quantize);
  };
  while (!is(TokenKind::RightBrace) && !endsHere()) {
    statementStart = cursor;
    if (!parseOne() || !expectEndOfStatement()) {
      file->hasSyntaxErrors = true;
      skipStatement();
    }
  }
  --blockDepth;
  if (takeIf(TokenKind::RightBrace))
    return true;
  size_t start = std::exchange(statementStart, cursor); // name the token, not the line's end
  unexpected("'" + what + "' expects '}'").note(range(opening), "'{' was opened here");
  statementStart = start;
  return false;
}

bool FileParser::parseBlock(Block &block) {
  return parseBraces("block", [&] {
    StatementPtr statement = parseStatement();
    if (!statement)
      return false;
    block.push_back(std::move(statement));
    return true;
  });
}

StatementPtr FileParser::parseStatement() {
  SourceRange first = range(peek());
  auto finish = [&](auto node) {
    return StatementPtr(new Statement{rangeFrom(first), std::move(node)});
  };
  if (is(TokenKind::If)) {
    auto node = parseIf();
    return node ? finish(std::move(*node)) : nullptr;
  }
  if (is(TokenKind::For)) {
    auto node = parseFor();
    return node ? finish(std::move(*node)) : nullptr;
  }
  if (takeIf(TokenKind::Return)) {
    if (atEndOfStatement())
      return finish(Return{});
    ExpressionPtr value = parseExpression();
    return value ? finish(Return{std::move(value)}) : nullptr;
  }
  if (is(TokenKind::Name) && peek(1).kind == TokenKind::Assign) {
    auto target = expectName("");
    take();
    ExpressionPtr value = parseExpression();
    return value ? finish(Assignment{*target, std::move(value)}) : nullptr;
  }
  ExpressionPtr value = parseExpression();
  return value ? finish(ExpressionStatement{std::move(value)}) : nullptr;
}

std::optional<If> FileParser::parseIf() {
  If node;
  // An `else if` is the next round of this loop, so that long chains need no recursion.
  for (bool more = true; more;) {
    If::Branch branch;
    if (takeIf(TokenKind::If)) {
      branch.condition = parseExpression();
      if (!branch.condition)
        return std::nullopt;
    } else {
      more = false;
    }
    if (!parseBlock(branch.body))
      return std::nullopt;
    node.branches.push_back(std::move(branch));
    more = more && takeIf(TokenKind::Else);
  }
  return node;
}

std::optional<For> FileParser::parseFor() {
  take();
  For node;
  do {
    auto variable = expectName("'for' expects a name");
    if (!variable)
      return std::nullopt;
    node.variables.push_back(*variable);
  } while (takeIf(TokenKind::Comma));
  if (!expect(TokenKind::In, "'for' expects 'in' and a list"))
    return std::nullopt;
  node.list = parseExpression();
  if (!node.list || !parseBlock(node.body))
    return std::nullopt;
  return node;
}

bool FileParser::expectEndOfStatement() {
  if (atEndOfStatement())
    return true;
  unexpected("expects the end of the line");
  return false;
}

} // namespace

std::unique_ptr<File> parse(const TokenizedFile &tokens, Diagnostics &diagnostics) {
  return FileParser(tokens, diagnostics).parseFile();
}

ExpressionPtr parseExpression(const TokenizedFile &tokens, Diagnostics &diagnostics) {
  return FileParser(tokens, diagnostics).parseOnlyExpression();
}

} // namespace weir
