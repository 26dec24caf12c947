// The hooks that GPU kernels call, on the OpenCL device that is at hand (PoCL where there is no
// GPU): a kernel written as Halide writes them, at addresses inside one block.
#include "runtime/Context.h"
#include "runtime/Dataset.h"
#include "runtime/DeviceChain.h"
#include "runtime/GatherKernel.h"
#include "test/runtime/FakeNet.h"
#include "test/runtime/Support.h"

#include <cstring>
#include <numeric>

extern "C" {
int halide_opencl_initialize_kernels(void *context, void **state, const char *source, int size);
int halide_opencl_run(void *context, void *state, const char *entry, int blocksX, int blocksY,
                      int blocksZ, int threadsX, int threadsY, int threadsZ, int sharedBytes,
                      size_t *sizes, void **arguments, int8_t *areBuffers);
int halide_device_malloc(void *context, weir::HalideBuffer *buffer, const void *interface);
int halide_device_free(void *context, weir::HalideBuffer *buffer);
}

namespace weir::test {
namespace {

// out[i] = in[i] * factor, each value by way of local memory.
const char source[] = R"(
__kernel void scale(__global float *restrict out, __global const float *restrict in, float factor,
                    __local int16 *shared) {
  __local float *values = (__local float *)shared;
  const int i = get_group_id(0) * 8 + get_local_id(0);
  values[get_local_id(0)] = in[i];
  barrier(CLK_LOCAL_MEM_FENCE);
  out[i] = values[get_local_id(0)] * factor;
})";

class OpenClDeviceTest : public testing::Test {
protected:
  void SetUp() override {
    Backend backend = findOpenCl();
    if (const Link *broken = brokenLink(backend.links))
      GTEST_SKIP() << "no OpenCL device: " << broken->name << ": " << broken->fact;
    if (const Link *broken = brokenLink(backend.devices[0].links))
      GTEST_SKIP() << "no OpenCL device: " << broken->name << ": " << broken->fact;
    device = backend.devices[0].open();
    context.device = device.get();
  }

  HalideBuffer buffer(uint64_t address) {
    return {address, nullptr, nullptr, 0, 2, 32, 1, 1, &extent, nullptr};
  }

  int scale(HalideBuffer &out, HalideBuffer &in, float factor, const char *text = source) {
    if (int code = halide_opencl_initialize_kernels(&context, &state, text, int(strlen(text)) + 1))
      return code;
    size_t sizes[] = {8, 8, 4, 0};
    void *arguments[] = {&out, &in, &factor, nullptr};
    int8_t areBuffers[] = {1, 1, 0, 0};
    return halide_opencl_run(&context, state, "scale", 8, 1, 1, 8, 1, 1, 32, sizes, arguments,
                             areBuffers);
  }

  std::string failure() {
    try {
      std::rethrow_exception(context.failure);
    } catch (const std::exception &error) {
      return error.what();
    }
  }

