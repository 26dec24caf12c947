//===- Cache.cpp - see Cache.h ---------------------------------------------------------------===//
//
// An entry is the SHA-256 of its bytes, then the bytes.
//
//===-----------------------------------------------------------------------------------------===//

#include "kernels/Cache.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SHA256.h"
#include "llvm/Support/raw_ostream.h"
#include <cstdlib>

using namespace llvm;

namespace weir {

static std::array<uint8_t, 32> digest(StringRef bytes) {
  return SHA256::hash(arrayRefFromStringRef(bytes));
}

static std::string defaultFolder() {
  const auto variable = [](const char *name) {
    const char *value = std::getenv(name);
    return std::string(value ? value : "");
  };
  if (std::string cache = variable("WEIR_CACHE"); !cache.empty())
    return cache;
  if (std::string base = variable("XDG_CACHE_HOME"); !base.empty())
    return base + "/weir";
  if (std::string home = variable("HOME"); !home.empty())
    return home + "/.cache/weir";
  return "";
}

KernelCache::KernelCache(StringRef directory)
    : folder(directory.empty() ? defaultFolder() : directory.str()) {}

std::string KernelCache::key(StringRef content) {
  return toHex(digest(content), /*LowerCase=*/true);
}

// 256 folders of a few files each stay fast to open on any file system.
std::string KernelCache::path(StringRef key) const {
  SmallString<128> path(folder);
  sys::path::append(path, "kernels", key.take_front(2), key.drop_front(2));
  return path.str().str();
}

std::optional<std::string> KernelCache::read(StringRef key) const {
  if (folder.empty())
    return std::nullopt;
  ErrorOr<std::unique_ptr<MemoryBuffer>> file =
      MemoryBuffer::getFile(path(key), /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!file)
    return std::nullopt;
  const StringRef all = (*file)->getBuffer();
  constexpr size_t digestBytes = 32;
  if (all.size() < digestBytes)
    return std::nullopt;
  const StringRef bytes = all.drop_front(digestBytes);
  if (toStringRef(ArrayRef<uint8_t>(digest(bytes))) != all.take_front(digestBytes))
    return std::nullopt;
  return bytes.str();
}

void KernelCache::write(StringRef key, StringRef bytes) const {
  if (folder.empty())
    return;
  const std::string place = path(key);
  if (sys::fs::create_directories(sys::path::parent_path(place)))
    return;
  Expected<sys::fs::TempFile> file = sys::fs::TempFile::create(place + "-%%%%%%%%.tmp");
  if (!file)
    return consumeError(file.takeError());
  raw_fd_ostream stream(file->FD, /*shouldClose=*/false);
  stream << toStringRef(ArrayRef<uint8_t>(digest(bytes))) << bytes;
  stream.flush();
  const bool written = !stream.has_error();
  stream.clear_error();
  // NOLINTNEXTLINE(clang-analyzer-cplusplus.NewDelete): an Error's payload has one owner at a time
  consumeError(written ? file->keep(place) : file->discard());
}

} // namespace weir
