// Files that tell where NVIDIA's driver is, and who may use it; see DeviceChain.h.
#include "runtime/DeviceChain.h"

#include <algorithm>
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

namespace weir {

static bool exists(const std::string &path) { return access(path.c_str(), F_OK) == 0; }

static std::vector<std::string> entriesOf(const std::string &folder) {
  std::vector<std::string> names;
  if (DIR *stream = opendir(folder.c_str())) {
    while (const dirent *entry = readdir(stream))
      if (entry->d_name[0] != '.')
        names.emplace_back(entry->d_name);
    closedir(stream);
  }
  std::sort(names.begin(), names.end());
  return names;
}

static std::string firstLine(const std::string &path) {
  std::string text(256, '\0');
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const ssize_t size = file < 0 ? -1 : read(file, text.data(), text.size());
  if (file >= 0)
    close(file);
  text.resize(size < 0 ? 0 : size_t(size));
  return text.substr(0, text.find('\n'));
}

// A display controller (class 03) of vendor 10de.
static std::string findGpu(const std::string &root) {
  const std::string folder = root + "/sys/bus/pci/devices/";
  for (const std::string &device : entriesOf(folder))
    if (firstLine(folder + device + "/vendor") == "0x10de" &&
        firstLine(folder + device + "/class").rfind("0x03", 0) == 0)
      return device;
  return "";
}

NvidiaHints readNvidiaHints(const std::string &root) {
  NvidiaHints hints;
  hints.kernelDriver = exists(root + "/proc/driver/nvidia");
  hints.container = exists(root + "/.dockerenv") || exists(root + "/run/.containerenv");
  hints.wsl = exists(root + "/dev/dxg");
  hints.nouveau = exists(root + "/sys/module/nouveau");
  hints.gpu = findGpu(root);
  for (const std::string &name : entriesOf(root + "/dev")) {
    const bool numbered = name.size() > 6 && name.rfind("nvidia", 0) == 0 &&
                          std::all_of(name.begin() + 6, name.end(),
                                      [](unsigned char c) { return c >= '0' && c <= '9'; });
    if (!numbered && name != "nvidiactl" && name != "nvidia-uvm")
      continue;
    std::string path = root;
    path += "/dev/";
    path += name;
    hints.deviceFiles.push_back(path);
    if (hints.unreadable.empty() && access(path.c_str(), R_OK | W_OK) != 0)
      hints.unreadable = path;
  }
  return hints;
}

} // namespace weir
