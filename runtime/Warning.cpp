// Warnings as text; see Warning.h.
#include "runtime/Warning.h"

namespace weir {

std::string warningText(const Warning &warning) {
  std::string text = (warning.source.empty() ? "" : warning.source + ": ") +
                     "warning: " + warning.message + " [" + warning.code + "]\n";
  for (size_t i = 0; i < warning.causes.size(); ++i)
    text += "  " + std::to_string(i + 1) + ". " + warning.causes[i] + "\n";
  return text;
}

} // namespace weir
