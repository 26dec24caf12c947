// Memory, queue and launches on an OpenCL device; see OpenClDevice.h.
#include "runtime/OpenClDevice.h"
#include "runtime/Error.h"
#include "runtime/GatherKernel.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace weir {

OpenClDevice::OpenClDevice(std::shared_ptr<const OpenClApi> shared, cl_device_id device)
    : api(std::move(shared)), device(device) {
  cl_int result = CL_SUCCESS;
  context = api->clCreateContext(nullptr, 1, &device, nullptr, nullptr, &result);
  api->check(result, "clCreateContext");
  queue = api->clCreateCommandQueue(context, device, 0, &result);
  api->check(result, "clCreateCommandQueue");
}

OpenClDevice::~OpenClDevice() {
  api->clFinish(queue);
  try {
    releaseScratch();
    while (!memories.empty())
      release(memories.begin()->first);
  } catch (const std::exception &) { // NOLINT(bugprone-empty-catch): nothing can be done here
  }
  for (auto &[state, kernels] : loaded) {
    for (auto [entry, function] : kernels.functions)
      api->clReleaseKernel(function);
    api->clReleaseProgram(kernels.program);
  }
  for (cl_event event : events)
    if (event)
      api->clReleaseEvent(event);
  api->clReleaseCommandQueue(queue);
  api->clReleaseContext(context);
}

uint64_t OpenClDevice::allocate(uint64_t bytes, const char *purpose) {
  bytes = std::max(bytes, alignment);
  cl_int result = CL_SUCCESS;
  Memory memory;
  memory.bytes = bytes;
  memory.buffer = api->clCreateBuffer(context, CL_MEM_READ_WRITE, bytes, nullptr, &result);
  if (result == CL_SUCCESS) {
    const uint8_t zero = 0;
    result =
        api->clEnqueueFillBuffer(queue, memory.buffer, &zero, 1, 0, bytes, 0, nullptr, nullptr);
  }
  if (result != CL_SUCCESS) {
    if (memory.buffer)
      api->clReleaseMemObject(memory.buffer);
    fail("out of memory on the OpenCL device: %s needs %s bytes: %s", purpose,
         withCommas(bytes).c_str(), openClErrorText(result).c_str());
  }
  // A gap between ranges, so that an address past a block's end belongs to none.
  const uint64_t address = nextAddress;
  nextAddress += aligned(bytes) + alignment;
  allocated += bytes;
  memories.emplace(address, std::move(memory));
  return address;
}

void OpenClDevice::release(uint64_t address) {
  auto found = memories.find(address);
  if (found == memories.end())
    failInternally("device memory is released that was not allocated");
  for (auto [place, buffer] : found->second.parts)
    api->clReleaseMemObject(buffer);
  api->clReleaseMemObject(found->second.buffer);
  allocated -= found->second.bytes;
  memories.erase(found);
}

void *OpenClDevice::allocateHost(uint64_t bytes, const char *purpose) {
  void *memory = std::aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
  if (!memory)
    fail("out of memory: %s needs %s bytes", purpose, withCommas(bytes).c_str());
  return memory;
}

void OpenClDevice::releaseHost(void *memory) { std::free(memory); }

// OpenCL tells how much there is, not how much others have taken.
uint64_t OpenClDevice::freeBytes() {
  const auto total = api->number<cl_ulong>(device, CL_DEVICE_GLOBAL_MEM_SIZE);
  return total > allocated ? total - allocated : 0;
}

uint64_t OpenClDevice::largestBlock() {
  return std::min<uint64_t>(freeBytes(),
                            api->number<cl_ulong>(device, CL_DEVICE_MAX_MEM_ALLOC_SIZE));
}

OpenClDevice::Place OpenClDevice::find(uint64_t address, uint64_t bytes) {
  auto after = memories.upper_bound(address);
  if (after == memories.begin())
    failInternally("a kernel was given an address that is not on the device");
  auto &[first, memory] = *std::prev(after);
  const uint64_t offset = address - first;
  if (offset + bytes > memory.bytes)
    failInternally("a kernel was given %s bytes at an address where the device has fewer",
                   withCommas(bytes).c_str());
  return {&memory, offset};
}

cl_mem OpenClDevice::part(uint64_t address, uint64_t bytes) {
  const Place place = find(address, bytes);
  if (place.offset == 0)
    return place.memory->buffer;
  cl_mem &buffer = place.memory->parts[{place.offset, bytes}];
  if (buffer)
    return buffer;
  const cl_buffer_region region = {place.offset, bytes};
  cl_int result = CL_SUCCESS;
  buffer = api->clCreateSubBuffer(place.memory->buffer, CL_MEM_READ_WRITE,
                                  CL_BUFFER_CREATE_TYPE_REGION, &region, &result);
  api->check(result, "clCreateSubBuffer");
  return buffer;
}

void OpenClDevice::upload(uint64_t to, const void *from, uint64_t bytes) {
  const Place place = find(to, bytes);
  api->check(api->clEnqueueWriteBuffer(queue, place.memory->buffer, CL_FALSE, place.offset, bytes,
                                       from, 0, nullptr, nullptr),
             "clEnqueueWriteBuffer");
}

