//===- Reproducer.cpp - see Reproducer.h -----------------------------------------------------===//

#include "tools/Reproducer.h"

#include "tools/Commands.h"
#include "tools/Scratch.h"

#include <csignal>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace weir {
namespace {

// Prepared before anything can crash, so that the handler only has to write bytes.
std::string commandLine, input, path;

void put(int file, const char *text, size_t size) {
  while (size > 0) {
    const ssize_t written = ::write(file, text, size);
    if (written <= 0)
      return;
    text += written;
    size -= static_cast<size_t>(written);
  }
}
void put(int file, const char *text) { put(file, text, std::strlen(text)); }

/// Only async-signal-safe calls.
void writeReproducer() {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0)
    return;
  put(file, commandLine.data(), commandLine.size());
  put(file, input.data(), input.size());
  ::close(file);
  put(STDERR_FILENO, "note: the command and its input are in '");
  put(STDERR_FILENO, path.c_str());
  put(STDERR_FILENO, "'; its first line reruns it\n");
}

void onCrash(int signal) {
  put(STDERR_FILENO, "error: internal error: ");
  put(STDERR_FILENO, ::strsignal(signal));
  put(STDERR_FILENO, "\n");
  writeReproducer();
  endScratch(/*inHandler=*/true);
  ::_exit(InternalError);
}

std::string quoted(const char *word) {
  std::string text = "'";
  for (; *word; ++word)
    text += *word == '\'' ? std::string("'\\''") : std::string(1, *word);
  return text + "'";
}

} // namespace

void writeReproducerOnCrash(int argc, char **argv) {
  for (int i = 0; i < argc; ++i)
    commandLine += (i ? " " : "") + quoted(argv[i]);
  commandLine += "\n";
  path = "weir-reproducer-" + std::to_string(::getpid()) + ".txt";
  for (int signal : {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL})
    std::signal(signal, onCrash);
}

void reproduceWith(std::string text) { input = std::move(text); }

int reportInternalError(const std::string &message) {
  std::fprintf(stderr, "error: internal error: %s\n", message.c_str());
  writeReproducer();
  return InternalError;
}

} // namespace weir
