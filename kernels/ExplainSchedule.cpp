//===- ExplainSchedule.cpp - see ExplainSchedule.h -------------------------------------------===//

#include "kernels/ExplainSchedule.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

using llvm::formatv;

namespace weir {
namespace {

using Phrases = llvm::SmallVector<std::string>;

void explainTile(const LoopFacts &facts, const Schedule &s, const KernelTarget &target,
                 Phrases &phrases) {
  if (s.laneColumns) {
    phrases.push_back(formatv("{0} rows x {1} columns at a time, each sum in a vector whose lanes "
                              "are added up last",
                              s.tileRows, s.laneColumns));
    return;
  }
  if (facts.kind == LoopFacts::Template::Tiles) {
    phrases.push_back(formatv("{0} rows x {1} vectors of columns at a time, summed up in AMX tiles",
                              s.tileRows, s.tileVectors));
    return;
  }
  phrases.push_back(formatv("tiles of {0} rows x {1} vectors, whose sums stay in {2} of {3} vector "
                            "registers",
                            s.tileRows, s.tileVectors, s.tileRows * s.tileVectors,
                            target.vectorRegisters));
  if (s.depthBlock)
    phrases.push_back(
        formatv("{0} terms at a time, while their operand stays in L1", s.depthBlock));
  if (s.depthUnroll > 1)
    phrases.push_back(formatv("{0} terms written out", s.depthUnroll));
  if (s.columnsInside)
    phrases.push_back("columns inside rows");
}

std::string explainTasks(const LoopFacts &facts, const Schedule &s, const KernelTarget &target) {
  if (s.parts > 1)
    return formatv("{0} parts of the terms on several cores", s.parts);
  if (s.taskRows)
    return formatv("tasks of {0} rows on several cores", s.taskRows);
  if (sharesColumns(facts, s, target))
    return "tiles of columns on several cores";
  return "on one core: too little work to share";
}

void explainGpuMatrix(const Schedule &s, Phrases &phrases) {
  phrases.push_back(formatv("blocks of {0} x {1} threads with {2} x {3} sums each", s.threadColumns,
                            s.threadRows, s.tileVectors, s.tileRows));
  phrases.push_back(formatv("{0} terms of both operands in shared memory at a time", s.depthBlock));
  if (s.parts > 1)
    phrases.push_back(formatv("{0} parts of the terms by blocks of their own, because there are "
                              "few tiles",
                              s.parts));
}

} // namespace

std::string explainSchedule(const LoopFacts &facts, const Schedule &s, const KernelTarget &target) {
  if (facts.kind == LoopFacts::Template::None)
    return "scalars: no loops to cut";
  Phrases phrases;
  if (facts.kind == LoopFacts::Template::Strips) {
    phrases.push_back(formatv("row by row, with the rows that a window looks at kept in a ring; "
                              "products in tiles of {0} positions x {1} vectors",
                              s.tileRows, s.tileVectors));
    if (s.taskRows)
      phrases.push_back(formatv("strips of {0} rows on several cores", s.taskRows));
  } else if (facts.kind == LoopFacts::Template::GpuMatrix) {
    explainGpuMatrix(s, phrases);
  } else if (target.isGpu()) {
    phrases.push_back("a thread for each value");
  } else {
    phrases.push_back(formatv("vectors of {0} values", s.vectorWidth));
    if (facts.isMatrix())
      explainTile(facts, s, target, phrases);
    else if (s.tileVectors > 1)
      phrases.push_back(formatv("{0} vectors at a time", s.tileVectors));
    if (!facts.isMatrix() && s.depthUnroll > 1)
      phrases.push_back(formatv("{0} positions written out", s.depthUnroll));
    phrases.push_back(explainTasks(facts, s, target));
  }
  return facts.text() + " as " + s.text() + ": " + llvm::join(phrases, ", ");
}

} // namespace weir
