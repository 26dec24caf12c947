//===- PassLog.cpp - see PassLog.h -----------------------------------------------------------===//

#include "tools/inspect/PassLog.h"

#include "ir/Dialect.h"
#include "tools/DumpPasses.h"
#include "tools/Scratch.h"
#include "tools/inspect/FunctionGraph.h"
#include "tools/inspect/IrText.h"

#include "mlir/Pass/PassInstrumentation.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include <chrono>

using namespace mlir;

namespace weir {
namespace {

using Clock = std::chrono::steady_clock;

class Watcher : public PassInstrumentation {
public:
  Watcher(PassLog &log, StringRef phase, StringRef target)
      : log(log), phase(phase), target(target) {}

  void runBeforePass(Pass *, Operation *) override {
    firstRemark = log.remarkLog().count();
    began = Clock::now();
  }
  void runAfterPass(Pass *pass, Operation *op) override {
    if (pass->getArgument().empty()) // an adaptor that MLIR puts around nested passes
      return;
    RecordedPass record;
    record.milliseconds = std::chrono::duration<double, std::milli>(Clock::now() - began).count();
    record.name = pass->getArgument();
    record.summary = pass->getDescription();
    record.phase = phase;
    record.target = target;
    record.firstRemark = firstRemark;
    log.record(op, std::move(record));
  }

private:
  PassLog &log;
  std::string phase, target;
  size_t firstRemark = 0;
  Clock::time_point began;
};

} // namespace

void PassLog::watch(PassManager &passes, StringRef phase, StringRef target) {
  passes.addInstrumentation(std::make_unique<Watcher>(*this, phase, target));
}

bool PassLog::record(Operation *module, RecordedPass pass) {
  const int number = static_cast<int>(recorded.size());
  if (number == 0 && llvm::sys::fs::exists(directory))
    clearDump(directory);
  else if (number == 0)
    addUnfinished(directory);
  pass.file = llvm::formatv("{0,0+2}-{1}.mlir", number, pass.name);
  addUnfinished(directory + "/" + pass.file);
  if (!writeIr(module, directory, number, pass.name))
    return false;
  const IrText text(module);
  pass.text = text.text;
  pass.lines.resize(llvm::count(pass.text, '\n') + 1);
  for (auto [op, line] : text.lineOf) {
    pass.lines[line] = op->getLoc();
    pass.ops += isa<WeirDialect>(op->getDialect());
    pass.kernels += isa<KernelOp>(op);
  }
  for (auto function : cast<ModuleOp>(module).getOps<func::FuncOp>())
    pass.drawings.push_back({function.getSymName().str(), dotOf(function, text)});
  recorded.push_back(std::move(pass));
  return true;
}

} // namespace weir
