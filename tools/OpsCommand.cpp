//===- OpsCommand.cpp - `weir ops`: what each op has -----------------------------------------===//

#include "frontend/Arguments.h"
#include "ir/Dialect.h"
#include "ir/Signatures.h"
#include "kernels/Kernels.h"
#include "tools/Commands.h"
#include "tools/TestedOps.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

using namespace mlir;

namespace weir {
namespace {

/// One row: the op, and for each thing it should have, whether it has it.
struct OpRow {
  std::string op, category;
  bool shape, gradient, reference, cpu, gpu, int8, test;
};

std::string categoryText(Category category) {
  constexpr const char *names[] = {"internal", "layer",    "loss",    "optimizer",
                                   "data",     "schedule", "stopping"};
  return names[static_cast<size_t>(category)];
}

/// True for ops that kernels compute, by themselves or as what lower-convolutions makes of them.
bool runsOn(DeviceKind device, OperationName name) {
  constexpr StringRef lowered[] = {"conv2d", "conv2d_input_grad", "conv2d_weight_grad"};
  return hasKernel(name.getStringRef(), device) || llvm::is_contained(lowered, name.stripDialect());
}

std::vector<OpRow> opRows() {
  MLIRContext context;
  context.loadDialect<WeirDialect>();
  std::vector<OpRow> rows;
  for (const Signature &signature : signatures()) {
    OperationName name(("weir." + signature.name).str(), &context);
    if (!name.hasInterface<ReferenceOpInterface>())
      continue; // the frame (variables, kernels) and recipe calls compute nothing
    rows.push_back(
        {signature.name.str(), categoryText(signature.category),
         // Types are inferred, fixed by a trait, or given and verified by hand.
         true, name.hasInterface<DifferentiableOpInterface>(), true, runsOn(DeviceKind::Cpu, name),
         runsOn(DeviceKind::Cuda, name) && runsOn(DeviceKind::OpenCl, name),
         name.hasTrait<TakesQuantized>(), llvm::is_contained(testedOps, signature.name)});
  }
  return rows;
}

int printOps(bool json) {
  std::vector<OpRow> rows = opRows();
  if (json) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const OpRow &row : rows)
      list.push_back({{"op", row.op},
                      {"category", row.category},
                      {"shape", row.shape},
                      {"gradient", row.gradient},
                      {"reference", row.reference},
                      {"cpu", row.cpu},
                      {"gpu", row.gpu},
                      {"int8", row.int8},
                      {"test", row.test}});
    fmt::print("{}\n", list.dump(2));
    return Done;
  }
  fmt::print("{:<22}{:<11}{:<7}{:<10}{:<11}{:<5}{:<5}{:<6}{}\n", "op", "category", "shape",
             "gradient", "reference", "cpu", "gpu", "int8", "test");
  auto mark = [](bool has) { return has ? "yes" : "-"; };
  for (const OpRow &row : rows)
    fmt::print("{:<22}{:<11}{:<7}{:<10}{:<11}{:<5}{:<5}{:<6}{}\n", row.op, row.category,
               mark(row.shape), mark(row.gradient), mark(row.reference), mark(row.cpu),
               mark(row.gpu), mark(row.int8), mark(row.test));
  return Done;
}

/// The op's own page: signature and documentation, as the .td files have them.
int explainOp(const std::string &name) {
  const Signature *signature = findSignature(name);
  if (!signature) {
    fmt::print(stderr, "error: there is no op '{}'; `weir ops` lists them\n", name);
    return UserError;
  }
  fmt::print("{} ({}): {}\n\n", name, categoryText(signature->category), signature->summary.str());
  if (signature->category != Category::Internal)
    fmt::print("called as {}\n\n", callText(*signature));
  for (const Argument &argument : signature->arguments)
    fmt::print("  {:<16}{}{}\n", argument.name.str(), argument.doc.str(),
               argument.defaultValue.empty() ? "" : ", default " + argument.defaultValue.str());
  fmt::print("\n{}\n", signature->description.str());
  return Done;
}

} // namespace

void addOpsCommand(CLI::App &app, Action &action) {
  struct Options {
    bool json = false;
    std::string op;
  };
  auto options = std::make_shared<Options>();
  CLI::App *command = app.add_subcommand("ops", "list all ops and what each has, or explain one");
  command->add_option("OP", options->op, "explain this op");
  command->add_flag("--json", options->json, "one JSON document");
  command->callback([options, &action] {
    action = [options] {
      return options->op.empty() ? printOps(options->json) : explainOp(options->op);
    };
  });
}

} // namespace weir
