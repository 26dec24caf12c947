// Parses `--set name=value`. See Overrides.h.
#include "frontend/Overrides.h"
#include "frontend/Lexer.h"
#include "frontend/Parser.h"

namespace weir {

std::vector<Override> parseOverrides(llvm::ArrayRef<std::string> texts, Diagnostics &diagnostics) {
  std::vector<Override> overrides;
  for (const std::string &text : texts) {
    const SourceFile *file = diagnostics.sources.add("--set", text);
    auto [name, value] = file->text().split('=');
    SourceRange nameRange{file, 0, static_cast<uint32_t>(name.size())};
    if (name.trim().empty() || name.size() == text.size()) {
      diagnostics.error(nameRange, "--set expects name=value, but got '" + text + "'");
      continue;
    }
    TokenizedFile tokens = tokenize(file, diagnostics, name.size() + 1);
    if (ast::ExpressionPtr expression = parseExpression(tokens, diagnostics))
      overrides.push_back({name.trim(), nameRange, std::move(expression)});
  }
  return overrides;
}

} // namespace weir
