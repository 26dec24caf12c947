// Parser: tokens -> syntax tree of one file, by recursive descent.
//
// After an error the parser skips to the next statement and goes on, so that one run shows several
// errors. The grammar is in docs/language.md. Lexer comes before; Program, which follows imports,
// after.
#pragma once

#include "frontend/Ast.h"
#include "frontend/Diagnostics.h"
#include "frontend/Lexer.h"

namespace weir {

/// Parses a whole file. The tree holds what could be understood; ask `diagnostics` whether that is
/// all of it.
std::unique_ptr<ast::File> parse(const TokenizedFile &tokens, Diagnostics &diagnostics);

/// Parses one expression that must reach to the end of the text, as the value of `--set`. Null
/// after an error.
ast::ExpressionPtr parseExpression(const TokenizedFile &tokens, Diagnostics &diagnostics);

} // namespace weir
