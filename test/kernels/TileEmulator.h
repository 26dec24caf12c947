//===- TileEmulator.h - AMX tile instructions for processors without them ---------------------===//
//
// Kernels for x86-64-v4-amx run here as they are, machine code and all: a processor without AMX
// stops at each tile instruction (SIGILL), and a handler does what Intel's manual says of it, on
// tiles of the thread's own, checks what the manual says is checked, and goes on behind it. What is
// compared with the reference is then the very code that such a processor runs.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include <cstdint>

namespace weir::test {

/// True if kernels in tiles can run in this process: the processor and the system have them, or
/// they are emulated from now on. False where the rest of the target (AVX-512, VNNI) is missing. To
/// be called before each kernel, for LLVM puts a handler of its own over this one where it first
/// makes a temporary file.
bool provideTiles();

/// Products of tiles that were emulated so far.
int64_t emulatedTileProducts();

} // namespace weir::test
