//===- Profile.cpp - see Profile.h -----------------------------------------------------------===//

#include "tools/inspect/Profile.h"

#include "llvm/Support/MemoryBuffer.h"
#include <nlohmann/json.hpp>

namespace weir {

const std::vector<Profile::Kernel> *Profile::find(llvm::StringRef function) const {
  const auto entry = entries.find(function);
  return entry == entries.end() ? nullptr : &entry->second;
}

llvm::Expected<Profile> readProfile(const std::string &path) {
  auto file = llvm::MemoryBuffer::getFile(path);
  if (!file)
    return llvm::createStringError("cannot read '" + path + "': " + file.getError().message());
  Profile profile;
  profile.file = path;
  try {
    const auto json = nlohmann::json::parse((*file)->getBuffer().str());
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
