//===- FuzzNet.cpp - see FuzzNet.h -----------------------------------------------------------===//

#include "tools/fuzz/FuzzNet.h"

#include <fmt/core.h>

namespace weir {

static std::string valueName(size_t value) {
  return value == 0 ? "image" : "v" + std::to_string(value);
}

static std::string callText(const FuzzCall &call) {
  std::string text;
  for (const size_t input : call.inputs)
    text += (text.empty() ? "" : ", ") + valueName(input);
  for (const auto &[name, value] : call.arguments)
    text += (text.empty() ? "" : ", ") + name + ": " + value;
  return call.op + (text.empty() && call.inputs.empty() ? "" : "(" + text + ")");
}

std::string FuzzNet::text() const {
  std::string text =
      fmt::format("weir 1\n\nnet fuzzed(image: [{}, {}, {}]) {{\n", image[0], image[1], image[2]);
  for (size_t i = 0; i < calls.size(); ++i)
    text += fmt::format("  {} = {}\n", valueName(i + 1), callText(calls[i]));
  text += fmt::format("  return {} -> flatten -> dense({})\n}}\n", valueName(result), classes);
  if (!trains())
    return text;
  text += fmt::format("\ntrain {{\n  data: \"mnist\"\n  loss: {}\n  optimizer: {}\n  batch: {}\n",
                      callText(loss), callText(optimizer), batch);
  for (const std::string &setting : settings)
    text += "  " + setting + "\n";
  return text + "}\n";
}

} // namespace weir
