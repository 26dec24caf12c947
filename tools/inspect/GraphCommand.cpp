//===- GraphCommand.cpp - `weir graph`: a figure of the net ----------------------------------===//

#include "tools/Commands.h"
#include "tools/Compiler.h"
#include "tools/inspect/Graphviz.h"
#include "tools/inspect/NetGraph.h"

#include "llvm/Support/Path.h"
#include <fmt/core.h>

namespace weir {
namespace {

struct GraphOptions : CompilerOptions {
  std::string output;
};

int drawGraphOf(const GraphOptions &options) {
  const std::string ending = llvm::sys::path::extension(options.output).str();
  const bool isText = ending == ".dot" || options.output.empty() || options.output == "-";
  if (!isText && ending != ".svg" && ending != ".pdf" && ending != ".png")
    return fail(llvm::createStringError("-o expects a file that ends in .svg, .pdf, .png or .dot, "
                                        "but got '" +
                                        options.output + "'"));
  Compiler compiler(options);
  if (int code = compiler.load())
    return code;
  const std::string dot = drawNet(compiler.module(), compiler.summary());
  if (options.output.empty() || options.output == "-") {
    fmt::print("{}", dot);
    return Done;
  }
  if (compiler.isSource(options.output))
    return fail(
        llvm::createStringError("-o '" + options.output + "' would replace a source of the model"));
  std::string drawing = dot;
  if (!isText) {
    auto drawn = drawGraph(dot, llvm::StringRef(ending).drop_front());
    if (!drawn)
      return fail(drawn.takeError());
    drawing = std::move(*drawn);
  }
  llvm::Error error = writeFileAtomically(options.output, drawing);
  return error ? fail(std::move(error)) : Done;
}

} // namespace

void addGraphCommand(CLI::App &app, Action &action) {
  auto options = std::make_shared<GraphOptions>();
  CLI::App *command = app.add_subcommand(
      "graph", "draw the net as papers do: modules with their repetitions, shapes and sizes");
  command->add_option("FILE", options->file, "the model (.weir)")->required();
  command
      ->add_option("--set", options->sets, "override a value of the file: name=value (repeatable)")
      ->allow_extra_args(false);
  command->add_option("-o", options->output,
                      "net.svg, .pdf or .png (by Graphviz), or .dot; default: .dot on standard "
                      "output");
  command->callback([options, &action] { action = [options] { return drawGraphOf(*options); }; });
}

} // namespace weir
