// The chain of what must hold before a program runs on an NVIDIA GPU, against drivers that fail as
// the environment says (FakeCuda.cpp): each message that a user can meet.
#include "runtime/DeviceChain.h"
#include "test/runtime/Support.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace weir::test {
namespace {

using Json = nlohmann::json;

Outcome start(const std::vector<std::string> &arguments, const std::string &fakeCuda,
              const std::string &driver = "whole", const std::vector<std::string> &more = {}) {
  std::vector<std::string> command = {WEIR_TEST_PROGRAMS "/fake-cuda"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  Start options;
  options.environment = {"LD_LIBRARY_PATH=" WEIR_TEST_DRIVERS "/" + driver, "FAKE_CUDA=" + fakeCuda,
                         "OCL_ICD_VENDORS=/nonexistent"}; // PoCL takes a while to load
  options.environment.insert(options.environment.end(), more.begin(), more.end());
  return run(command, options);
}

/// The rows for CUDA of `PROG devices --json`.
std::vector<Json> rows(const std::string &fakeCuda, const std::string &driver = "whole",
                       const std::vector<std::string> &more = {}) {
  std::vector<Json> result;
  for (const Json &row : Json::parse(start({"devices", "--json"}, fakeCuda, driver, more).out))
    if (row["device"].get<std::string>().rfind("cuda", 0) == 0)
      result.push_back(row);
  return result;
}

/// Expects that `link` is the one that fails, with these facts and this advice.
void fails(const Json &row, const std::string &link, const std::string &fact,
           const std::string &advice) {
  EXPECT_EQ(row["usable"], false);
  EXPECT_CONTAINS(row["reason"].get<std::string>(), link + ": ");
  const Json last = row["links"].back();
  EXPECT_EQ(last["link"], link);
  EXPECT_EQ(last["ok"], false);
  EXPECT_CONTAINS(last["fact"].get<std::string>(), fact);
  EXPECT_CONTAINS(last["advice"].get<std::string>(), advice);
}

TEST(DeviceChain, AUsableDeviceShowsEveryLink) {
  const std::vector<Json> found = rows("count=2");
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[1]["device"], "cuda:1");
  EXPECT_EQ(found[1]["usable"], true);
  EXPECT_EQ(found[1]["reason"], "Fake GPU 1, compute capability 8.6");
  std::vector<std::string> names;
  for (const Json &link : found[1]["links"])
    names.push_back(link["link"]);
  EXPECT_EQ(names, (std::vector<std::string>{"driver library", "driver functions", "driver version",
                                             "device files", "initialisation", "devices", "device",
                                             "compute capability", "context and memory"}));
  EXPECT_CONTAINS(found[0]["links"][2]["fact"].get<std::string>(), "CUDA 12.4");
  EXPECT_CONTAINS(found[0]["links"][8]["fact"].get<std::string>(), "1024 of 1024 MB free");
}

TEST(DeviceChain, NoLibraryNamesWhatWasTriedAndWhere) {
  const std::vector<Json> found = rows("", "nothing-here");
  ASSERT_EQ(found.size(), 1u);
  fails(found[0], "driver library", "not found: libcuda.so.1, libcuda.so, ", "");
  EXPECT_CONTAINS(found[0]["reason"].get<std::string>(), "LD_LIBRARY_PATH is '");
}

TEST(DeviceChain, ALibraryThatCannotBeLoadedSaysWhy) {
  TemporaryFolder folder;
  writeText(folder.file("libcuda.so.1"), "no library at all, but long enough to look like a file");
  const std::vector<Json> found = rows("", "nothing-here", {"LD_LIBRARY_PATH=" + folder.path});
  fails(found[0], "driver library", "libcuda.so.1: ", "");
  EXPECT_CONTAINS(found[0]["reason"].get<std::string>(), "not found: libcuda.so,");
}

TEST(DeviceChain, ALibraryWithoutTheFunctions) {
  fails(rows("", "empty")[0], "driver functions", "missing: cuDriverGetVersion, cuInit",
        "install NVIDIA's driver 450 (CUDA 11.0) or newer");
}

TEST(DeviceChain, ADriverThatIsTooOld) {
  fails(rows("version=10020")[0], "driver version", "CUDA 10.2",
        "programs need CUDA 11.0 or newer: update NVIDIA's driver");
}

TEST(DeviceChain, ADriverWithoutGraphsWillDo) {
  const Json row = rows("version=11000", "old")[0];
  EXPECT_EQ(row["usable"], true);
  EXPECT_EQ(row["links"][1]["fact"], "all but graphs (CUDA 11.4)");
}

TEST(DeviceChain, InitialisationFails) {
  // Files of devices are looked at first; a machine that has some gives the driver's own reason.
  const bool seen = !readNvidiaHints().deviceFiles.empty();
  auto expect = [&](const char *code, const char *fact, const char *advice) {
    const Json row = rows(std::string("cuInit=") + code)[0];
    if (seen)
      fails(row, "initialisation", fact, advice);
    else
      fails(row, "device files", "no /dev/nvidia*", "");
  };
  expect("803", "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH (803)", "restart the machine");
  expect("34", "CUDA_ERROR_STUB_LIBRARY", "out of LD_LIBRARY_PATH");
  expect("802", "CUDA_ERROR_SYSTEM_NOT_READY", "fabric manager");
}

TEST(DeviceChain, NoDevice) {
  fails(rows("count=0")[0], "devices", "0", "");
  fails(rows("cuDeviceGetCount=803")[0], "devices", "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH",
        "library and kernel module have different versions");
  fails(rows("cuDeviceGetCount=46")[0], "devices", "CUDA_ERROR_DEVICE_UNAVAILABLE",
        "exclusive mode");
  fails(rows("cuDeviceGetCount=804")[0], "devices", "CUDA_ERROR_COMPAT", "compat");
  fails(rows("cuDeviceGetCount=999")[0], "devices", "CUDA_ERROR_UNKNOWN (999)", "nvidia-smi");
}

TEST(DeviceChain, VariablesThatHideDevicesAreNamed) {
  fails(rows("count=0", "whole", {"CUDA_VISIBLE_DEVICES="})[0], "devices",
        "CUDA_VISIBLE_DEVICES is ''", "which hides devices: unset it");
}

TEST(DeviceChain, EachCallThatDescribesADeviceMayFail) {
  for (const char *call : {"cuDeviceGet", "cuDeviceGetName", "cuDeviceGetAttribute"})
    fails(rows(std::string(call) + "=999")[0], "device", "CUDA_ERROR_UNKNOWN", "nvidia-smi");
  for (const char *call : {"cuDevicePrimaryCtxRetain", "cuCtxSetCurrent", "cuMemGetInfo"})
    fails(rows(std::string(call) + "=999")[0], "context and memory", "CUDA_ERROR_UNKNOWN",
          "nvidia-smi");
}

TEST(DeviceChain, WrongCapability) {
  fails(rows("capability=61")[0], "compute capability", "6.1, the code needs 7.5",
        "older than Turing");
}

TEST(DeviceChain, NoMemoryForAContext) {
  fails(rows("cuDevicePrimaryCtxRetain=2")[0], "context and memory", "CUDA_ERROR_OUT_OF_MEMORY",
        "other processes hold the GPU's memory");
}

TEST(DeviceChain, AnExplicitDeviceThatCannotBeHadIsAnError) {
  auto refused = [](const char *device, const char *fakeCuda, const std::string &text) {
    Outcome result = start({"bench", "--device", device}, fakeCuda);
    EXPECT_EQ(result.code, 1);
    EXPECT_EQ(result.out, "");
    EXPECT_CONTAINS(result.err,
                    "error: --device " + std::string(device) + " cannot be used: " + text);
  };
  refused("cuda:2", "count=2",
          "this machine has 2 devices of that kind: cuda:0 (Fake GPU 0, compute capability 8.6), "
          "cuda:1 (Fake GPU 1");
  refused("cuda", "version=9000", "driver version: CUDA 9.0\nprograms need CUDA 11.0");
  refused("cuda:0", "capability=61", "compute capability: 6.1, the code needs 7.5\n");
  refused("opencl", "",
          "this program was compiled for cpu (x86-64-linux), cuda; for it: weir compile fake.weir "
          "--target=host,opencl");
  for (const char *device : {"cuda:", "cuda:x", "cpu:0", "auto:1", "cuda:-1", "gpu"}) {
    Outcome result = start({"bench", "--device", device}, "");
    EXPECT_EQ(result.code, 1);
    EXPECT_CONTAINS(result.err, "error: --device expects auto, cpu, cuda or opencl");
  }
  const Outcome empty = start({"bench", "--device", ""}, "");
  EXPECT_EQ(empty.code, 2);
  EXPECT_CONTAINS(empty.err, "error: '' is empty, and expects a value");
}

TEST(DeviceChain, AutoSaysInOneLineWhatItTookAndWhy) {
  Outcome result = start({"bench", "--seconds", "0.01"}, "");
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.err, "device cuda:0 (auto: Fake GPU 0, compute capability 8.6)\n");
  result = start({"bench", "--seconds", "0.01"}, "count=0");
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.err, "device cpu (auto: this program was compiled for cpu (x86-64-linux), cuda; "
                        "no cuda: devices: 0; `devices` tells what to do)\n");
}

