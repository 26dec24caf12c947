/* Both C headers must compile as plain C99, together and in either order. */
#include "runtime/weir.h"

#include "runtime/Program.h"

const void *weirHeaderTest(void);
const void *weirHeaderTest(void) { return (const void *)weir_last_error(); }
