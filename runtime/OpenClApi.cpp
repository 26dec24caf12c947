// Functions by their names; see OpenClApi.h.
#include "runtime/OpenClApi.h"
#include "runtime/Error.h"

namespace weir {

OpenClApi::OpenClApi() : library({"libOpenCL.so.1", "libOpenCL.so"}) {
  if (!library.isOpen())
    return;
#define X(name)                                                                                    \
  name = reinterpret_cast<decltype(name)>(library.find(#name));                                    \
  if (!name)                                                                                       \
    missing.push_back(#name);
  WEIR_OPENCL_FUNCTIONS(X)
#undef X
}

std::string openClErrorText(cl_int result) {
  struct Name {
    cl_int number;
    const char *name;
  };
  static constexpr Name names[] = {
      {CL_DEVICE_NOT_FOUND, "CL_DEVICE_NOT_FOUND"},
      {CL_DEVICE_NOT_AVAILABLE, "CL_DEVICE_NOT_AVAILABLE"},
      {CL_COMPILER_NOT_AVAILABLE, "CL_COMPILER_NOT_AVAILABLE"},
      {CL_MEM_OBJECT_ALLOCATION_FAILURE, "CL_MEM_OBJECT_ALLOCATION_FAILURE"},
      {CL_OUT_OF_RESOURCES, "CL_OUT_OF_RESOURCES"},
      {CL_OUT_OF_HOST_MEMORY, "CL_OUT_OF_HOST_MEMORY"},
      {CL_BUILD_PROGRAM_FAILURE, "CL_BUILD_PROGRAM_FAILURE"},
      {CL_MISALIGNED_SUB_BUFFER_OFFSET, "CL_MISALIGNED_SUB_BUFFER_OFFSET"},
      {CL_INVALID_VALUE, "CL_INVALID_VALUE"},
      {CL_INVALID_DEVICE, "CL_INVALID_DEVICE"},
      {CL_INVALID_BUFFER_SIZE, "CL_INVALID_BUFFER_SIZE"},
      {CL_INVALID_KERNEL_NAME, "CL_INVALID_KERNEL_NAME"},
      {CL_INVALID_KERNEL_ARGS, "CL_INVALID_KERNEL_ARGS"},
      {CL_INVALID_WORK_GROUP_SIZE, "CL_INVALID_WORK_GROUP_SIZE"},
      {-1001, "CL_PLATFORM_NOT_FOUND_KHR"}};
  for (const Name &name : names)
    if (name.number == result)
      return format("%s (%d)", name.name, result);
  return format("error %d", result);
}

void OpenClApi::check(cl_int result, const char *what) const {
  if (result == CL_SUCCESS)
    return;
  if (result == CL_MEM_OBJECT_ALLOCATION_FAILURE || result == CL_OUT_OF_HOST_MEMORY)
    fail("out of memory on the OpenCL device: %s failed: %s", what,
         openClErrorText(result).c_str());
  failInternally("%s failed: %s", what, openClErrorText(result).c_str());
}

// Both kinds of query give first the size, then the bytes with a zero at their end.
template <typename Query> static std::string textOf(const Query &query) {
  size_t size = 0;
  if (query(0, nullptr, &size) != CL_SUCCESS || size == 0)
    return "";
  std::string text(size, '\0');
  if (query(size, text.data(), nullptr) != CL_SUCCESS)
    return "";
  while (!text.empty() && (text.back() == '\0' || text.back() == ' '))
    text.pop_back();
  return text;
}

std::string OpenClApi::text(cl_platform_id platform, cl_platform_info property) const {
  return textOf([&](size_t size, char *bytes, size_t *needed) {
    return clGetPlatformInfo(platform, property, size, bytes, needed);
  });
}

std::string OpenClApi::text(cl_device_id device, cl_device_info property) const {
  return textOf([&](size_t size, char *bytes, size_t *needed) {
    return clGetDeviceInfo(device, property, size, bytes, needed);
  });
}

} // namespace weir