void OpenClDevice::download(void *to, uint64_t from, uint64_t bytes) {
  const Place place = find(from, bytes);
  api->check(api->clEnqueueReadBuffer(queue, place.memory->buffer, CL_FALSE, place.offset, bytes,
                                      to, 0, nullptr, nullptr),
             "clEnqueueReadBuffer");
}

void OpenClDevice::finish() { api->check(api->clFinish(queue), "clFinish"); }

uint64_t OpenClDevice::mark() {
  cl_event &event = events[marks % events.size()];
  if (event)
    api->clReleaseEvent(event);
  event = nullptr;
  api->check(api->clEnqueueMarkerWithWaitList(queue, 0, nullptr, &event),
             "clEnqueueMarkerWithWaitList");
  api->check(api->clFlush(queue), "clFlush"); // the device may begin
  return marks++;
}

void OpenClDevice::wait(uint64_t mark) {
  api->check(api->clWaitForEvents(1, &events[mark % events.size()]), "clWaitForEvents");
}

std::string OpenClDevice::buildLog(cl_program program) const {
  size_t size = 0;
  api->clGetProgramBuildInfo(program, device, CL_PROGRAM_BUILD_LOG, 0, nullptr, &size);
  std::string log(size, '\0');
  api->clGetProgramBuildInfo(program, device, CL_PROGRAM_BUILD_LOG, size, log.data(), nullptr);
  log.resize(strnlen(log.data(), log.size()));
  return log;
}

const char *OpenClDevice::gatherSource() const { return gatherOpenCl; }

// Called before each launch of a group: but for the first time one look into a table.
void OpenClDevice::loadKernels(void **state, const char *source, int size) {
  *state = static_cast<void *>(state); // what launches know these kernels by
  Kernels &kernels = loaded[*state];
  if (kernels.program)
    return;
  const size_t length = strnlen(source, size_t(size));
  cl_int result = CL_SUCCESS;
  cl_program program = api->clCreateProgramWithSource(context, 1, &source, &length, &result);
  api->check(result, "clCreateProgramWithSource");
  // Halide's sources ask for these two where they put buffers into constant memory.
  const std::string options =
      format("-D MAX_CONSTANT_BUFFER_SIZE=%llu -D MAX_CONSTANT_ARGS=%u",
             (unsigned long long)api->number<cl_ulong>(device, CL_DEVICE_MAX_CONSTANT_BUFFER_SIZE),
             api->number<cl_uint>(device, CL_DEVICE_MAX_CONSTANT_ARGS));
  result = api->clBuildProgram(program, 1, &device, options.c_str(), nullptr, nullptr);
  if (result != CL_SUCCESS) {
    const std::string log = buildLog(program);
    api->clReleaseProgram(program);
    failInternally("the OpenCL driver refused a kernel: %s\n%s", openClErrorText(result).c_str(),
                   log.c_str());
  }
  kernels.program = program;
}

void OpenClDevice::launch(const Launch &launch) {
  auto kernels = loaded.find(launch.kernels);
  if (kernels == loaded.end())
    failInternally("'%s' was launched before it was loaded", launch.entry);
  cl_int result = CL_SUCCESS;
  cl_kernel &function = kernels->second.functions[launch.entry];
  if (!function) {
    function = api->clCreateKernel(kernels->second.program, launch.entry, &result);
    api->check(result, "clCreateKernel");
  }
  cl_uint count = 0;
  for (; launch.sizes[count] != 0; ++count) {
    const void *argument = launch.arguments[count];
    size_t size = launch.sizes[count];
    cl_mem memory = nullptr;
    if (launch.areBuffers[count]) {
      const auto *buffer = static_cast<const HalideBuffer *>(argument);
      memory = part(buffer->device, buffer->bytes());
      argument = static_cast<const void *>(&memory);
      size = sizeof(cl_mem);
    }
    api->check(api->clSetKernelArg(function, count, size, argument), "clSetKernelArg");
  }
  // Every kernel of Halide's has local memory as its last argument, which may not be empty.
  api->check(api->clSetKernelArg(function, count, size_t(std::max(1, launch.sharedBytes)), nullptr),
             "clSetKernelArg");
  size_t global[3], local[3];
  for (int i = 0; i < 3; ++i) {
    local[i] = size_t(launch.threads[i]);
    global[i] = size_t(launch.blocks[i]) * local[i];
  }
  result =
      api->clEnqueueNDRangeKernel(queue, function, 3, nullptr, global, local, 0, nullptr, nullptr);
  if (result != CL_SUCCESS)
    failInternally("launching '%s' (%d x %d x %d groups of %d x %d x %d, %d bytes local) failed: "
                   "%s",
                   launch.entry, launch.blocks[0], launch.blocks[1], launch.blocks[2],
                   launch.threads[0], launch.threads[1], launch.threads[2], launch.sharedBytes,
                   openClErrorText(result).c_str());
}

} // namespace weir
