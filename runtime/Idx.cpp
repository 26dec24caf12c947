// Reading IDX files; see Idx.h.
#include "runtime/Idx.h"
#include "runtime/Error.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <libdeflate.h>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

namespace weir {

static constexpr uint32_t magicLabels = 0x801, magicImages = 0x803, magicColourImages = 0x804;

static uint32_t bigEndian(const uint8_t *at) {
  return uint32_t(at[0]) << 24 | uint32_t(at[1]) << 16 | uint32_t(at[2]) << 8 | at[3];
}

namespace {
struct Descriptor {
  int number;
  ~Descriptor() {
    if (number >= 0)
      close(number);
  }
};
} // namespace

static Block readBytes(const std::string &path, const char *purpose) {
  // Nonblocking: a pipe that nobody writes to is refused below, not waited for.
  Descriptor file{open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
  struct stat facts;
  if (file.number < 0 || fstat(file.number, &facts) != 0)
    fail("cannot read '%s': %s", path.c_str(), systemError(errno).c_str());
  if (S_ISDIR(facts.st_mode))
    fail("cannot read '%s': it is a folder", path.c_str());
  if (!S_ISREG(facts.st_mode))
    fail("cannot read '%s': it is a %s, not a regular file", path.c_str(),
         S_ISFIFO(facts.st_mode)   ? "pipe"
         : S_ISSOCK(facts.st_mode) ? "socket"
                                   : "device");
  Block block(uint64_t(facts.st_size), purpose);
  for (uint64_t at = 0; at < block.size();) {
    ssize_t got = ::read(file.number, block.data() + at, block.size() - at);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      fail("cannot read '%s': %s", path.c_str(), systemError(errno).c_str());
    if (got == 0)
      fail("cannot read '%s': it became shorter while it was read", path.c_str());
    at += uint64_t(got);
  }
  return block;
}

static Block gunzip(const std::string &path, const Block &packed, const char *purpose) {
  // The last four bytes promise the size. A lie is caught: deflate cannot expand more than 1032
  // times.
  const uint8_t *end = packed.data() + packed.size();
  uint64_t size =
      packed.size() < 18 ? 0 : uint64_t(end[-1]) << 24 | end[-2] << 16 | end[-3] << 8 | end[-4];
  if (packed.size() < 18 || size > packed.size() * 1032)
    fail("'%s' is not a whole gzip file: it is truncated or damaged", path.c_str());
  Block plain(size, purpose);
  std::unique_ptr<libdeflate_decompressor, void (*)(libdeflate_decompressor *)> decompressor(
      libdeflate_alloc_decompressor(), libdeflate_free_decompressor);
  if (!decompressor)
    fail("out of memory: cannot gunzip '%s'", path.c_str());
  size_t consumed = 0, produced = 0;
  libdeflate_result result =
      libdeflate_gzip_decompress_ex(decompressor.get(), packed.data(), packed.size(), plain.data(),
                                    plain.size(), &consumed, &produced);
  if (result != LIBDEFLATE_SUCCESS || produced != size)
    fail("'%s' is not a whole gzip file: it is truncated or damaged", path.c_str());
  if (consumed != packed.size())
    fail("'%s' has %s bytes behind the end of its gzip data", path.c_str(),
         withCommas(packed.size() - consumed).c_str());
  return plain;
}

Block readWholeFile(const std::string &path, const char *purpose) {
  Block bytes = readBytes(path, purpose);
  if (bytes.size() >= 2 && bytes.data()[0] == 0x1f && bytes.data()[1] == 0x8b)
    return gunzip(path, bytes, purpose);
  return bytes;
}

static const char *describeMagic(uint32_t magic) {
  return magic == magicLabels                                 ? " (a label file)"
         : magic == magicImages || magic == magicColourImages ? " (an image file)"
         : magic == 0x89504e47 || magic >> 8 == 0xffd8ff      ? " (a picture, not IDX)"
                                                              : "";
}

// An IDX file of one of two kinds of content: its bytes, checked, and where the content begins.
namespace {
struct IdxFile {
  Block bytes;
  uint32_t magic;
  uint64_t header;

  uint32_t extent(int index) const { return bigEndian(bytes.data() + 4 + 4 * index); }
};
} // namespace

// `magics` are the numbers that are accepted, `what` is what they stand for; the low byte of each
// is the number of extents.
static IdxFile readIdx(const std::string &path, std::initializer_list<uint32_t> magics,
                       const char *what, const char *purpose) {
  IdxFile file{readWholeFile(path, purpose), 0, 0};
  const uint64_t size = file.bytes.size();
  if (size == 0)
    fail("'%s' is empty", path.c_str());
  if (size < 8)
    fail("'%s' is too short for an IDX file: %s bytes", path.c_str(), withCommas(size).c_str());
  file.magic = bigEndian(file.bytes.data());
  if (std::find(magics.begin(), magics.end(), file.magic) == magics.end())
    fail("'%s' expects magic number 0x%08x (%s), but got 0x%08x%s", path.c_str(), *magics.begin(),
         what, file.magic, describeMagic(file.magic));
  file.header = 4 + 4 * (file.magic & 0xff);
  if (size < file.header)
    fail("'%s' is too short for an IDX file of %s: %s bytes", path.c_str(), what,
         withCommas(size).c_str());
  if (file.extent(0) == 0)
    fail("'%s' holds no %s", path.c_str(), what);
  return file;
}

// The content of a file that holds exactly `size` bytes of it, as its header promises.
static const uint8_t *contentOf(const std::string &path, const IdxFile &file, uint64_t size,
                                const std::string &promise) {
  if (file.bytes.size() != file.header + size)
    fail("'%s' expects %s bytes for the %s of its header, but got %s", path.c_str(),
         withCommas(file.header + size).c_str(), promise.c_str(),
         withCommas(file.bytes.size()).c_str());
  return file.bytes.data() + file.header;
}

IdxImages readIdxImages(const std::string &path) {
  IdxFile file = readIdx(path, {magicImages, magicColourImages}, "images", "an image file");
  IdxImages result;
  result.path = path;
  result.count = file.extent(0);
  result.height = file.extent(1);
  result.width = file.extent(2);
  result.channels = file.magic == magicImages ? 1 : file.extent(3);
  constexpr uint64_t most = 1 << 16; // keeps the product below within 64 bits with a 32-bit count
  if (result.height == 0 || result.height > most || result.width == 0 || result.width > most ||
      result.channels == 0 || result.channels > 4)
    fail("'%s' expects images of 1x1x1 to 65536x65536x4, but got %llux%llux%llu", path.c_str(),
         (unsigned long long)result.height, (unsigned long long)result.width,
         (unsigned long long)result.channels);
  const uint64_t size = result.imageSize();
  if (size > (uint64_t(1) << 60) / result.count)
    fail("'%s' is damaged: its header promises more bytes than any file has", path.c_str());
  result.pixels =
      contentOf(path, file, result.count * size,
                format("%s images of %llux%llux%llu", withCommas(result.count).c_str(),
                       (unsigned long long)result.height, (unsigned long long)result.width,
                       (unsigned long long)result.channels));
  result.file = std::move(file.bytes);
  return result;
}

IdxLabels readIdxLabels(const std::string &path) {
  IdxFile file = readIdx(path, {magicLabels}, "labels", "a label file");
  IdxLabels result;
  result.path = path;
  result.count = file.extent(0);
  result.labels = contentOf(path, file, result.count, withCommas(result.count) + " labels");
  result.file = std::move(file.bytes);
  return result;
}

} // namespace weir
