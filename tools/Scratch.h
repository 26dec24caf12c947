//===- Scratch.h - one folder for a process's temporary files --------------------------------===//
//
// What Halide, the linker and weir itself write on the way goes there ($TMPDIR), so that nothing is
// left behind by a process that is interrupted or crashes.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

namespace weir {

/// Makes the folder, and removes it when a signal ends the process. Where none can be made,
/// temporary files go where they would have gone.
void beginScratch();

/// Removes the folder; $TMPDIR is as before. Only async-signal-safe calls where `inHandler`.
void endScratch(bool inHandler = false);

} // namespace weir
