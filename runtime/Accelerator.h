// A device with memory of its own: what a Net needs of CUDA or OpenCL, and what kernels call.
//
// Before: DeviceChain.h has found the device usable. After: Net.cpp puts variables, arena and
// inputs there; DeviceHooks.cpp brings kernels' launches here. Everything that is queued runs in
// the order in which it was queued. Failures are UserErrors (the machine's) or InternalErrors
// (ours).
#ifndef WEIR_RUNTIME_ACCELERATOR_H
#define WEIR_RUNTIME_ACCELERATOR_H

#include "runtime/HalideBuffer.h"
#include "runtime/LaunchOrder.h"

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace weir {

/// One launch as Halide's generated code asks for it.
struct Launch {
  void *kernels;     // what loadKernels() left in its state
  const char *entry; // a constant of the program: one address for one name
  int blocks[3], threads[3];
  int sharedBytes;
  const size_t *sizes; // of the arguments, ended by 0
  void *const *arguments;
  const int8_t *areBuffers;
};

class Accelerator {
public:
  virtual ~Accelerator() = default;

  /// Makes the device the calling thread's. Comes before everything else a thread does with it.
  virtual void enter() {}

  // ---- Memory. An address is a number; base + offset lies in the block that begins at base.

  /// Blocks and buffers within them begin at multiples of this, as plan-memory laid them out.
  static constexpr uint64_t alignment = 512;
  static uint64_t aligned(uint64_t bytes) {
    return (bytes + alignment - 1) / alignment * alignment;
  }

  /// A block of zeros for `purpose` ("the net's arena"); UserError when memory is out.
  virtual uint64_t allocate(uint64_t bytes, const char *purpose) = 0;
  virtual void release(uint64_t address) = 0;
  /// Host memory that copies can run from beside the host's work.
  virtual void *allocateHost(uint64_t bytes, const char *purpose) = 0;
  virtual void releaseHost(void *memory) = 0;
  /// Bytes that can be allocated, and the most that one block may have.
  virtual uint64_t freeBytes() = 0;
  virtual uint64_t largestBlock() { return freeBytes(); }

  // ---- The queue.

  /// Queued; the host's bytes must stay as they are until then.
  virtual void upload(uint64_t to, const void *from, uint64_t bytes) = 0;
  virtual void download(void *to, uint64_t from, uint64_t bytes) = 0;
  /// Waits for all that was queued; failures of kernels come out here.
  virtual void finish() = 0;
  /// A place in the queue, to wait until everything before it is done. The last four can be waited
  /// for.
  virtual uint64_t mark() = 0;
  virtual void wait(uint64_t mark) = 0;

  // ---- Launches recorded once and repeated as one, where the driver can.

  virtual bool canRecord() const { return false; }
  /// Launches wait for all before them, or only for those whose bytes they touch (LaunchOrder.h).
  enum class Waits { ForAll, AsNeeded };
  virtual void beginRecording(Waits) {}
  /// A recording of what was queued since; 0 if the driver refused, and then nothing was run.
  virtual uint64_t endRecording() { return 0; }
  virtual void replay(uint64_t) {}
  virtual void dropRecording(uint64_t) {}

  // ---- What DeviceHooks.cpp calls for kernels.

  /// The source of GatherKernel.h's kernel for loadKernels().
  virtual const char *gatherSource() const = 0;
  virtual void loadKernels(void **state, const char *source, int size) = 0;
  virtual void launch(const Launch &launch) = 0;

  /// Memory inside a pipeline. It comes from a pool, so that a step after the first asks the driver
  /// for none; what is given back may be taken again at once, for launches run in order.
  ///
  /// Within an entry's call it is not taken again while the pool is small, so that in a recording
  /// one launch need not wait for another only because of it.
  uint64_t takeScratch(uint64_t bytes);
  void giveScratch(uint64_t address);
  /// Between the calls of entries: all that was given back may be taken again.
  void restScratch();
  uint64_t scratchBytes() const { return scratchTotal; }

protected:
  /// What a launch touches. Scratch memory counts as written.
  std::vector<Access> accessesOf(const Launch &launch) const;
  /// Before the driver's context goes.
  void releaseScratch();

private:
  std::multimap<uint64_t, uint64_t> idle; // bytes -> address
  std::multimap<uint64_t, uint64_t> used; // the same, given back since the last restScratch()
  std::map<uint64_t, uint64_t> lent;      // address -> bytes
  uint64_t scratchTotal = 0;
};

} // namespace weir

#endif
