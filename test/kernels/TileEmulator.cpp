//===- TileEmulator.cpp - see TileEmulator.h -------------------------------------------------===//
//
// Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2: LDTILECFG, TILERELEASE,
// TILEZERO, TILELOADD, TILESTORED, TDPBSSD/TDPBSUD/TDPBUSD/TDPBUUD, and "VEX-encoded" in chapter 2.
//
//===-----------------------------------------------------------------------------------------===//

#include "TileEmulator.h"

#include "kernels/Target.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/TargetParser/Host.h"
#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ucontext.h>

namespace weir::test {
namespace {

std::atomic<int64_t> products = 0;

constexpr int tileCount = 8, mostRows = 16, mostBytes = 64;

struct Tile {
  int rows = 0, bytes = 0; ///< as configured; 0: not at all
  std::array<std::array<uint8_t, mostBytes>, mostRows> values{};

  void clear() { values = {}; }
  int32_t sum(int row, int column) const {
    int32_t sum;
    std::memcpy(&sum, &values[row][4 * column], sizeof sum);
    return sum;
  }
  void setSum(int row, int column, int32_t sum) {
    std::memcpy(&values[row][4 * column], &sum, sizeof sum);
  }
};

struct Tiles {
  bool configured = false;
  std::array<Tile, tileCount> tile;
};
thread_local Tiles state;

[[noreturn]] void refuse(const char *reason) {
  std::fprintf(stderr, "a tile instruction faults: %s\n", reason);
  std::abort();
}
void expect(bool condition, const char *otherwise) {
  if (!condition)
    refuse(otherwise);
}

/// A VEX-encoded instruction with three bytes of prefix, as all tile instructions are.
class Instruction {
public:
  Instruction(const uint8_t *code, greg_t *registers) : code(code), registers(registers) {}

  bool isVexOfMap2() const { return code[0] == 0xc4 && (code[1] & 0x1f) == 2 && !(code[2] & 0x84); }
  int prefix() const { return code[2] & 3; } ///< 0: none, 1: 66, 2: F3, 3: F2
  int opcode() const { return code[3]; }
  bool isRegister() const { return modrm() >> 6 == 3; }
  int reg() const { return modrm() >> 3 & 7; }
  int rm() const { return modrm() & 7; }
  int vvvv() const { return ~(code[2] >> 3) & 15; }

  int length() const {
    if (isRegister())
      return 5;
    return 5 + hasSib() + displacementBytes();
  }

  /// Base and displacement.
  uint8_t *address() const {
    expect(hasSib() || mode() != 0 || rm() != 5, "relative addresses are not emulated");
    const int base = (hasSib() ? code[5] & 7 : rm()) | (code[1] & 0x20 ? 0 : 8);
    const bool hasBase = mode() != 0 || (base & 7) != 5;
    int32_t displacement = 0;
    if (displacementBytes() == 1)
      displacement = static_cast<int8_t>(code[5 + hasSib()]);
    else if (displacementBytes() == 4)
      std::memcpy(&displacement, code + 5 + hasSib(), 4);
    return reinterpret_cast<uint8_t *>((hasBase ? value(base) : 0) + displacement);
  }
  /// The scaled index: bytes from one row to the next.
  int64_t stride() const {
    expect(hasSib(), "rows expect an index");
    const int index = (code[5] >> 3 & 7) | (code[1] & 0x40 ? 0 : 8);
    return index == 4 ? 0 : value(index) << (code[5] >> 6);
  }

private:
  int modrm() const { return code[4]; }
  int mode() const { return modrm() >> 6; }
  bool hasSib() const { return rm() == 4; }
  int displacementBytes() const {
    if (mode() == 0)
      return (hasSib() ? code[5] & 7 : rm()) == 5 ? 4 : 0;
    return mode() == 1 ? 1 : 4;
  }
  int64_t value(int number) const {
    static constexpr int order[] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP,
                                    REG_RSI, REG_RDI, REG_R8,  REG_R9,  REG_R10, REG_R11,
                                    REG_R12, REG_R13, REG_R14, REG_R15};
    return registers[order[number]];
  }

