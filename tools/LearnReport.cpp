//===- LearnReport.cpp - see LearnReport.h ---------------------------------------------------===//

#include "tools/LearnReport.h"
#include "tools/Summary.h"

#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace weir {
namespace {

llvm::StringRef severityOf(const LearnFinding &finding) {
  return finding.isWarning ? "warning" : "note";
}

void printLine(llvm::raw_ostream &stream, Location location, StringRef severity,
               const Twine &message) {
  if (std::string source = sourceText(location); !source.empty())
    stream << source << ": ";
  stream << severity << ": " << message << '\n';
}

} // namespace

void printFindings(const std::vector<LearnFinding> &findings, bool withNotes,
                   llvm::raw_ostream &stream) {
  for (const LearnFinding &finding : findings) {
    if (!finding.isWarning && !withNotes)
      continue;
    printLine(stream, finding.location, severityOf(finding),
              finding.message + " [" + finding.code + "]");
    for (const LearnFinding::Note &note : finding.notes)
      printLine(stream, note.location, "note", note.message);
  }
}

nlohmann::ordered_json toJson(const std::vector<LearnFinding> &findings) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const LearnFinding &finding : findings) {
    nlohmann::ordered_json notes = nlohmann::ordered_json::array();
    for (const LearnFinding::Note &note : finding.notes)
      notes.push_back({{"source", sourceText(note.location)}, {"message", note.message}});
    list.push_back({{"code", finding.code.str()},
                    {"severity", severityOf(finding).str()},
                    {"source", sourceText(finding.location)},
                    {"message", finding.message},
                    {"notes", notes}});
  }
  return list;
}

} // namespace weir
