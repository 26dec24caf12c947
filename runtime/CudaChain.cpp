// NVIDIA GPUs, link by link; see DeviceChain.h.
#include "runtime/CudaDevice.h"
#include "runtime/DeviceChain.h"
#include "runtime/Error.h"

#include <cstdlib>

namespace weir {

// Has every function of CudaApi.h, and assembles PTX for compute capability 8.0.
static constexpr int oldestDriver = 11000;

const Link *brokenLink(const std::vector<Link> &links) {
  for (const Link &link : links)
    if (!link.good)
      return &link;
  return nullptr;
}

static std::string joined(const std::vector<std::string> &list, const char *between) {
  std::string text;
  for (const std::string &item : list)
    text += (text.empty() ? "" : between) + item;
  return text;
}

static const char *const startContainer =
    "this is a container without a GPU: start it with --gpus all (docker and podman, with NVIDIA's "
    "Container Toolkit on the host)";

static std::string adviceForNoLibrary(const NvidiaHints &hints) {
  if (hints.container)
    return startContainer;
  if (hints.wsl)
    return "this is WSL: install NVIDIA's driver in Windows, none inside WSL, and restart WSL";
  if (hints.kernelDriver)
    return "the driver's kernel module is loaded but not its library: install the package with "
           "libcuda.so.1 of the same version (libcuda1, libnvidia-compute-<version>, "
           "nvidia-driver-cuda-libs), or add its folder to LD_LIBRARY_PATH";
  if (!hints.gpu.empty())
    return "this machine has an NVIDIA GPU (PCI " + hints.gpu + ") without NVIDIA's driver" +
           (hints.nouveau ? " (nouveau, which has no CUDA, drives it)" : "") +
           ": install the driver of your distribution (nvidia-driver) and restart";
  return "no NVIDIA GPU is seen on this machine's PCI bus; if there is one, look at it with lspci, "
         "else run on the CPU";
}

static Link libraryLink(const CudaApi &api, const NvidiaHints &hints) {
  Link link{"driver library", api.library.isOpen(), "", ""};
  if (link.good) {
    link.fact = api.library.name() + " (" + api.library.file() + ")";
    return link;
  }
  const char *paths = std::getenv("LD_LIBRARY_PATH");
  link.fact = api.library.failureText() + "; LD_LIBRARY_PATH is " +
              (paths && *paths ? "'" + std::string(paths) + "'" : "not set");
  link.advice = adviceForNoLibrary(hints);
  return link;
}

static Link functionsLink(const CudaApi &api) {
  Link link{"driver functions", api.missing.empty(), "", ""};
  link.fact = link.good ? (api.hasGraphs ? "all, with graphs" : "all but graphs (CUDA 11.4)")
                        : "missing: " + joined(api.missing, ", ");
  if (!link.good)
    link.advice = "this driver is too old, or '" + api.library.file() +
                  "' is no driver: install NVIDIA's driver 450 (CUDA 11.0) or newer";
  return link;
}

static Link versionLink(const CudaApi &api) {
  int version = 0;
  const cuda::Result result = api.driverGetVersion(&version);
  Link link{"driver version", result == cuda::success && version >= oldestDriver, "", ""};
  link.fact = result == cuda::success ? "CUDA " + cudaVersionText(version) : api.text(result);
  if (!link.good)
    link.advice = "programs need CUDA " + cudaVersionText(oldestDriver) +
                  " or newer: update NVIDIA's driver to 450 or newer";
  return link;
}

// The variables that hide devices from CUDA; empty where none is set.
static std::string visibility() {
  std::string text;
  for (const char *name : {"CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES"})
    if (const char *value = std::getenv(name))
      text += (text.empty() ? "" : ", ") + format("%s is '%s'", name, value);
  return text;
}

static std::string adviceForInit(cuda::Result result, const NvidiaHints &hints) {
  switch (result) {
  case cuda::stubLibrary:
    return "the library is the toolkit's stub, made for linking: take its folder (…/stubs) out of "
           "LD_LIBRARY_PATH";
  case cuda::noDevice:
    if (!visibility().empty())
      return visibility() + ", which hides devices: unset it, or name one that exists";
    if (hints.container)
      return startContainer;
    return "the driver sees no GPU: look at nvidia-smi and at dmesg for what the kernel module "
           "says";
  case cuda::systemDriverMismatch:
    return "library and kernel module have different versions, as after an update: restart the "
           "machine (or reload the module nvidia)";
  case cuda::compatNotSupported:
    return "the library is one of forward compatibility, which this GPU does not have: take "
           "…/compat out of LD_LIBRARY_PATH, or update the driver";
  case cuda::systemNotReady:
    return "the machine's GPUs are not ready yet: start NVIDIA's fabric manager "
           "(nvidia-fabricmanager) and try again";
  case cuda::deviceUnavailable:
    return "the GPU is held by another process in exclusive mode: see nvidia-smi, and end that "
           "process or set the mode with nvidia-smi -c DEFAULT";
  default:
    return "look at nvidia-smi and at dmesg for what the kernel module says; after an update of "
           "the driver, restart the machine";
  }
}

// Files matter only where initialisation fails: WSL has none of them.
static Link filesLink(const NvidiaHints &hints, bool initialised) {
  Link link{"device files", true, joined(hints.deviceFiles, ", "), ""};
  if (hints.deviceFiles.empty())
    link.fact = hints.wsl ? "/dev/dxg (WSL)" : "no /dev/nvidia*";
  if (initialised)
    return link;
  if (!hints.unreadable.empty()) {
    link.good = false;
    link.fact = hints.unreadable + " may not be opened by this user";
    link.advice = "ask for read and write permission on it (often: usermod -aG video,render $USER, "
                  "then log in again)";
  } else if (hints.deviceFiles.empty() && !hints.wsl) {
    link.good = false;
    link.advice = hints.container ? startContainer
                                  : "the driver's kernel module is not loaded: modprobe nvidia, or "
                                    "install the driver that fits this kernel and restart";
  }
  return link;
}

static Link countLink(const CudaApi &api, const NvidiaHints &hints, int &count) {
  const cuda::Result result = api.deviceGetCount(&count);
  Link link{"devices", result == cuda::success && count > 0, "", ""};
  const std::string hidden = visibility();
  link.fact = result == cuda::success ? format("%d", count) : api.text(result);
  if (!hidden.empty())
    link.fact += " (" + hidden + ")";
  if (!link.good)
    link.advice = adviceForInit(result == cuda::success ? int(cuda::noDevice) : result, hints);
  return link;
}

static Link capabilityLink(int has, int needs) {
  Link link{"compute capability", has >= needs, "", ""};
  link.fact = format("%d.%d, the code needs %d.%d", has / 10, has % 10, needs / 10, needs % 10);
  if (!link.good)
    link.advice = needs > 75 ? format("compile with --target=cuda, which runs from 7.5 (Turing) on")
                             : format("this GPU is older than Turing (2018), for which there is no "
                                      "code: run on the CPU, or with --target=opencl");
  return link;
}

static constexpr double megabyte = 1 << 20;

// A context takes memory and time to make, so this is the first call that memory can fail, and
// `hold` keeps it for a CudaDevice to share.
static Link memoryLink(const std::shared_ptr<const CudaApi> &shared, cuda::Device device,
                       std::shared_ptr<void> &hold) {
  const CudaApi &api = *shared;
  Link link{"context and memory", false, "", ""};
  cuda::Context context = nullptr;
  cuda::Result result = api.primaryCtxRetain(&context, device);
  size_t free = 0, total = 0;
  if (result == cuda::success) {
    hold = std::shared_ptr<void>(context,
                                 [shared, device](void *) { shared->primaryCtxRelease(device); });
    result = api.ctxSetCurrent(context);
    if (result == cuda::success)
      result = api.memGetInfo(&free, &total);
  }
  link.good = result == cuda::success;
  if (link.good) {
    link.fact = format("%.0f of %.0f MB free", double(free) / megabyte, double(total) / megabyte);
    return link;
  }
  link.fact = api.text(result);
  link.advice = result == cuda::outOfMemory
                    ? "other processes hold the GPU's memory: see nvidia-smi, and end what is not "
                      "needed"
                    : adviceForInit(result, {});
  return link;
}

static FoundDevice describe(const std::shared_ptr<const CudaApi> &api, int number, int needs) {
  FoundDevice found;
  found.id = format("cuda:%d", number);
  cuda::Device device = 0;
  char name[256] = "";
  int major = 0, minor = 0;
  cuda::Result result = api->deviceGet(&device, number);
  if (result == cuda::success)
    result = api->deviceGetName(name, sizeof name, device);
  if (result == cuda::success)
    result = api->deviceGetAttribute(&major, cuda::computeCapabilityMajor, device);
  if (result == cuda::success)
    result = api->deviceGetAttribute(&minor, cuda::computeCapabilityMinor, device);
  if (result != cuda::success) {
    found.links.push_back({"device", false, api->text(result), adviceForInit(result, {})});
    return found;
  }
  found.title = format("%s, compute capability %d.%d", name, major, minor);
  found.links.push_back({"device", true, name, ""});
  found.capability = major * 10 + minor;
  found.links.push_back(capabilityLink(found.capability, needs));
  std::shared_ptr<void> hold;
  if (found.links.back().good)
    found.links.push_back(memoryLink(api, device, hold));
  found.open = [api, device, hold] { return std::make_unique<CudaDevice>(api, device); };
  return found;
}

Backend findCuda(int capability) {
  Backend backend;
  backend.name = "cuda";
  auto api = std::make_shared<const CudaApi>();
  const NvidiaHints hints = readNvidiaHints();
  backend.links.push_back(libraryLink(*api, hints));
  if (!backend.links.back().good)
    return backend;
  backend.links.push_back(functionsLink(*api));
  if (!backend.links.back().good)
    return backend;
  backend.links.push_back(versionLink(*api));
  if (!backend.links.back().good)
    return backend;
  const cuda::Result result = api->init(0);
  backend.links.push_back(filesLink(hints, result == cuda::success));
  if (!backend.links.back().good)
    return backend;
  backend.links.push_back({"initialisation", result == cuda::success,
                           result == cuda::success ? "cuInit" : "cuInit: " + api->text(result),
                           result == cuda::success ? "" : adviceForInit(result, hints)});
  if (!backend.links.back().good)
    return backend;
  int count = 0;
  backend.links.push_back(countLink(*api, hints, count));
  for (int number = 0; backend.links.back().good && number < count; ++number)
    backend.devices.push_back(describe(api, number, capability ? capability : 75));
  return backend;
}

} // namespace weir