  const uint8_t *code;
  greg_t *registers;
};

void configure(const uint8_t *memory) {
  expect(memory[0] == 1 && memory[1] == 0, "palette 1, from row 0 on");
  expect(std::all_of(memory + 2, memory + 16, [](uint8_t byte) { return byte == 0; }) &&
             std::all_of(memory + 32, memory + 48, [](uint8_t byte) { return byte == 0; }) &&
             std::all_of(memory + 56, memory + 64, [](uint8_t byte) { return byte == 0; }),
         "reserved bytes of a configuration are 0");
  for (int i = 0; i < tileCount; ++i) {
    Tile &tile = state.tile[i];
    uint16_t bytes;
    std::memcpy(&bytes, memory + 16 + 2 * i, 2);
    tile.bytes = bytes;
    tile.rows = memory[48 + i];
    expect(tile.bytes <= mostBytes && tile.rows <= mostRows && !tile.bytes == !tile.rows,
           "a tile has up to 16 rows of 64 bytes");
    tile.clear();
  }
  state.configured = true;
}

Tile &tileOf(int number) {
  expect(state.configured, "there is no configuration");
  expect(number < tileCount && state.tile[number].rows, "the tile is not configured");
  return state.tile[number];
}

void multiply(Tile &sums, const Tile &left, const Tile &right, bool leftSigned, bool rightSigned) {
  expect(&sums != &left && &sums != &right && &left != &right, "three different tiles");
  expect(sums.rows == left.rows && sums.bytes == right.bytes && left.bytes == 4 * right.rows &&
             sums.bytes % 4 == 0,
         "the tiles' shapes belong together");
  const auto number = [](uint8_t byte, bool isSigned) {
    return isSigned ? static_cast<int8_t>(byte) : static_cast<int>(byte);
  };
  for (int m = 0; m < sums.rows; ++m)
    for (int n = 0; n < sums.bytes / 4; ++n) {
      auto sum = static_cast<uint32_t>(sums.sum(m, n));
      for (int k = 0; k < left.bytes; ++k)
        sum += static_cast<uint32_t>(number(left.values[m][k], leftSigned) *
                                     number(right.values[k / 4][4 * n + k % 4], rightSigned));
      sums.setSum(m, n, static_cast<int32_t>(sum));
    }
  ++products;
}

/// False: it is none of those that kernels use.
bool execute(const Instruction &it) {
  if (!it.isVexOfMap2())
    return false;
  if (it.opcode() == 0x49 && it.prefix() == 0 && !it.isRegister() && it.reg() == 0) {
    configure(it.address());
  } else if (it.opcode() == 0x49 && it.prefix() == 0 && it.isRegister() && it.reg() == 0) {
    state = {};
  } else if (it.opcode() == 0x49 && it.prefix() == 3 && it.isRegister()) {
    tileOf(it.reg()).clear();
  } else if (it.opcode() == 0x4b && it.prefix() == 3) {
    Tile &tile = tileOf(it.reg());
    tile.clear();
    for (int row = 0; row < tile.rows; ++row)
      std::memcpy(tile.values[row].data(), it.address() + row * it.stride(), tile.bytes);
  } else if (it.opcode() == 0x4b && it.prefix() == 2) {
    const Tile &tile = tileOf(it.reg());
    for (int row = 0; row < tile.rows; ++row)
      std::memcpy(it.address() + row * it.stride(), tile.values[row].data(), tile.bytes);
  } else if (it.opcode() == 0x5e && it.isRegister()) {
    const int p = it.prefix(); // tdpbuud, tdpbusd (66), tdpbsud (F3), tdpbssd (F2)
    multiply(tileOf(it.reg()), tileOf(it.rm()), tileOf(it.vvvv()), p >= 2, p & 1);
  } else {
    return false;
  }
  return true;
}

void handle(int signal, siginfo_t *, void *context) {
  greg_t *registers = static_cast<ucontext_t *>(context)->uc_mcontext.gregs;
  const Instruction it(reinterpret_cast<const uint8_t *>(registers[REG_RIP]), registers);
  if (execute(it))
    registers[REG_RIP] += it.length();
  else
    std::signal(signal, SIG_DFL); // meets it again, and ends
}

} // namespace

bool provideTiles() {
  const KernelTarget target = *findTarget("x86-64-v4-amx");
  if (lackingHere(target).empty())
    return true;
  const llvm::StringMap<bool> host = llvm::sys::getHostCPUFeatures();
  // What is beyond VNNI and not of tiles is in no kernel of integers so far; one that has it ends
  // here with SIGILL.
  if (!llvm::all_of(findTarget("x86-64-v4-vnni")->cpuFeatures,
                    [&](llvm::StringRef feature) { return host.lookup(feature); }))
    return false;
  struct sigaction action = {};
  action.sa_sigaction = handle;
  action.sa_flags = SA_SIGINFO;
  return sigaction(SIGILL, &action, nullptr) == 0;
}

int64_t emulatedTileProducts() { return products; }

} // namespace weir::test
