// SIGINT and SIGTERM during a run: the step is finished and the work saved, and the exit code says
// which signal it was.
#ifndef WEIR_RUNTIME_INTERRUPT_H
#define WEIR_RUNTIME_INTERRUPT_H

namespace weir {

/// From now on SIGINT and SIGTERM are noted instead of ending the process. A second one ends it.
void catchInterrupts();

/// The signal that came, or 0.
int interruptSignal();

} // namespace weir

#endif
