// Noting signals; see Interrupt.h.
#include "runtime/Interrupt.h"

#include <csignal>

namespace weir {

static volatile std::sig_atomic_t signalSeen = 0;

int interruptSignal() { return signalSeen; }

void catchInterrupts() {
  struct sigaction action{};
  action.sa_handler = [](int signal) { signalSeen = signal; };
  action.sa_flags = int(SA_RESETHAND) | SA_RESTART; // a second signal ends the process at once
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

} // namespace weir
