// Shortcuts for tests that go all the way into the dialect: a program's module as text, or its
// errors.
#pragma once

#include "Helpers.h"
#include "frontend/Frontend.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Verifier.h"

#include <gtest/gtest.h>

namespace weir::test {

/// The module of `source` as text, without locations, or its errors.
inline std::string lowered(const std::string &source,
                           CompileOptions options = {.sets = {}, .inferBatches = {2}}) {
  Diagnostics diagnostics;
  auto program = parseText("t.weir", "weir 1\n" + source, diagnostics);
  if (!program->isWhole)
    return printed(diagnostics);
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  auto module = lowerToDialect(*program, context, options, diagnostics);
  if (!module)
    return printed(diagnostics);
  EXPECT_TRUE(succeeded(mlir::verify(*module)));
  EXPECT_FALSE(diagnostics.hasErrors());
  std::string text;
  llvm::raw_string_ostream os(text);
  module->print(os);
  return text;
}

/// A net around the statements `body` that must leave their result in `x`.
inline std::string net(const std::string &body, const std::string &before = "") {
  return before + "\nnet n(x: [4, 4, 1]) {\n" + body + "\n  return x -> flatten -> dense(3)\n}\n";
}

inline const std::string train = R"(
train {
  data: "mnist"
  loss: cross_entropy
  optimizer: nadam(learning_rate: 0.01)
  batch: 8
  epochs: 2
}
)";

#define EXPECT_HAS(text, part)                                                                     \
  do {                                                                                             \
    std::string whole = (text);                                                                    \
    EXPECT_NE(whole.find(part), std::string::npos) << whole;                                       \
  } while (false)

} // namespace weir::test
