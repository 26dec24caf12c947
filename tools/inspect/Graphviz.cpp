//===- Graphviz.cpp - see Graphviz.h ---------------------------------------------------------===//

#include "tools/inspect/Graphviz.h"

#include "tools/Scratch.h"

#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

namespace weir {

bool hasGraphviz() { return bool(llvm::sys::findProgramByName("dot")); }

llvm::Expected<std::string> drawGraph(const std::string &dot, llvm::StringRef format,
                                      unsigned seconds) {
  const auto program = llvm::sys::findProgramByName("dot");
  if (!program)
    return llvm::createStringError(
        "there is no 'dot' on the PATH; Debian's package 'graphviz' brings it");
  const ScratchFolder scratch("weir-graph");
  if (scratch.error())
    return llvm::createStringError("cannot make a temporary folder: " + scratch.error().message());
  const std::string input = scratch.file("graph.dot"), output = scratch.file("drawing"),
                    messages = scratch.file("messages");
  std::error_code error;
  llvm::raw_fd_ostream(input, error) << dot;
  if (error)
    return llvm::createStringError("cannot write '" + input + "': " + error.message());
  const std::string option = ("-T" + format).str();
  std::string message;
  bool hasFailed = false;
  const int code = llvm::sys::ExecuteAndWait(
      *program, {*program, option, "-o", output, input}, std::nullopt,
      {std::nullopt, std::nullopt, llvm::StringRef(messages)}, seconds, 0, &message, &hasFailed);
  if (code == -2)
    return llvm::createStringError("'dot' took more than " + std::to_string(seconds) + " s");
  if (hasFailed || code != 0) {
    if (auto said = llvm::MemoryBuffer::getFile(messages))
      message += (*said)->getBuffer().trim().str();
    return llvm::createStringError("'dot' failed: " + message);
  }
  auto drawing = llvm::MemoryBuffer::getFile(output);
  if (!drawing)
    return llvm::createStringError("'dot' wrote nothing");
  return (*drawing)->getBuffer().str();
}

} // namespace weir