  std::unique_ptr<Accelerator> device;
  Context context;
  void *state = nullptr;
  HalideDimension extent{0, 64, 1, 0};
};

TEST_F(OpenClDeviceTest, KernelsReadAndWriteAtAddressesInsideABlock) {
  const uint64_t block = device->allocate(4096, "a test");
  std::vector<float> values(64), result(64), rest(64);
  std::iota(values.begin(), values.end(), 0.0f);
  device->upload(block + 1024, values.data(), 256);
  HalideBuffer in = buffer(block + 1024), out = buffer(block + 2048);
  ASSERT_EQ(scale(out, in, 2.5f), 0);
  HalideBuffer inPlace = buffer(block + 2048);
  ASSERT_EQ(scale(inPlace, inPlace, 2.0f), 0);
  device->download(result.data(), block + 2048, 256);
  device->download(rest.data(), block + 2048 + 256, 256);
  device->wait(device->mark());
  for (int i = 0; i < 64; ++i) {
    EXPECT_EQ(result[size_t(i)], 5.0f * float(i));
    EXPECT_EQ(rest[size_t(i)], 0.0f); // blocks begin as zeros
  }
  device->release(block);
}

// Three channels and more values than one block of threads has, against the host's normalisation.
TEST_F(OpenClDeviceTest, GatherGivesTheHostsBatches) {
  FakeShape shape;
  shape.height = 11, shape.width = 13, shape.channels = 3;
  Manifest manifest = readManifest(makeFakeProgram(shape));
  manifest.recipe->mean = {0.1f, 0.2f, 0.3f};
  manifest.recipe->deviation = {0.5f, 0.7f, 0.9f};
  const Normalizer normalizer(manifest);
  const uint64_t size = manifest.imageSize(), count = 7;
  std::vector<uint8_t> pixels(count * size);
  for (size_t i = 0; i < pixels.size(); ++i)
    pixels[i] = uint8_t(i * 37 + i / 256);
  const std::vector<int32_t> allLabels = {3, 1, 4, 1, 5, 9, 2}, index = {6, 0, 3, 3};
  const std::vector<float> factors = normalizer.factors();
  auto there = [&](const auto &values) {
    const uint64_t bytes = values.size() * sizeof(values[0]);
    const uint64_t address = device->allocate(bytes, "a test");
    device->upload(address, values.data(), bytes);
    return address;
  };
  const Gather gather = {there(pixels),
                         there(allLabels),
                         there(index),
                         there(factors),
                         device->allocate(4 * size * sizeof(float), "a test"),
                         device->allocate(4 * sizeof(int32_t), "a test"),
                         count,
                         4,
                         size,
                         3};
  void *kernel = nullptr;
  launchGather(*device, kernel, gather);
  std::vector<float> images(4 * size), expected(size);
  std::vector<int32_t> labels(4);
  device->download(images.data(), gather.images, 4 * size * sizeof(float));
  device->download(labels.data(), gather.labels, 4 * sizeof(int32_t));
  device->finish();
  EXPECT_EQ(labels, (std::vector<int32_t>{2, 3, 1, 1}));
  for (size_t n = 0; n < 4; ++n) {
    normalizer.convert(pixels.data() + size_t(index[n]) * size, size, expected.data());
    EXPECT_EQ(
        std::vector<float>(images.begin() + long(n * size), images.begin() + long((n + 1) * size)),
        expected);
  }
}

TEST_F(OpenClDeviceTest, ScratchIsTakenFromThePoolAgain) {
  HalideBuffer first = buffer(0), second = buffer(0);
  ASSERT_EQ(halide_device_malloc(&context, &first, nullptr), 0);
  ASSERT_EQ(halide_device_malloc(&context, &second, nullptr), 0);
  EXPECT_NE(first.device, second.device);
  const uint64_t address = first.device, bytes = device->scratchBytes();
  ASSERT_EQ(halide_device_free(&context, &first), 0);
  EXPECT_EQ(first.device, 0u);
  device->restScratch();
  ASSERT_EQ(halide_device_malloc(&context, &first, nullptr), 0);
  EXPECT_EQ(first.device, address);
  EXPECT_EQ(device->scratchBytes(), bytes);
}

// Memory that one launch of a call has given back would make the next one wait for it.
TEST_F(OpenClDeviceTest, ScratchIsTakenAgainWithinACallOnlyWhenThePoolIsLarge) {
  const auto take = [&](int32_t bytes) {
    HalideDimension dim{0, bytes, 1, 0};
    HalideBuffer memory = {0, nullptr, nullptr, 0, 1, 8, 1, 1, &dim, nullptr};
    EXPECT_EQ(halide_device_malloc(&context, &memory, nullptr), 0);
    const uint64_t address = memory.device;
    EXPECT_EQ(halide_device_free(&context, &memory), 0);
    return address;
  };
  EXPECT_NE(take(512), take(512));
  const uint64_t large = take(33 << 20);
  EXPECT_EQ(take(33 << 20), large);
}

TEST_F(OpenClDeviceTest, WhatTheDriverSaysAboutAKernelReachesTheUser) {
  HalideBuffer memory = buffer(device->allocate(256, "a test"));
  EXPECT_NE(scale(memory, memory, 1, "__kernel void scale() { not_declared(); }"), 0);
  EXPECT_CONTAINS(failure(), "CL_BUILD_PROGRAM_FAILURE");
  EXPECT_CONTAINS(failure(), "not_declared");
}

TEST_F(OpenClDeviceTest, AddressesOutsideBlocksAreRefused) {
  const uint64_t block = device->allocate(512, "a test");
  HalideBuffer in = buffer(block), out = buffer(block + 512);
  EXPECT_NE(scale(out, in, 1), 0);
  EXPECT_CONTAINS(failure(), "where the device has fewer");
}

TEST_F(OpenClDeviceTest, MoreMemoryThanThereIsIsAUserError) {
  EXPECT_CONTAINS(errorOf([&] { device->allocate(uint64_t(1) << 50, "the net's arena"); }),
                  "out of memory on the OpenCL device: the net's arena needs");
}

TEST_F(OpenClDeviceTest, AKernelWithoutADeviceIsAnError) {
  context.device = nullptr;
  HalideBuffer memory = buffer(0);
  EXPECT_NE(scale(memory, memory, 1), 0);
  EXPECT_CONTAINS(failure(), "without a device");
}

} // namespace
} // namespace weir::test
