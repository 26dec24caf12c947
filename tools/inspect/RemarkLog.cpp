//===- RemarkLog.cpp - see RemarkLog.h -------------------------------------------------------===//

#include "tools/inspect/RemarkLog.h"

#include "ir/Dialect.h"
#include "tools/Summary.h"

#include "mlir/IR/Remarks.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;

namespace weir {
namespace {

class Streamer : public remark::detail::MLIRRemarkStreamerBase {
public:
  explicit Streamer(RemarkLog &log) : log(log) {}

  void streamOptimizationRemark(const remark::detail::Remark &remark) override {
    std::string text;
    for (const auto &argument : remark.getArgs())
      text += argument.val;
    const llvm::StringRef function = remark.getFunction();
    log.add({remark.getLocation(), remark.getCategoryName().str(),
             function.starts_with("<") ? "" : function.str(), text,
             remark.getRemarkType() == llvm::remarks::Type::Missed});
  }

private:
  RemarkLog &log;
};

/// File, line and column that a location leads to first.
FileLineColLoc placeOf(Location location) {
  FileLineColLoc place;
  location->walk([&](Location part) {
    place = dyn_cast<FileLineColLoc>(part);
    return place ? WalkResult::interrupt() : WalkResult::advance();
  });
  return place;
}

} // namespace

const std::vector<std::string> &RemarkLog::categories() {
  static const std::vector<std::string> names = {"fold",   "fuse",     "layout",
                                                 "memory", "schedule", "tune"};
  return names;
}

RemarkLog::RemarkLog(MLIRContext &context) {
  const std::string any = ".*"; // each kind has a filter of its own
  const remark::RemarkCategories all{any, any, any, any, any};
  // Fails for a malformed pattern only.
  (void)remark::enableOptimizationRemarks(context, std::make_unique<Streamer>(*this),
                                          std::make_unique<remark::RemarkEmittingPolicyAll>(), all);
}

void RemarkLog::print(const std::vector<std::string> &wanted, size_t functions,
                      llvm::function_ref<std::string(llvm::StringRef, unsigned)> lineOf,
                      llvm::raw_ostream &out) {
  /// What is said where, and of which functions.
  struct Told {
    std::string message;
    const RemarkEntry *first;
    llvm::SetVector<StringRef> functions;
  };
  std::vector<Told> all;
  llvm::StringMap<size_t> numbers;
  for (; printed < entries.size(); ++printed) {
    const RemarkEntry &entry = entries[printed];
    if (!llvm::is_contained(wanted, entry.category))
      continue;
    const std::string source = sourceText(entry.location);
    const std::string message = (source.empty() ? "" : source + ": ") + "remark: " + entry.text;
    const auto [number, isNew] = numbers.try_emplace(message, all.size());
    if (isNew)
      all.push_back({message, &entry, {}});
    if (!entry.function.empty())
      all[number->second].functions.insert(entry.function);
  }
  for (const auto &[message, first, names] : all) {
    const bool isOfAll = names.empty() || names.size() == functions;
    const std::string line = message + (isOfAll ? "" : " (in " + llvm::join(names, ", ") + ")") +
                             " [" + first->category + "]\n";
    if (!said.insert(line).second)
      continue;
    out << line;
    const FileLineColLoc place = placeOf(first->location);
    const std::string source = place ? lineOf(place.getFilename().getValue(), place.getLine()) : "";
    if (!source.empty())
      out << "    " << source << "\n    " << std::string(place.getColumn() - 1, ' ') << "^\n";
  }
}

} // namespace weir
