// Which of a program's targets runs where, and why; see Device.h.
#include "runtime/Device.h"
#include "runtime/Error.h"

#include <algorithm>
#include <cctype>

namespace weir {

namespace {
// --device in its parts.
struct Wish {
  std::string kind; // "auto", "cpu", "cuda", "opencl"
  size_t number = 0;
};
} // namespace

static Wish readWish(const std::string &name) {
  Wish wish{name.substr(0, name.find(':')), 0};
  const bool isGpu = wish.kind == "cuda" || wish.kind == "opencl";
  bool good = isGpu || wish.kind == "cpu" || wish.kind == "auto";
  if (name.size() > wish.kind.size()) {
    const std::string digits = name.substr(wish.kind.size() + 1);
    good = good && isGpu && !digits.empty() && digits.size() < 6 &&
           std::all_of(
               digits.begin(), digits.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
    if (good)
      wish.number = std::stoul(digits);
  }
  if (!good)
    fail("--device expects auto, cpu, cuda or opencl (cuda:1 for the second one), but got '%s'",
         name.c_str());
  return wish;
}

std::string compiledFor(const std::vector<Manifest> &targets) {
  std::string text;
  for (const Manifest &target : targets)
    text += (text.empty() ? "" : ", ") + target.device +
            (target.device == target.target ? "" : " (" + target.target + ")");
  return text;
}

static std::vector<const Manifest *> targetsFor(const std::vector<Manifest> &targets,
                                                const std::string &kind) {
  std::vector<const Manifest *> result;
  for (const Manifest &target : targets)
    if (target.device == kind)
      result.push_back(&target);
  return result;
}

// The backend as the program's code needs it: the oldest GPU that one of its targets runs on.
static Backend findBackend(const std::string &kind, const std::vector<const Manifest *> &code) {
  if (kind == "opencl")
    return findOpenCl();
  int capability = 0;
  for (const Manifest *target : code)
    if (capability == 0 || target->capability < capability)
      capability = target->capability;
  return findCuda(capability);
}

// Of several targets for one kind of GPU the one that asks for most and is met.
static const Manifest *bestTarget(const std::vector<const Manifest *> &code, int capability) {
  const Manifest *best = code.front();
  for (const Manifest *target : code)
    if (target->capability <= capability &&
        (best->capability > capability || target->capability > best->capability))
      best = target;
  return best;
}

static std::string why(const Link &link) { return link.name + ": " + link.fact; }

static Device open(const FoundDevice &found, const std::vector<const Manifest *> &code,
                   const std::string &reason) {
  return {found.id, reason + found.title, bestTarget(code, found.capability), found.open()};
}

static std::string plural(size_t count, const char *one) {
  return format("%zu %s%s", count, one, count == 1 ? "" : "s");
}

// How to get a program for such devices.
static std::string howToCompileFor(const std::vector<Manifest> &targets, const std::string &kind) {
  const Manifest &program = targets.front();
  return (program.quantizationText.empty() ? "for it: weir compile "
                                           : "8-bit programs run on CPUs; the float net for it: "
                                             "weir compile ") +
         program.source + " --target=host," + kind;
}

static Device openExplicit(const std::vector<Manifest> &targets, const std::string &name,
                           const Wish &wish) {
  const std::vector<const Manifest *> code = targetsFor(targets, wish.kind);
  if (code.empty())
    fail("--device %s cannot be used: this program was compiled for %s; %s", name.c_str(),
         compiledFor(targets).c_str(), howToCompileFor(targets, wish.kind).c_str());
  const Backend backend = findBackend(wish.kind, code);
  const Link *broken = brokenLink(backend.links);
  if (!broken && wish.number >= backend.devices.size()) {
    std::string list;
    for (const FoundDevice &device : backend.devices)
      list += (list.empty() ? "" : ", ") + device.id + " (" + device.title + ")";
    fail("--device %s cannot be used: this machine has %s of that kind: %s", name.c_str(),
         plural(backend.devices.size(), "device").c_str(), list.c_str());
  }
  if (!broken)
    broken = brokenLink(backend.devices[wish.number].links);
  if (broken)
    fail("--device %s cannot be used: %s\n%s", name.c_str(), why(*broken).c_str(),
         broken->advice.c_str());
  return open(backend.devices[wish.number], code, "--device " + name + ": ");
}

// Why no device of the backend is taken without being asked for.
static std::string whyNot(const Backend &backend) {
  if (const Link *broken = brokenLink(backend.links))
    return why(*broken);
  for (const FoundDevice &device : backend.devices)
    if (const Link *broken = brokenLink(device.links))
      return device.id + ", " + why(*broken);
  return "its only device is the CPU itself";
}

static Device chooseAuto(const std::vector<Manifest> &targets) {
  std::string refused;
  for (const char *kind : {"cuda", "opencl"}) {
    const std::vector<const Manifest *> code = targetsFor(targets, kind);
    if (code.empty())
      continue;
    const Backend backend = findBackend(kind, code);
    for (const FoundDevice &device : backend.devices)
      if (!device.isCpu && !brokenLink(device.links))
        return open(device, code, "auto: ");
    refused += format("; no %s: %s", kind, whyNot(backend).c_str());
  }
  if (!refused.empty())
    refused += "; `devices` tells what to do";
  const Manifest &cpu = targets.front();
  return {"cpu", "auto: this program was compiled for " + compiledFor(targets) + refused, &cpu,
          nullptr};
}

Device chooseDevice(const std::vector<Manifest> &targets, const std::string &name) {
  const Wish wish = readWish(name);
  if (wish.kind == "auto")
    return chooseAuto(targets);
  if (wish.kind == "cpu")
    return {"cpu", "--device cpu: this program was compiled for " + compiledFor(targets),
            &targets.front(), nullptr};
  return openExplicit(targets, name, wish);
}

std::vector<DeviceRow> listDevices(const std::vector<Manifest> &targets) {
  DeviceRow cpu{"cpu", true, "this program was compiled for " + compiledFor(targets), {}};
  try {
    checkCpu(targets.front());
  } catch (const UserError &error) {
    cpu.usable = false;
    cpu.reason = error.what();
  }
  std::vector<DeviceRow> rows{cpu};
  for (const char *kind : {"cuda", "opencl"}) {
    const std::vector<const Manifest *> code = targetsFor(targets, kind);
    for (DeviceRow &row : rowsOf(findBackend(kind, code))) {
      if (code.empty()) {
        const Link missing{"program", false, "compiled for " + compiledFor(targets),
                           howToCompileFor(targets, kind)};
        row.links.push_back(missing);
        if (row.usable)
          row.reason = why(missing);
        row.usable = false;
      }
      rows.push_back(row);
    }
  }
  return rows;
}

} // namespace weir
