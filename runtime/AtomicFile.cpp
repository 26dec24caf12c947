// Writing by rename, locking by flock; see AtomicFile.h.
#include "runtime/AtomicFile.h"
#include "runtime/Error.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace weir {

static std::string folderOf(const std::string &path) {
  size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

// Returns an errno value, 0 if all is written.
static int writeAll(int file, const Piece &piece) {
  const char *at = static_cast<const char *>(piece.data);
  for (uint64_t left = piece.size; left > 0;) {
    ssize_t wrote = ::write(file, at, left);
    if (wrote < 0 && errno == EINTR)
      continue;
    if (wrote <= 0)
      return wrote < 0 ? errno : EIO;
    at += wrote;
    left -= uint64_t(wrote);
  }
  return 0;
}

// Opens a new file beside `path`, whose name is put into `temporary`.
static int openBeside(const std::string &path, std::string &temporary) {
  // A device or a folder is never replaced by a file.
  struct stat facts;
  if (stat(path.c_str(), &facts) == 0 && !S_ISREG(facts.st_mode))
    fail("cannot write '%s': it is not a regular file", path.c_str());
  temporary = path + ".tmp.XXXXXX";
  int file = mkostemp(temporary.data(), O_CLOEXEC);
  if (file < 0)
    fail("cannot write '%s': %s", path.c_str(), systemError(errno).c_str());
  return file;
}

void checkWritable(const std::string &path) {
  std::string temporary;
  close(openBeside(path, temporary));
  unlink(temporary.c_str());
}

void writeAtomically(const std::string &path, const std::vector<Piece> &pieces) {
  mode_t mode = umask(0);
  umask(mode);
  std::string temporary;
  int file = openBeside(path, temporary);
  int error = fchmod(file, 0666 & ~mode) == 0 ? 0 : errno;
  for (const Piece &piece : pieces)
    if (error == 0)
      error = writeAll(file, piece);
  if (error == 0 && fsync(file) != 0)
    error = errno;
  if (close(file) != 0 && error == 0)
    error = errno;
  if (error == 0 && std::rename(temporary.c_str(), path.c_str()) != 0)
    error = errno;
  if (error != 0) {
    unlink(temporary.c_str());
    fail("cannot write '%s': %s%s", path.c_str(), systemError(error).c_str(),
         access(path.c_str(), F_OK) == 0 ? "; the old file is unchanged" : "");
  }
  // The new name must survive a power cut too; some file systems refuse fsync on a folder, which is
  // no loss of data.
  int folder = open(folderOf(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0) {
    fsync(folder);
    close(folder);
  }
}

FileLock::FileLock(const std::string &path) : lockPath(path + ".lock") {
  for (;;) {
    file = open(lockPath.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (file < 0)
      fail("cannot write '%s': %s", path.c_str(), systemError(errno).c_str());
    if (flock(file, LOCK_EX | LOCK_NB) != 0) {
      int error = errno;
      close(file);
      file = -1;
      if (error == EWOULDBLOCK)
        fail(
            "another run is writing '%s' (it holds '%s'); wait for it or give another --checkpoint",
            path.c_str(), lockPath.c_str());
      fail("cannot lock '%s': %s", lockPath.c_str(), systemError(error).c_str());
    }
    // Between open and flock the holder before us may have removed the name: then the lock is on a
    // dead file.
    struct stat mine, named;
    if (fstat(file, &mine) == 0 && stat(lockPath.c_str(), &named) == 0 &&
        mine.st_ino == named.st_ino && mine.st_dev == named.st_dev)
      return;
    close(file);
  }
}

FileLock::~FileLock() {
  if (file < 0)
    return;
  unlink(lockPath.c_str());
  close(file);
}

} // namespace weir
