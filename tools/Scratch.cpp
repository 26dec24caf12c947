//===- Scratch.cpp - see Scratch.h -----------------------------------------------------------===//

#include "tools/Scratch.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <sys/wait.h>
#include <unistd.h>

namespace weir {

ScratchFolder::ScratchFolder(llvm::StringRef prefix) {
  llvm::SmallString<128> made;
  problem = llvm::sys::fs::createUniqueDirectory(prefix, made);
  folder = made.str().str();
}

ScratchFolder::~ScratchFolder() {
  if (!problem) [[maybe_unused]]
    const std::error_code ignored = llvm::sys::fs::remove_directories(folder);
}

namespace {

std::string folder, doomed; ///< and its name when it is removed in a hurry
std::optional<std::string> temporaryBefore;

/// Paths, which are never freed, for a handler may come at any time; what is beyond is not removed.
constexpr size_t mostUnfinished = 1024;
const char *unfinished[mostUnfinished];
std::atomic<size_t> unfinishedCount = 0;

void onSignal(int signal) {
  endScratch(/*inHandler=*/true);
  removeUnfinished();
  std::signal(signal, SIG_DFL);
  ::raise(signal);
}

} // namespace

void beginScratch() {
  llvm::SmallString<128> made;
  if (llvm::sys::fs::createUniqueDirectory("weir", made))
    return;
  folder = made.str().str();
  doomed = folder + ".gone";
  if (const char *variable = std::getenv("TMPDIR"))
    temporaryBefore = variable;
  ::setenv("TMPDIR", folder.c_str(), 1);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) // pipe: '| head -1'
    if (std::signal(signal, onSignal) == SIG_IGN)
      std::signal(signal, SIG_IGN); // as under nohup
}

void endScratch(bool inHandler) {
  if (folder.empty())
    return;
  if (inHandler) {                            // nothing here may allocate
    ::rename(folder.c_str(), doomed.c_str()); // threads that still run put nothing new into it
    const pid_t child = ::_Fork(); // fork() takes the locks of malloc, which may be held here
    if (child == 0) {
      ::execl("/bin/rm", "rm", "-rf", doomed.c_str(), static_cast<char *>(nullptr));
      ::_exit(1);
    }
    ::waitpid(child, nullptr, 0);
    return;
  }
  [[maybe_unused]] const std::error_code ignored = llvm::sys::fs::remove_directories(folder);
  folder.clear();
  if (temporaryBefore)
    ::setenv("TMPDIR", temporaryBefore->c_str(), 1);
  else
    ::unsetenv("TMPDIR");
}

void addUnfinished(const std::string &path) {
  const size_t place = unfinishedCount;
  if (place == mostUnfinished)
    return;
  unfinished[place] = ::strdup(path.c_str());
  unfinishedCount = place + 1;
}

void keepUnfinished() { unfinishedCount = 0; }

void removeUnfinished() {
  for (size_t i = unfinishedCount; i-- > 0;)
    if (::unlink(unfinished[i]) != 0)
      ::rmdir(unfinished[i]);
  unfinishedCount = 0;
}

} // namespace weir
