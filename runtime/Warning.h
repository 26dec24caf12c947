// What a run says about a training that goes wrong, while it still goes on.
//
// Watch.cpp and CheckCommand.cpp make them; they are printed once on stderr and kept for the JSON
// document and the report. docs/learning.md explains every code.
#ifndef WEIR_RUNTIME_WARNING_H
#define WEIR_RUNTIME_WARNING_H

#include <string>
#include <vector>

namespace weir {

struct Warning {
  std::string code;          // "W201"
  std::string message;       // one sentence without a final stop
  std::string layer, source; // the layer's path and its line in the model; empty: the whole net
  std::vector<std::string> causes; // the likeliest first
};

/// "net.weir:7:5: warning: … [W201]" and a numbered line for each cause, each with its line end.
std::string warningText(const Warning &warning);

} // namespace weir

#endif
