// CPU features by CPUID; see Device.h.
//
// References: Intel SDM vol. 2A (CPUID leaves 1, 7, 0x80000001), vol. 1 chapter 13 (XGETBV: what
// the system saves).
#include "runtime/Device.h"
#include "runtime/Error.h"

#include <algorithm>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace weir {

#if defined(__x86_64__)
namespace {
enum Register { A, B, C, D };

struct Feature {
  const char *name;
  unsigned leaf, subleaf;
  Register where;
  int bit;
  uint64_t state; // bits of XCR0 that the system must have set
};
} // namespace

static constexpr uint64_t ymm = 0x6, zmm = 0xe6, tiles = 0x60000;

static const Feature features[] = {{"sse2", 1, 0, D, 26, 0},
                                   {"sse3", 1, 0, C, 0, 0},
                                   {"ssse3", 1, 0, C, 9, 0},
                                   {"sse41", 1, 0, C, 19, 0},
                                   {"sse4.1", 1, 0, C, 19, 0},
                                   {"sse4_1", 1, 0, C, 19, 0},
                                   {"sse4.2", 1, 0, C, 20, 0},
                                   {"sse4_2", 1, 0, C, 20, 0},
                                   {"popcnt", 1, 0, C, 23, 0},
                                   {"cx16", 1, 0, C, 13, 0},
                                   {"movbe", 1, 0, C, 22, 0},
                                   {"avx", 1, 0, C, 28, ymm},
                                   {"f16c", 1, 0, C, 29, ymm},
                                   {"fma", 1, 0, C, 12, ymm},
                                   {"bmi", 7, 0, B, 3, 0},
                                   {"bmi2", 7, 0, B, 8, 0},
                                   {"avx2", 7, 0, B, 5, ymm},
                                   {"avx512f", 7, 0, B, 16, zmm},
                                   {"avx512dq", 7, 0, B, 17, zmm},
                                   {"avx512ifma", 7, 0, B, 21, zmm},
                                   {"avx512cd", 7, 0, B, 28, zmm},
                                   {"avx512bw", 7, 0, B, 30, zmm},
                                   {"avx512vl", 7, 0, B, 31, zmm},
                                   {"avx512vbmi", 7, 0, C, 1, zmm},
                                   {"avx512vbmi2", 7, 0, C, 6, zmm},
                                   {"gfni", 7, 0, C, 8, 0},
                                   {"vpclmulqdq", 7, 0, C, 10, ymm},
                                   {"avx512vnni", 7, 0, C, 11, zmm},
                                   {"avx512_vnni", 7, 0, C, 11, zmm},
                                   {"avx512bitalg", 7, 0, C, 12, zmm},
                                   {"avx512vpopcntdq", 7, 0, C, 14, zmm},
                                   {"avx512bf16", 7, 1, A, 5, zmm},
                                   {"avx512_bf16", 7, 1, A, 5, zmm},
                                   {"avx512fp16", 7, 0, D, 23, zmm},
                                   {"avxvnni", 7, 1, A, 4, ymm},
                                   {"avx_vnni", 7, 1, A, 4, ymm},
                                   {"amx-bf16", 7, 0, D, 22, tiles},
                                   {"amx_bf16", 7, 0, D, 22, tiles},
                                   {"amx-tile", 7, 0, D, 24, tiles},
                                   {"amx_tile", 7, 0, D, 24, tiles},
                                   {"amx-int8", 7, 0, D, 25, tiles},
                                   {"amx_int8", 7, 0, D, 25, tiles},
                                   {"lzcnt", 0x80000001, 0, C, 5, 0}};

// Halide's names for whole processors, as what Halide 21 emits for them.
static const std::pair<const char *, std::vector<const char *>> processors[] = {
    {"avx512", {"avx512f", "avx512cd"}},
    {"avx512_skylake", {"avx512f", "avx512cd", "avx512vl", "avx512bw", "avx512dq"}},
    {"avx512_cannonlake",
     {"avx512f", "avx512cd", "avx512vl", "avx512bw", "avx512dq", "avx512ifma", "avx512vbmi"}},
    {"avx512_sapphirerapids",
     {"avx512f", "avx512cd", "avx512vl", "avx512bw", "avx512dq", "avx512ifma", "avx512vbmi",
      "avx512vnni", "avx512bf16", "avxvnni", "amx_int8", "amx_bf16"}}};

static uint64_t savedState() {
  unsigned registers[4] = {};
  __get_cpuid(1, &registers[A], &registers[B], &registers[C], &registers[D]);
  if ((registers[C] >> 27 & 1) == 0) // OSXSAVE
    return 0;
  unsigned low, high;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return uint64_t(high) << 32 | low;
}

bool cpuHas(const std::string &name) {
  for (const auto &[processor, parts] : processors)
    if (name == processor)
      return std::all_of(parts.begin(), parts.end(), [](const char *part) { return cpuHas(part); });
  for (const Feature &feature : features) {
    if (name != feature.name)
      continue;
    unsigned registers[4] = {};
    if (!__get_cpuid_count(feature.leaf, feature.subleaf, &registers[A], &registers[B],
                           &registers[C], &registers[D]))
      return false;
    return (registers[feature.where] >> feature.bit & 1) &&
           (savedState() & feature.state) == feature.state;
  }
  return false;
}

static bool allowTiles() {
  constexpr int requestPermission = 0x1023,
                tileData = 18; // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
  return syscall(SYS_arch_prctl, requestPermission, tileData) == 0;
}
#else
bool cpuHas(const std::string &) { return false; }
static bool allowTiles() { return false; }
#endif

void checkCpu(const Manifest &manifest) {
  std::string lacking;
  bool wantsTiles = false;
  for (const std::string &feature : manifest.cpuFeatures) {
    wantsTiles |= feature.rfind("amx", 0) == 0 || feature == "avx512_sapphirerapids";
    if (!cpuHas(feature))
      lacking += (lacking.empty() ? "" : ", ") + feature;
  }
  if (lacking.empty() && wantsTiles && !allowTiles())
    fail("this program was compiled for '%s', and this system does not let it use AMX tiles (Linux "
         "can since 5.16, unless a sandbox forbids it); compile it with --target=x86-64-v4-vnni",
         manifest.target.c_str());
  if (!lacking.empty())
    fail("this program was compiled for '%s', and this machine's CPU lacks %s; compile it here, or "
         "with "
         "--target=x86-64-v3 for any CPU since 2013",
         manifest.target.c_str(), lacking.c_str());
}

} // namespace weir