TEST(DeviceChain, NvidiaHintsAreReadFromFiles) {
  TemporaryFolder folder;
  const std::string &root = folder.path;
  EXPECT_TRUE(readNvidiaHints(root).deviceFiles.empty());
  for (const char *path :
       {"/dev", "/proc/driver/nvidia", "/sys/module/nouveau", "/sys/bus/pci/devices/0000:01:00.0",
        "/sys/bus/pci/devices/0000:01:00.1"})
    std::filesystem::create_directories(root + path);
  for (const char *path : {"/.dockerenv", "/dev/nvidia0", "/dev/nvidiactl", "/dev/nvidia-modeset"})
    writeText(root + path, "");
  writeText(root + "/sys/bus/pci/devices/0000:01:00.0/vendor", "0x10de\n");
  writeText(root + "/sys/bus/pci/devices/0000:01:00.0/class", "0x030000\n");
  writeText(root + "/sys/bus/pci/devices/0000:01:00.1/vendor", "0x10de\n");
  writeText(root + "/sys/bus/pci/devices/0000:01:00.1/class", "0x040300\n");
  NvidiaHints hints = readNvidiaHints(root);
  EXPECT_TRUE(hints.kernelDriver && hints.container && hints.nouveau);
  EXPECT_FALSE(hints.wsl);
  EXPECT_EQ(hints.gpu, "0000:01:00.0");
  EXPECT_EQ(hints.deviceFiles,
            (std::vector<std::string>{root + "/dev/nvidia0", root + "/dev/nvidiactl"}));
  EXPECT_EQ(hints.unreadable, "");
  if (geteuid() == 0)
    return; // may read everything
  std::filesystem::permissions(root + "/dev/nvidia0", std::filesystem::perms::none);
  EXPECT_EQ(readNvidiaHints(root).unreadable, root + "/dev/nvidia0");
}

} // namespace
} // namespace weir::test
