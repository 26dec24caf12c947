// The page of a training run: `train --report=FILE.html`.
//
// Before: TrainCommand.cpp has trained. One file that needs no network: tables, drawings by Svg.h,
// light or dark as the reader's system is.
#ifndef WEIR_RUNTIME_REPORT_H
#define WEIR_RUNTIME_REPORT_H

#include "runtime/TrainOutput.h"

#include <string>

namespace weir {

/// Throws UserError if a report cannot be written to `path`, or would replace something that is no
/// report: the checkpoint, a model, a page by somebody else. Nothing is done for an empty path.
void checkReportPath(const std::string &path, const std::string &checkpoint);

/// Writes the page, replacing an older report. Throws UserError; the old file then remains.
void writeReport(const std::string &path, const RunFacts &facts);

/// The page's text.
std::string reportPage(const RunFacts &facts);

} // namespace weir

#endif
