//===- SweepProcess.cpp - see SweepProcess.h --------------------------------------------------===//

#include "tools/SweepProcess.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace weir {

static volatile std::sig_atomic_t interrupts = 0;

ChildProcess &ChildProcess::operator=(ChildProcess &&other) noexcept {
  std::swap(pid, other.pid);
  return *this;
}

ChildProcess::~ChildProcess() {
  if (!isRunning())
    return;
  send(SIGKILL);
  wait();
}

std::string ChildProcess::start(const std::vector<std::string> &arguments,
                                const std::string &output, const std::string &errors) {
  std::vector<char *> texts;
  for (const std::string &argument : arguments)
    texts.push_back(const_cast<char *>(argument.c_str()));
  texts.push_back(nullptr);
  constexpr int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC;
  const int out = ::open(output.c_str(), flags, 0666);
  const int err = out < 0 ? -1 : ::open(errors.c_str(), flags, 0666);
  if (err < 0) {
    const std::string message =
        "cannot write '" + (out < 0 ? output : errors) + "': " + std::strerror(errno);
    if (out >= 0)
      ::close(out);
    return message;
  }
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child == 0) { // only calls that are safe between fork and exec
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) // it died before it could be told to us
      ::_exit(127);
    for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGCHLD})
      std::signal(signal, SIG_DFL);
    const int null = ::open("/dev/null", O_RDONLY);
    ::dup2(null, STDIN_FILENO);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(err, STDERR_FILENO);
    ::execv(texts[0], texts.data());
    ::_exit(127);
  }
  const int error = errno;
  ::close(out);
  ::close(err);
  if (child < 0)
    return std::string("cannot start a process: ") + std::strerror(error);
  ::setpgid(child, child); // whoever comes first
  pid = child;
  return "";
}

std::optional<ExitStatus> ChildProcess::collect(int flags) {
  int status = 0;
  pid_t ended;
  do
    ended = ::waitpid(pid, &status, flags);
  while (ended < 0 && errno == EINTR);
  if (ended == 0)
    return std::nullopt;
  pid = 0;
  if (ended < 0)
    return ExitStatus{127, 0};
  return WIFSIGNALED(status) ? ExitStatus{0, WTERMSIG(status)} : ExitStatus{WEXITSTATUS(status), 0};
}

std::optional<ExitStatus> ChildProcess::poll() {
  return isRunning() ? collect(WNOHANG) : std::nullopt;
}

ExitStatus ChildProcess::wait() { return *collect(0); }

void ChildProcess::send(int signal) {
  if (isRunning())
    ::kill(-pid, signal);
}

void catchSweepSignals() {
  struct sigaction action{};
  action.sa_handler = [](int) { interrupts = interrupts + 1; };
  for (int signal : {SIGINT, SIGTERM, SIGHUP})
    ::sigaction(signal, &action, nullptr);
  action.sa_handler = [](int) {};
  ::sigaction(SIGCHLD, &action, nullptr);
}

int interruptsSeen() { return interrupts; }

void pauseFor(int milliseconds) {
  const timespec time{milliseconds / 1000, milliseconds % 1000 * 1'000'000L};
  ::nanosleep(&time, nullptr);
}

} // namespace weir
