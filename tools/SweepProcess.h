//===- SweepProcess.h - the child processes of sweeps and tuners ------------------------------===//
//
// Programs that train, compile, predict or measure beside one another. Each is a process group of
// its own, so that Ctrl-C reaches the parent alone, and dies with it, however that ends.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace weir {

/// How a child ended.
struct ExitStatus {
  int code = 0;   ///< its exit code; 127: it could not be started
  int signal = 0; ///< the signal that ended it, or 0
  bool isGood() const { return code == 0 && signal == 0; }
};

class ChildProcess {
public:
  ChildProcess() = default;
  ChildProcess(ChildProcess &&other) noexcept : pid(other.pid) { other.pid = 0; }
  ChildProcess &operator=(ChildProcess &&other) noexcept;
  ~ChildProcess(); ///< kills it if it still runs

  /// Starts `arguments` (the first is the program's path) with standard output and error appended
  /// to these files. Returns what went wrong, or an empty text.
  std::string start(const std::vector<std::string> &arguments, const std::string &output,
                    const std::string &errors);

  /// Starts `arguments` with standard input and output connected to one end of a socket, whose
  /// other end is put into `socket` (to be closed by the caller), and errors appended to a file.
  std::string startConnected(const std::vector<std::string> &arguments, int &socket,
                             const std::string &errors);

  bool isRunning() const { return pid != 0; }
  /// How it ended, once, as soon as it has.
  std::optional<ExitStatus> poll();
  /// Waits for its end.
  ExitStatus wait();
  /// Sends a signal to its process group.
  void send(int signal);

private:
  /// Takes the three descriptors over.
  std::string spawn(const std::vector<std::string> &arguments, int in, int out, int err);
  std::optional<ExitStatus> collect(int flags);

  pid_t pid = 0;
};

/// Installs handlers: SIGINT, SIGTERM and SIGHUP are counted (SIGHUP not where nohup ignores it),
/// SIGCHLD only wakes `pauseFor`.
void catchSweepSignals();
/// How many of SIGINT, SIGTERM and SIGHUP came.
int interruptsSeen();
/// What a command that they have ended returns: 128 + the first of them, as shells have it.
int interruptCode();
/// Sleeps for up to `milliseconds`; a signal ends it at once.
void pauseFor(int milliseconds);

} // namespace weir
