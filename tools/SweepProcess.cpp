//===- SweepProcess.cpp - see SweepProcess.h --------------------------------------------------===//

#include "tools/SweepProcess.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <initializer_list>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace weir {

static volatile std::sig_atomic_t interrupts = 0, firstInterrupt = 0;

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

static int openToAppend(const std::string &path, std::string &message) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (file < 0)
    message = "cannot write '" + path + "': " + std::strerror(errno);
  return file;
}

static void closeAll(std::initializer_list<int> files) {
  for (const int file : files)
    if (file >= 0)
      ::close(file);
}

std::string ChildProcess::start(const std::vector<std::string> &arguments,
                                const std::string &output, const std::string &errors) {
  std::string message;
  const int out = openToAppend(output, message);
  const int err = out < 0 ? -1 : openToAppend(errors, message);
  if (err < 0) {
    closeAll({out});
    return message;
  }
  return spawn(arguments, ::open("/dev/null", O_RDONLY | O_CLOEXEC), out, err);
}

std::string ChildProcess::startConnected(const std::vector<std::string> &arguments, int &socket,
                                         const std::string &errors) {
  std::string message;
  const int err = openToAppend(errors, message);
  if (err < 0)
    return message;
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    message = std::string("cannot make a socket: ") + std::strerror(errno);
    closeAll({err});
    return message;
  }
  message = spawn(arguments, ends[1], ::dup(ends[1]), err);
  if (message.empty())
    socket = ends[0];
  else
    ::close(ends[0]);
  return message;
}

std::string ChildProcess::spawn(const std::vector<std::string> &arguments, int in, int out,
                                int err) {
  std::vector<char *> texts;
  for (const std::string &argument : arguments)
    texts.push_back(const_cast<char *>(argument.c_str()));
  texts.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child == 0) { // only calls that are safe between fork and exec
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) // it died before it could be told to us
      ::_exit(127);
    for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGCHLD})
      std::signal(signal, SIG_DFL);
    ::dup2(in, STDIN_FILENO);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(err, STDERR_FILENO);
    ::execv(texts[0], texts.data());
    ::_exit(127);
  }
  const int error = errno;
  closeAll({in, out, err});
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
  struct sigaction action{}, before{};
  action.sa_handler = [](int signal) {
    if (interrupts == 0)
      firstInterrupt = signal;
    interrupts = interrupts + 1;
  };
  for (int signal : {SIGINT, SIGTERM, SIGHUP})
    ::sigaction(signal, &action, signal == SIGHUP ? &before : nullptr);
  if (before.sa_handler == SIG_IGN) // nohup: the terminal may go
    ::sigaction(SIGHUP, &before, nullptr);
  action.sa_handler = [](int) {};
  ::sigaction(SIGCHLD, &action, nullptr);
}

int interruptsSeen() { return interrupts; }
int interruptCode() { return 128 + firstInterrupt; }

void pauseFor(int milliseconds) {
  const timespec time{milliseconds / 1000, milliseconds % 1000 * 1'000'000L};
  ::nanosleep(&time, nullptr);
}

} // namespace weir
