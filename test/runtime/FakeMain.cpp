// What the compiler's object defines in an executable, for a fake net; see FakeNet.h. The variants
// are programs that the command line tests start.
#include "test/runtime/FakeNet.h"

static weir::test::FakeShape shape() {
  weir::test::FakeShape result;
#if defined(FAKE_OTHER_NET)
  result.name = "other";
  result.hidden = 12;
#elif defined(FAKE_OTHER_CPU)
  result.cpuFeatures = {"sse2", "avx9000"};
#elif defined(FAKE_INFER_ONLY)
  result.trains = false;
#elif defined(FAKE_STATISTICS)
  result.statistics = true;
#elif defined(FAKE_AUGMENTED)
  result.data = R"(,"shift":2,"rotate":10,"scale":0.1)";
#elif defined(FAKE_CUDA_NET)
  result.cuda = true;
#elif defined(FAKE_CUDA_AUGMENTED)
  result.cuda = true;
  result.data = R"(,"shift":2,"rotate":10,"scale":0.1)";
#endif
  return result;
}

extern "C" {
extern const weir_program weir_main_program;
const weir_program weir_main_program = weir::test::makeFakeProgram(shape());
}
