// Reads source files and turns offsets into lines and columns.
//
// What is not text (NUL bytes, invalid UTF-8) or far too large is refused here, so that the lexer
// only ever sees moderate amounts of valid UTF-8.
#include "frontend/Source.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/ConvertUTF.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/FileSystem.h"

#include <algorithm>

namespace weir {

SourceFile::SourceFile(std::string name, std::string text)
    : fileName(std::move(name)), contents(std::move(text)) {
  lineStarts.push_back(0);
  for (size_t i = 0; i < contents.size(); ++i)
    if (contents[i] == '\n')
      lineStarts.push_back(i + 1);
}

SourcePosition SourceFile::position(uint32_t offset) const {
  offset = std::min<uint32_t>(offset, contents.size());
  auto next = std::upper_bound(lineStarts.begin(), lineStarts.end(), offset);
  uint32_t start = *std::prev(next);
  unsigned column = 1;
  for (uint32_t i = start; i < offset; ++i)
    column +=
        (contents[i] & 0xC0) != 0x80; // continuation bytes belong to the character before them
  return {static_cast<unsigned>(next - lineStarts.begin()), column};
}

llvm::StringRef SourceFile::line(unsigned number) const {
  llvm::StringRef rest = text().drop_front(lineStarts[number - 1]);
  return rest.take_until([](char c) { return c == '\n'; }).rtrim('\r');
}

llvm::StringRef SourceRange::text() const {
  return file ? file->text().slice(begin, end) : llvm::StringRef();
}

const SourceFile *SourceManager::add(std::string name, std::string text) {
  files.push_back(std::make_unique<SourceFile>(std::move(name), std::move(text)));
  return files.back().get();
}

/// Why `text` cannot be source text, or an empty string.
static std::string whyNotText(llvm::StringRef text) {
  if (size_t offset = text.find('\0'); offset != llvm::StringRef::npos)
    return "file is not text: byte " + std::to_string(offset) + " is NUL";
  auto *begin = reinterpret_cast<const llvm::UTF8 *>(text.begin()), *end = begin + text.size();
  const llvm::UTF8 *stop = begin;
  if (!llvm::isLegalUTF8String(&stop, end))
    return "file is not text: byte " + std::to_string(stop - begin) + " is not UTF-8";
  return "";
}

llvm::StringRef otherThanFile(llvm::StringRef path) {
  using namespace llvm::sys;
  if (path.starts_with("/dev/fd/") || path.starts_with("/proc/self/fd/") || path == "/dev/stdin")
    return "";
  fs::file_status status;
  if (fs::status(path, status))
    return "";
  switch (status.type()) {
  case fs::file_type::directory_file:
    return "a directory";
  case fs::file_type::fifo_file:
    return "a pipe";
  case fs::file_type::character_file:
  case fs::file_type::block_file:
    return "a device";
  case fs::file_type::socket_file:
    return "a socket";
  default:
    return "";
  }
}

const SourceFile *SourceManager::open(llvm::StringRef path, std::string &error) {
  using namespace llvm::sys;
  auto refuse = [&](std::string why) -> const SourceFile * {
    error = std::move(why);
    return nullptr;
  };
  if (const llvm::StringRef other = otherThanFile(path); !other.empty())
    return refuse("this is " + other.str() + ", not a file");
  llvm::Expected<fs::file_t> handle = fs::openNativeFileForRead(path);
  if (!handle)
    return refuse("cannot read the file: " + llvm::toString(handle.takeError()));
  llvm::scope_exit close([&] {
    [[maybe_unused]] const std::error_code ignored = fs::closeFile(*handle); // it was only read
  });

  // One byte more than allowed is enough to know; a pipe that never ends is refused as well.
  std::string text(maximumFileSize + 1, '\0');
  size_t size = 0;
  while (size < text.size()) {
    auto part = fs::readNativeFile(*handle, {text.data() + size, text.size() - size});
    if (!part)
      return refuse("cannot read the file: " + llvm::toString(part.takeError()));
    if (*part == 0)
      break;
    size += *part;
  }
  if (size > maximumFileSize)
    return refuse("file expects at most 1 MiB of text, but got more");
  text.resize(size);
  if (std::string why = whyNotText(text); !why.empty())
    return refuse(why);
  return add(path.str(), std::move(text));
}

} // namespace weir
