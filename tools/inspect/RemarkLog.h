//===- RemarkLog.h - what passes tell about their decisions ----------------------------------===//
//
// Collects remarks (passes/Remarks.h) while passes run; `--remarks` prints them at the model's
// lines, the page of `--dump-ir` shows them beside the ops.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/raw_ostream.h"
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace weir {

struct RemarkEntry {
  mlir::Location location;
  std::string category; ///< "fuse"
  std::string function; ///< "train_step", or empty
  std::string text;
  bool isMissed = false; ///< something was not done
};

class RemarkLog {
public:
  /// The categories that a user may name; "tune" is told about by the tuner's own report.
  static const std::vector<std::string> &categories();

  /// Makes the passes of `context` tell what they do. Call once, before any pass.
  explicit RemarkLog(mlir::MLIRContext &context);

  /// A remark that is not a pass's.
  void add(RemarkEntry entry) { entries.push_back(std::move(entry)); }

  const std::vector<RemarkEntry> &all() const { return entries; }
  size_t count() const { return entries.size(); }

  /// Prints those of `wanted` categories that have not been printed, each with the line of the
  /// model that `lineOf` (file, number) returns. What is said about one place in several functions
  /// is said once; where those are not all of the net's `functions`, they are named.
  void print(const std::vector<std::string> &wanted, size_t functions,
             llvm::function_ref<std::string(llvm::StringRef, unsigned)> lineOf,
             llvm::raw_ostream &out);

private:
  std::vector<RemarkEntry> entries;
  size_t printed = 0;
  std::set<std::string> said;
};

} // namespace weir
