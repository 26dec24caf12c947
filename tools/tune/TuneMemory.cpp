//===- TuneMemory.cpp - see TuneMemory.h -----------------------------------------------------===//

#include "tools/tune/TuneMemory.h"

#include "ir/Builders.h"
#include "ir/Quantization.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>
#include <cstring>
#include <random>
#include <sys/mman.h>

using namespace mlir;

namespace weir {
namespace {

constexpr int64_t page = 4096, lineBytes = 64;

/// Ops that take square roots of operands, or divide by them.
bool wantsPositive(Operation &op) {
  return isOptimizer(&op) ||
         isa<BatchNormOp, BatchNormSumsOp, BatchNormInputGradOp, RunningAverageOp, ClipFactorOp>(
             op);
}

/// Labels, counters and chosen taps are small non-negative integers; 8-bit values are of any kind.
void fill(const TuneMemory::Value &value, bool positive, unsigned seed) {
  std::mt19937 random(seed);
  const int64_t elements = value.elements();
  const Storage storage = storageOf(value.type);
  if (value.isFloat()) {
    auto *data = reinterpret_cast<float *>(value.data);
    for (int64_t i = 0; i < elements; ++i) {
      const float unit = static_cast<float>(random() >> 8) * 0x1p-24F; // [0, 1)
      data[i] = value.type.getRank() == 0 ? 1e-3F : positive ? 0.01F + 0.1F * unit : 2 * unit - 1;
    }
    return;
  }
  std::memset(value.data, 0, static_cast<size_t>(value.bytes()));
  const int64_t step = value.bytes() / std::max<int64_t>(1, elements);
  for (int64_t i = 0; i < elements; ++i)
    value.data[i * step] = static_cast<uint8_t>(random() % (storage.bits == 8 ? 256 : 2));
}

} // namespace

int64_t TuneMemory::Value::elements() const {
  const int64_t all = type.getNumElements();
  if (pitch == 0 || all == 0)
    return all;
  const int64_t columns = type.getShape().back();
  return (all / columns - 1) * pitch + columns;
}

int64_t TuneMemory::Value::bytes() const { return elements() * storageOf(type).bits / 8; }

bool TuneMemory::Value::isFloat() const { return type.getElementType().isF32(); }

uint8_t *TuneMemory::allocate(int64_t size, Layout layout) {
  if (layout == Layout::Guarded) {
    const int64_t mapped = llvm::alignTo(std::max<int64_t>(size, 1), page) + page;
    auto *base = static_cast<uint8_t *>(
        ::mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (base == MAP_FAILED)
      return nullptr;
    mappings.emplace_back(base, mapped);
    ::mprotect(base + mapped - page, page, PROT_NONE);
    return base + mapped - page - size;
  }
  auto *block = static_cast<uint8_t *>(mappings.front().first);
  return block + std::exchange(bytes, bytes + static_cast<int64_t>(llvm::alignTo(size, lineBytes)));
}

TuneMemory::TuneMemory(KernelOp kernel, const TuneSetting &setting, Layout layout)
    : inPlace(setting.inPlace) {
  Block &body = kernel.getBody().front();
  positive = llvm::any_of(body, wantsPositive);
  for (auto [i, type] : llvm::enumerate(kernel.getInputs().getTypes()))
    inputs.push_back({cast<RankedTensorType>(type), kernel.inputPitch(i)});
  for (auto [i, type] : llvm::enumerate(kernel.getResultTypes()))
    outputs.push_back({cast<RankedTensorType>(type), kernel.outputPitch(i)});
  inPlace.resize(outputs.size(), -1);
  if (layout == Layout::Packed) {
    int64_t all = 0;
    for (const Value &value : inputs)
      all += static_cast<int64_t>(llvm::alignTo(value.bytes(), lineBytes));
    for (const Value &value : outputs)
      all += static_cast<int64_t>(llvm::alignTo(value.bytes(), lineBytes));
    void *block =
        ::mmap(nullptr, all + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED)
      llvm::report_bad_alloc_error("operands of a kernel to measure");
    mappings.emplace_back(block, all + page);
  }
  const auto place = [&](Value &value) {
    value.data = allocate(value.bytes(), layout);
    if (!value.data)
      llvm::report_bad_alloc_error("operands of a kernel to measure");
  };
  for (Value &value : inputs)
    place(value);
  for (auto [i, value] : llvm::enumerate(outputs)) {
    if (const int over = inPlace[i]; over >= 0 && inputs[over].bytes() == value.bytes())
      value.data = inputs[over].data;
    else
      place(value);
  }
  for (const std::vector<Value> *values : {&inputs, &outputs})
    for (const Value &value : *values)
      buffers.emplace_back().host = value.data;
  for (HalideBuffer &buffer : buffers)
    pointers.push_back(&buffer);
  reset();
}

TuneMemory::~TuneMemory() {
  for (auto [base, size] : mappings)
    ::munmap(base, size);
}

void TuneMemory::reset() {
  for (const Value &value : outputs)
    std::memset(value.data, 0, static_cast<size_t>(value.bytes()));
  for (auto [i, value] : llvm::enumerate(inputs))
    fill(value, positive, static_cast<unsigned>(i) + 1);
}

llvm::Error compareResults(const TuneMemory &expected, const TuneMemory &actual) {
  for (size_t r = 0; r < expected.results().size(); ++r) {
    const TuneMemory::Value &a = expected.results()[r], &b = actual.results()[r];
    if (!a.isFloat()) {
      if (std::memcmp(a.data, b.data, static_cast<size_t>(a.bytes())) != 0)
        return llvm::createStringError("its result " + llvm::Twine(r) + " has other integers");
      continue;
    }
    const auto *wanted = reinterpret_cast<const float *>(a.data),
               *got = reinterpret_cast<const float *>(b.data);
    double sum = 0;
    for (int64_t i = 0; i < a.elements(); ++i)
      sum += std::isfinite(wanted[i]) ? std::abs(wanted[i]) : 0;
    // Sums are taken in another order: a few units in the last of the 24 bits of their terms.
    const double scale = sum / static_cast<double>(std::max<int64_t>(1, a.elements()));
    for (int64_t i = 0; i < a.elements(); ++i) {
      if (std::isnan(wanted[i]) && std::isnan(got[i]))
        continue;
      if (wanted[i] == got[i])
        continue;
      const double apart = std::abs(double(wanted[i]) - double(got[i]));
      if (!(apart <= 2e-4 * (scale + std::abs(wanted[i]))))
        return llvm::createStringError("its result " + llvm::Twine(r) + " differs at element " +
                                       llvm::Twine(i) + ": " + std::to_string(got[i]) +
                                       " instead of " + std::to_string(wanted[i]));
    }
  }
  return llvm::Error::success();
}

} // namespace weir
