// The gather in OpenCL C, and the same by hand in PTX, which the driver assembles; see
// GatherKernel.h.
#include "runtime/GatherKernel.h"

namespace weir {

// The last argument is the local memory that every kernel is given (OpenClDevice.cpp).
const char *const gatherOpenCl = R"(#pragma OPENCL FP_CONTRACT OFF
__kernel void weir_gather(__global const uchar *restrict pixels,
                          __global const int *restrict allLabels, __global const int *restrict index,
                          __global const float *restrict factors, __global float *restrict images,
                          __global int *restrict labels, int size, int channels,
                          __local int16 *shared) {
  const int i = get_group_id(0) * 256 + get_local_id(0), n = get_group_id(1);
  if (i >= size)
    return;
  const int which = index[n], channel = i % channels;
  const float scaled = (float)pixels[(ulong)which * size + i] * factors[channel];
  images[(ulong)n * size + i] = scaled + factors[channels + channel];
  if (i == 0)
    labels[n] = allLabels[which];
}
)";

const char *const gatherPtx = R"(.version 6.3
.target sm_75
.address_size 64

.visible .entry weir_gather(
  .param .u64 pixels, .param .u64 allLabels, .param .u64 index, .param .u64 factors,
  .param .u64 images, .param .u64 labels, .param .u32 size, .param .u32 channels)
{
  .reg .pred %outside, %later;
  .reg .b32 %block, %thread, %i, %n, %size, %channels, %which, %pixel, %channel, %label;
  .reg .b64 %base, %offset, %place, %wide;
  .reg .f32 %value, %factor;

  mov.u32 %block, %ctaid.x;
  mov.u32 %thread, %tid.x;
  mad.lo.u32 %i, %block, 256, %thread;
  mov.u32 %n, %ctaid.y;
  ld.param.u32 %size, [size];
  ld.param.u32 %channels, [channels];
  setp.ge.u32 %outside, %i, %size;
  @%outside bra done;
  cvt.u64.u32 %wide, %i;

  // which = index[n]
  ld.param.u64 %base, [index];
  cvta.to.global.u64 %base, %base;
  mad.wide.u32 %place, %n, 4, %base;
  ld.global.u32 %which, [%place];

  // value = pixels[which * size + i]
  ld.param.u64 %base, [pixels];
  cvta.to.global.u64 %base, %base;
  mul.wide.u32 %offset, %which, %size;
  add.u64 %offset, %offset, %wide;
  add.u64 %place, %base, %offset;
  ld.global.u8 %pixel, [%place];
  cvt.rn.f32.u32 %value, %pixel;

  // value = value * factors[channel] + factors[channels + channel], each rounded
  rem.u32 %channel, %i, %channels;
  ld.param.u64 %base, [factors];
  cvta.to.global.u64 %base, %base;
  mad.wide.u32 %place, %channel, 4, %base;
  ld.global.f32 %factor, [%place];
  mul.rn.f32 %value, %value, %factor;
  mad.wide.u32 %place, %channels, 4, %place;
  ld.global.f32 %factor, [%place];
  add.rn.f32 %value, %value, %factor;

  // images[n * size + i] = value
  ld.param.u64 %base, [images];
  cvta.to.global.u64 %base, %base;
  mul.wide.u32 %offset, %n, %size;
  add.u64 %offset, %offset, %wide;
  shl.b64 %offset, %offset, 2;
  add.u64 %place, %base, %offset;
  st.global.f32 [%place], %value;

  // labels[n] = allLabels[which], by the first thread
  setp.ne.u32 %later, %i, 0;
  @%later bra done;
  ld.param.u64 %base, [allLabels];
  cvta.to.global.u64 %base, %base;
  mad.wide.u32 %place, %which, 4, %base;
  ld.global.u32 %label, [%place];
  ld.param.u64 %base, [labels];
  cvta.to.global.u64 %base, %base;
  mad.wide.u32 %place, %n, 4, %base;
  st.global.u32 [%place], %label;
done:
  ret;
}
)";

// Bytes in memory at an address, as many as two extents say.
static HalideBuffer bytesAt(uint64_t address, HalideDimension (&dims)[2], uint64_t rows,
                            uint64_t rowBytes) {
  dims[0] = {0, int32_t(rowBytes), 1, 0};
  dims[1] = {0, int32_t(rows), int32_t(rowBytes), 0};
  return {address, nullptr, nullptr, 0, 1, 8, 1, 2, dims, nullptr};
}

void launchGather(Accelerator &device, void *&state, const Gather &gather) {
  device.loadKernels(&state, device.gatherSource(), 1 << 16);
  const uint64_t batch = gather.batch, word = sizeof(int32_t);
  HalideDimension dims[6][2];
  HalideBuffer buffers[] = {
      bytesAt(gather.pixels, dims[0], gather.count, gather.size),
      bytesAt(gather.allLabels, dims[1], gather.count, word),
      bytesAt(gather.index, dims[2], batch, word),
      bytesAt(gather.factors, dims[3], 2, gather.channels * word),
      bytesAt(gather.images, dims[4], batch, gather.size * word),
      bytesAt(gather.labels, dims[5], batch, word),
  };
  for (HalideBuffer *result : {&buffers[4], &buffers[5]})
    result->flags = HalideBuffer::written;
  int32_t size = int32_t(gather.size), channels = int32_t(gather.channels);
  void *arguments[] = {&buffers[0], &buffers[1], &buffers[2], &buffers[3],
                       &buffers[4], &buffers[5], &size,       &channels};
  const size_t sizes[] = {8, 8, 8, 8, 8, 8, 4, 4, 0};
  const int8_t areBuffers[] = {1, 1, 1, 1, 1, 1, 0, 0};
  constexpr int threads = 256;
  device.launch({state,
                 "weir_gather",
                 {(size + threads - 1) / threads, int(batch), 1},
                 {threads, 1, 1},
                 0,
                 sizes,
                 arguments,
                 areBuffers});
}

} // namespace weir
