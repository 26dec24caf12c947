//===- Profile.cpp - see Profile.h -----------------------------------------------------------===//

#include "tools/inspect/Profile.h"

#include "ir/Dialect.h"
#include "tools/Link.h"

#include "llvm/Support/MemoryBuffer.h"
#include <nlohmann/json.hpp>

namespace weir {

llvm::Expected<std::vector<double>> Profile::timesOf(mlir::func::FuncOp function) const {
  std::vector<double> times;
  const auto entry = entries.find(function.getSymName());
  if (entry == entries.end())
    return times;
  auto kernels = llvm::to_vector(function.getOps<KernelOp>());
  bool isSame = kernels.size() == entry->second.size();
  for (auto [i, row] : llvm::enumerate(entry->second)) {
    isSame = isSame && llvm::StringRef(row.name).starts_with(kernels[i].getName());
    times.push_back(row.milliseconds * 1000);
  }
  if (!isSame)
    return llvm::createStringError("'" + file + "' is of another program: its kernels of '" +
                                   function.getSymName().str() + "' are not those of this one");
  return times;
}

llvm::Expected<Profile> readProfile(const std::string &path) {
  if (llvm::Error error = expectFile(path))
    return std::move(error);
  auto file = llvm::MemoryBuffer::getFile(path);
  if (!file)
    return llvm::createStringError("cannot read '" + path + "': " + file.getError().message());
  Profile profile;
  profile.file = path;
  try {
    const auto json = nlohmann::json::parse((*file)->getBuffer().str());
    profile.net = json.at("net");
    profile.target = json.at("target");
    profile.device = json.at("device");
    profile.threads = json.at("threads");
    for (const auto &entry : json.at("entries")) {
      std::vector<Profile::Kernel> kernels;
      for (const auto &kernel : entry.at("kernels"))
        kernels.push_back({kernel.at("name"), kernel.at("min_ms")});
      if (!kernels.empty())
        profile.entries[entry.at("name").get<std::string>()] = std::move(kernels);
    }
  } catch (const nlohmann::json::exception &) {
    return llvm::createStringError("'" + path + "' is not what 'PROG bench --json' prints");
  }
  return profile;
}

} // namespace weir
