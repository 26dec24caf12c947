// The part of OpenCL that programs use, opened at run time. Declarations are Khronos's own headers,
// which ask for no library.
#ifndef WEIR_RUNTIME_OPENCLAPI_H
#define WEIR_RUNTIME_OPENCLAPI_H

#include "runtime/DriverLibrary.h"

#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>

namespace weir {

// All of OpenCL 1.2 (2011).
#define WEIR_OPENCL_FUNCTIONS(X)                                                                   \
  X(clGetPlatformIDs)                                                                              \
  X(clGetPlatformInfo)                                                                             \
  X(clGetDeviceIDs)                                                                                \
  X(clGetDeviceInfo)                                                                               \
  X(clCreateContext)                                                                               \
  X(clReleaseContext)                                                                              \
  X(clCreateCommandQueue)                                                                          \
  X(clReleaseCommandQueue)                                                                         \
  X(clCreateBuffer)                                                                                \
  X(clCreateSubBuffer)                                                                             \
  X(clReleaseMemObject)                                                                            \
  X(clCreateProgramWithSource)                                                                     \
  X(clBuildProgram)                                                                                \
  X(clGetProgramBuildInfo)                                                                         \
  X(clReleaseProgram)                                                                              \
  X(clCreateKernel)                                                                                \
  X(clReleaseKernel)                                                                               \
  X(clSetKernelArg)                                                                                \
  X(clEnqueueNDRangeKernel)                                                                        \
  X(clEnqueueReadBuffer)                                                                           \
  X(clEnqueueWriteBuffer)                                                                          \
  X(clEnqueueFillBuffer)                                                                           \
  X(clEnqueueMarkerWithWaitList)                                                                   \
  X(clWaitForEvents)                                                                               \
  X(clReleaseEvent)                                                                                \
  X(clFlush)                                                                                       \
  X(clFinish)

struct OpenClApi {
  /// Opens libOpenCL; whatever is missing is nullptr.
  OpenClApi();

  DriverLibrary library;
  /// The symbols that the library does not have.
  std::vector<std::string> missing;

  /// Throws an InternalError, or a UserError for what is no defect of weir, with `what` was tried.
  void check(cl_int result, const char *what) const;

  /// A device's or platform's property as text.
  std::string text(cl_platform_id platform, cl_platform_info property) const;
  std::string text(cl_device_id device, cl_device_info property) const;
  /// A device's property as a number; 0 if it cannot be had.
  template <typename Number> Number number(cl_device_id device, cl_device_info property) const {
    Number value = 0;
    return clGetDeviceInfo(device, property, sizeof value, &value, nullptr) == CL_SUCCESS ? value
                                                                                          : 0;
  }

#define X(name) decltype(&::name) name = nullptr;
  WEIR_OPENCL_FUNCTIONS(X)
#undef X
};

/// "CL_OUT_OF_RESOURCES (-5)".
std::string openClErrorText(cl_int result);

} // namespace weir

#endif
