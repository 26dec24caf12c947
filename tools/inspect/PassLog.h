//===- PassLog.h - the IR after each pass: files, and what the page shows --------------------===//
//
// `--dump-ir` writes a numbered file after each pass, which `weir opt` can pick up again, and keeps
// the same IR as text with the place of each line in the model for the page (Page.h).
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "tools/inspect/RemarkLog.h"

#include "mlir/Pass/PassManager.h"

namespace weir {

/// The state after a pass.
struct RecordedPass {
  std::string name;    ///< "form-groups"
  std::string summary; ///< what it does, of Passes.td
  std::string phase;   ///< "groups"
  std::string target;  ///< where there are several
  std::string file;    ///< "09-form-groups.mlir"
  std::string text;
  std::vector<mlir::LocationAttr> lines; ///< of the op that begins in the line; null: none does
  struct Drawing {
    std::string function, dot;
  };
  std::vector<Drawing> drawings;
  size_t firstRemark = 0; ///< in the log; those up to the next pass's are this one's
  double milliseconds = 0;
  size_t ops = 0, kernels = 0;
};

class PassLog {
public:
  PassLog(std::string directory, RemarkLog &remarks)
      : directory(std::move(directory)), remarks(remarks) {}

  /// Records `module` after each of `passes`, which belong to a phase, of a target.
  void watch(mlir::PassManager &passes, llvm::StringRef phase, llvm::StringRef target = "");

  /// Records `module` as it is. Returns false, after an error, where the file cannot be written.
  bool record(mlir::Operation *module, RecordedPass pass);

  const std::vector<RecordedPass> &passes() const { return recorded; }
  const RemarkLog &remarkLog() const { return remarks; }
  const std::string &folder() const { return directory; }

private:
  std::string directory;
  RemarkLog &remarks;
  std::vector<RecordedPass> recorded;
};

} // namespace weir
