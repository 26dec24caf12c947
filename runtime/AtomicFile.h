// Files that are either the old one or the whole new one, and locks between runs that write the
// same file.
#ifndef WEIR_RUNTIME_ATOMICFILE_H
#define WEIR_RUNTIME_ATOMICFILE_H

#include <cstdint>
#include <string>
#include <vector>

namespace weir {

/// A piece of a file's new content.
struct Piece {
  const void *data;
  uint64_t size;
};

/// Replaces `path` by the pieces: temporary file in the same folder, fsync, rename, fsync of the
/// folder. Throws UserError if anything fails, and then the old file is as it was and no temporary
/// file is left.
void writeAtomically(const std::string &path, const std::vector<Piece> &pieces);

/// Throws UserError, as writeAtomically() would, if `path` cannot be written; leaves nothing
/// behind.
void checkWritable(const std::string &path);

/// Exclusive right to write `path`, held by a lock on `path`.lock until destroyed. The kernel lets
/// go of it when the process dies, however that happens.
class FileLock {
public:
  /// Throws UserError if another process has it, or if the folder cannot be written to.
  explicit FileLock(const std::string &path);
  ~FileLock();
  FileLock(const FileLock &) = delete;
  FileLock &operator=(const FileLock &) = delete;

private:
  std::string lockPath;
  int file = -1;
};

} // namespace weir

#endif
