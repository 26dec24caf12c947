// dlopen, and what it says; see DriverLibrary.h.
#include "runtime/DriverLibrary.h"

#include <climits>
#include <cstdlib>
#include <dlfcn.h>
#include <link.h>

namespace weir {

DriverLibrary::DriverLibrary(const std::vector<std::string> &names) {
  for (const std::string &name : names) {
    handle = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle) {
      opened = name;
      return;
    }
    const char *said = dlerror();
    tried.push_back(said ? said : name + ": the loader gave no reason");
  }
}

// Names that are nowhere in one list; what the loader said to others, in its words.
std::string DriverLibrary::failureText() const {
  const std::string nowhere = ": cannot open shared object file: No such file or directory";
  std::string absent, others;
  for (const std::string &said : tried) {
    const size_t at = said.find(nowhere);
    std::string &list = at == std::string::npos ? others : absent;
    list += (list.empty() ? "" : at == std::string::npos ? "; " : ", ") + said.substr(0, at);
  }
  if (!absent.empty())
    absent = "not found: " + absent;
  return others + (others.empty() || absent.empty() ? "" : "; ") + absent;
}

std::string DriverLibrary::file() const {
  link_map *map = nullptr;
  if (!handle || dlinfo(handle, RTLD_DI_LINKMAP, static_cast<void *>(&map)) != 0 || !map ||
      !map->l_name)
    return opened;
  char resolved[PATH_MAX];
  return realpath(map->l_name, resolved) ? resolved : map->l_name;
}

void *DriverLibrary::find(const char *symbol) const {
  return handle ? dlsym(handle, symbol) : nullptr;
}

} // namespace weir
