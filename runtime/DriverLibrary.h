// A driver's shared library, opened at run time: a program starts where no driver is.
//
// Before: nothing. After: CudaApi.h and OpenClApi.h take their functions from it; DeviceChain.h
// tells what was tried.
#ifndef WEIR_RUNTIME_DRIVERLIBRARY_H
#define WEIR_RUNTIME_DRIVERLIBRARY_H

#include <string>
#include <vector>

namespace weir {

class DriverLibrary {
public:
  /// Tries the names in order. The library is never closed: drivers do not survive it.
  explicit DriverLibrary(const std::vector<std::string> &names);

  bool isOpen() const { return handle != nullptr; }
  /// The name that was opened, and the file behind it.
  const std::string &name() const { return opened; }
  std::string file() const;
  /// What the loader said to the names that were tried in vain.
  std::string failureText() const;

  /// The function called `symbol`, or nullptr.
  void *find(const char *symbol) const;

private:
  void *handle = nullptr;
  std::string opened;
  std::vector<std::string> tried;
};

} // namespace weir

#endif
