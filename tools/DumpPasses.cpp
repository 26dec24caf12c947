//===- DumpPasses.cpp - see DumpPasses.h -----------------------------------------------------===//

#include "tools/DumpPasses.h"

#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassInstrumentation.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Regex.h"

namespace weir {
namespace {

class Dumper : public mlir::PassInstrumentation {
public:
  Dumper(std::string directory, int number) : directory(std::move(directory)), number(number) {}

  void runAfterPass(mlir::Pass *pass, mlir::Operation *op) override {
    if (!pass->getArgument().empty()) // not the adaptors that MLIR puts around nested passes
      writeIr(op, directory, number++, pass->getArgument());
  }

private:
  std::string directory;
  int number;
};

} // namespace

void dumpAfterEachPass(mlir::PassManager &passes, std::string directory, int firstNumber) {
  passes.addInstrumentation(std::make_unique<Dumper>(std::move(directory), firstNumber));
}

void clearDump(const std::string &directory) {
  static const llvm::Regex numbered("^[0-9][0-9]+-.+\\.mlir$");
  namespace fs = llvm::sys::fs;
  std::error_code error;
  bool isDump = false;
  for (fs::directory_iterator file(directory, error), end; !error && file != end;
       file.increment(error))
    if (numbered.match(llvm::sys::path::filename(file->path()))) {
      isDump = true;
      [[maybe_unused]] const std::error_code ignored = fs::remove(file->path());
    }
  if (isDump) [[maybe_unused]]
    const std::error_code ignored = fs::remove(directory + "/index.html");
}

bool writeIr(mlir::Operation *op, const std::string &directory, int number, llvm::StringRef name) {
  std::error_code error = llvm::sys::fs::create_directories(directory);
  std::string path = llvm::formatv("{0}/{1,0+2}-{2}.mlir", directory, number, name);
  if (!error) {
    llvm::raw_fd_ostream out(path, error);
    if (!error)
      op->print(out, mlir::OpPrintingFlags()
                         .enableDebugInfo(true, /*prettyForm=*/false)
                         .elideLargeResourceString(/*largeResourceLimit=*/0));
  }
  if (error)
    llvm::errs() << "error: cannot write '" << path << "': " << error.message() << "\n";
  return !error;
}

} // namespace weir
