// OpenCL's devices, link by link; see DeviceChain.h.
#include "runtime/DeviceChain.h"
#include "runtime/Error.h"
#include "runtime/OpenClDevice.h"

#include <cstdlib>
#include <dirent.h>

namespace weir {

static Link libraryLink(const OpenClApi &api) {
  Link link{"driver library", api.library.isOpen(), "", ""};
  if (link.good) {
    link.fact = api.library.name() + " (" + api.library.file() + ")";
    return link;
  }
  link.fact = api.library.failureText();
  link.advice = "install OpenCL's loader (ocl-icd-libopencl1) and the driver of your device (its "
                "vendor's, or pocl-opencl-icd for the CPU)";
  return link;
}

static Link functionsLink(const OpenClApi &api) {
  Link link{"driver functions", api.missing.empty(), "OpenCL 1.2", ""};
  if (link.good)
    return link;
  link.fact = "missing:";
  for (const std::string &name : api.missing)
    link.fact += " " + name;
  link.advice = "this loader is older than OpenCL 1.2: install ocl-icd-libopencl1";
  return link;
}

// What the loader reads to find drivers.
static std::string driversOf() {
  std::string text;
  for (const char *name : {"OCL_ICD_VENDORS", "OCL_ICD_FILENAMES", "OPENCL_VENDOR_PATH"})
    if (const char *value = std::getenv(name))
      text += format("%s%s is '%s'", text.empty() ? "" : ", ", name, value);
  if (!text.empty())
    return text;
  int count = 0;
  if (DIR *stream = opendir("/etc/OpenCL/vendors")) {
    while (const dirent *entry = readdir(stream)) {
      const std::string name = entry->d_name;
      count += name.size() > 4 && name.compare(name.size() - 4, 4, ".icd") == 0;
    }
    closedir(stream);
  }
  return format("/etc/OpenCL/vendors names %d %s", count, count == 1 ? "driver" : "drivers");
}

static Link platformsLink(const OpenClApi &api, std::vector<cl_platform_id> &platforms) {
  cl_uint count = 0;
  cl_int result = api.clGetPlatformIDs(0, nullptr, &count);
  if (result == CL_SUCCESS && count > 0) {
    platforms.resize(count);
    result = api.clGetPlatformIDs(count, platforms.data(), nullptr);
  }
  Link link{"platforms", result == CL_SUCCESS && count > 0, "", ""};
  for (size_t i = 0; link.good && i < platforms.size(); ++i)
    link.fact += (link.fact.empty() ? "" : ", ") + api.text(platforms[i], CL_PLATFORM_NAME) + " (" +
                 api.text(platforms[i], CL_PLATFORM_VERSION) + ")";
  if (link.good)
    return link;
  link.fact = (result == CL_SUCCESS ? "none" : openClErrorText(result)) + "; " + driversOf();
  link.advice = "install the OpenCL driver of your device (nvidia-opencl-icd, intel-opencl-icd, "
                "mesa-opencl-icd, pocl-opencl-icd for the CPU); `clinfo -l` lists them";
  return link;
}

static const char *kindText(cl_device_type type) {
  return type & CL_DEVICE_TYPE_GPU ? "GPU" : type & CL_DEVICE_TYPE_CPU ? "CPU" : "accelerator";
}

static FoundDevice describe(const std::shared_ptr<const OpenClApi> &api, cl_device_id device) {
  FoundDevice found;
  const auto type = api->number<cl_device_type>(device, CL_DEVICE_TYPE);
  found.isCpu = (type & CL_DEVICE_TYPE_CPU) != 0;
  found.title = api->text(device, CL_DEVICE_NAME) + ", " + kindText(type);
  found.links.push_back({"device", true, found.title, ""});
  auto add = [&](const char *name, bool good, const std::string &fact, const char *advice) {
    if (!brokenLink(found.links))
      found.links.push_back({name, good, fact, good ? "" : advice});
  };
  const bool available = api->number<cl_bool>(device, CL_DEVICE_AVAILABLE) != 0;
  add("available", available, available ? "yes" : "no",
      "the driver says that the device cannot be used now: another process may hold it");
  const std::string version = api->text(device, CL_DEVICE_VERSION);
  add("version", version.rfind("OpenCL 1.0", 0) != 0 && version.rfind("OpenCL 1.1", 0) != 0,
      version, "programs need OpenCL 1.2: update the device's driver");
  const bool compiles = api->number<cl_bool>(device, CL_DEVICE_COMPILER_AVAILABLE) != 0;
  add("compiler", compiles, compiles ? "yes" : "no",
      "the driver cannot compile OpenCL C, which programs hold: install its full version");
  const bool doubles = api->number<cl_device_fp_config>(device, CL_DEVICE_DOUBLE_FP_CONFIG) != 0;
  add("double precision", doubles, doubles ? "yes" : "no",
      "the device has no 64-bit floating point, in which optimizers' scalars are computed: run on "
      "the CPU");
  const auto bits = api->number<cl_uint>(device, CL_DEVICE_MEM_BASE_ADDR_ALIGN);
  add("alignment", bits > 0 && bits / 8 <= Accelerator::alignment, format("%u bytes", bits / 8),
      "programs lay buffers out at multiples of 512 bytes");
  cl_int result = CL_SUCCESS;
  cl_context context = api->clCreateContext(nullptr, 1, &device, nullptr, nullptr, &result);
  if (context)
    api->clReleaseContext(context);
  const auto memory = api->number<cl_ulong>(device, CL_DEVICE_GLOBAL_MEM_SIZE);
  add("context and memory", result == CL_SUCCESS,
      result == CL_SUCCESS ? format("%.0f MB", double(memory) / (1 << 20))
                           : openClErrorText(result),
      "the driver cannot open the device: see `clinfo`, permissions of /dev/dri/renderD* (group "
      "render), and who else uses it");
  found.open = [api, device] { return std::make_unique<OpenClDevice>(api, device); };
  return found;
}

// GPUs come first.
static std::vector<cl_device_id> devicesOf(const OpenClApi &api,
                                           const std::vector<cl_platform_id> &platforms) {
  std::vector<cl_device_id> gpus, others;
  for (cl_platform_id platform : platforms) {
    cl_uint count = 0;
    if (api.clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 0, nullptr, &count) != CL_SUCCESS)
      continue;
    std::vector<cl_device_id> some(count);
    if (api.clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, count, some.data(), nullptr) != CL_SUCCESS)
      continue;
    for (cl_device_id device : some) {
      const auto type = api.number<cl_device_type>(device, CL_DEVICE_TYPE);
      (type & CL_DEVICE_TYPE_GPU ? gpus : others).push_back(device);
    }
  }
  gpus.insert(gpus.end(), others.begin(), others.end());
  return gpus;
}

Backend findOpenCl() {
  Backend backend;
  backend.name = "opencl";
  auto api = std::make_shared<const OpenClApi>();
  backend.links.push_back(libraryLink(*api));
  if (!backend.links.back().good)
    return backend;
  backend.links.push_back(functionsLink(*api));
  if (!backend.links.back().good)
    return backend;
  std::vector<cl_platform_id> platforms;
  backend.links.push_back(platformsLink(*api, platforms));
  if (!backend.links.back().good)
    return backend;
  const std::vector<cl_device_id> devices = devicesOf(*api, platforms);
  backend.links.push_back({"devices", !devices.empty(), format("%zu", devices.size()),
                           devices.empty() ? "the platforms have no device this user may open: see "
                                             "`clinfo`, and permissions of /dev/dri/renderD* "
                                             "(group render)"
                                           : ""});
  for (size_t number = 0; number < devices.size(); ++number) {
    backend.devices.push_back(describe(api, devices[number]));
    backend.devices.back().id = format("opencl:%zu", number);
  }
  return backend;
}

} // namespace weir
