//===- TuneProcessLab.cpp - see TuneProcessLab.h ---------------------------------------------===//

#include "tools/tune/TuneProcessLab.h"
#include "tools/Clock.h"
#include "tools/Link.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/FileSystem.h"
#include <cerrno>
#include <csignal>
#include <cstring>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace weir {

using Json = nlohmann::json;
using llvm::Error;
using llvm::Expected;
using Clock = std::chrono::steady_clock;

namespace {

/// Of what a child does besides compiling a candidate: reading a group, comparing, timing.
constexpr double openLimit = 60, loadLimit = 10, compareLimit = 20, timeLimit = 60;
/// Calls of a kernel that are timed together take about this long: clocks and calls that cost
/// fractions of a microsecond do not matter then. On a GPU the wait at a batch's end takes some
/// microseconds.
constexpr double batchMicroseconds = 150, gpuBatchMicroseconds = 1000;

} // namespace

Error TuneChild::start(const std::string &log) {
  stop();
  const std::string message = process.startConnected(
      {llvm::sys::fs::getMainExecutable(nullptr, nullptr), "tune-worker"}, socket, log);
  return message.empty() ? Error::success() : llvm::createStringError(message);
}

void TuneChild::stop() {
  if (socket >= 0)
    ::close(std::exchange(socket, -1));
  received.clear();
  process = ChildProcess(); // the old one is killed
}

Error TuneChild::send(const Json &request) {
  const std::string line = request.dump() + "\n";
  for (size_t sent = 0; sent < line.size();) {
    const ssize_t count = ::send(socket, line.data() + sent, line.size() - sent, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return llvm::createStringError("the child process is gone");
    sent += static_cast<size_t>(count);
  }
  return Error::success();
}

Expected<Json> TuneChild::receive(double limit) {
  const Clock::time_point began = Clock::now();
  for (;;) {
    if (const size_t end = received.find('\n'); end != std::string::npos) {
      const Json answer = Json::parse(received.substr(0, end), nullptr, /*allow_exceptions=*/false);
      received.erase(0, end + 1);
      if (!answer.is_object())
        return llvm::createStringError("an answer that is none");
      if (auto error = answer.find("error"); error != answer.end())
        return llvm::createStringError(error->get<std::string>());
      return answer;
    }
    const double left = limit - secondsSince(began);
    if (left <= 0 || interruptsSeen()) {
      stop();
      return llvm::createStringError(left <= 0 ? "no answer in time" : "interrupted");
    }
    pollfd waiting{socket, POLLIN, 0};
    if (::poll(&waiting, 1, std::min(200, static_cast<int>(left * 1000) + 1)) <= 0)
      continue;
    char bytes[1 << 16];
    const ssize_t count = ::recv(socket, bytes, sizeof bytes, 0);
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0) {
      const ExitStatus status = process.isRunning() ? process.wait() : ExitStatus{};
      stop();
      return llvm::createStringError(
          status.signal ? std::string("it crashed: ") + ::strsignal(status.signal)
                        : "its process ended with code " + std::to_string(status.code));
    }
    received.append(bytes, static_cast<size_t>(count));
  }
}

Expected<Json> TuneChild::ask(const Json &request, double limit) {
  if (Error error = send(request)) {
    stop();
    return error;
  }
  return receive(limit);
}

TuneProcessLab::TuneProcessLab(TuneDevice device, unsigned jobs)
    : scratch("weir-tune"), device(std::move(device)), folder(scratch.path()), began(Clock::now()) {
  if (scratch.error())
    throw std::runtime_error("cannot make a temporary folder: " + scratch.error().message());
  for (unsigned i = 0; i < std::max(1u, jobs); ++i)
    children.push_back(std::make_unique<TuneChild>());
  opened.resize(children.size());
}

TuneProcessLab::~TuneProcessLab() = default;

double TuneProcessLab::seconds() { return secondsSince(began); }

Json TuneProcessLab::openRequest() const {
  return {{"command", "open"},
          {"folder", folder},
          {"ir", folder + "/group.mlir"},
          {"target", device.target.name},
          {"device", device.name},
          {"threads", std::max(1U, device.threads)},
          {"step_bytes", group.stepBytes},
          {"in_place", group.inPlace}};
}

/// What a child had loaded went with it.
void TuneProcessLab::lost(TuneChild &child) {
  for (auto [i, other] : llvm::enumerate(children))
    if (other.get() == &child)
      opened[i] = false;
  if (&child == children.front().get())
    for (auto &entry : prepared)
      entry.second.number = -1;
}

void TuneProcessLab::checkMeasuring() {
  TuneChild &child = *children.front();
  if (device.isGpu())
    child.stop(); // a GPU's context may be broken
  if (!child.isRunning())
    lost(child);
}

Error TuneProcessLab::ready(TuneChild &child) {
  const auto place =
      llvm::find_if(children, [&](const auto &other) { return other.get() == &child; }) -
      children.begin();
  if (!child.isRunning()) {
    lost(child);
    if (Error error = child.start(folder + "/log"))
      return error;
  }
  if (opened[place])
    return Error::success();
  auto answer = child.ask(openRequest(), openLimit);
  if (!answer)
    return answer.takeError();
  opened[place] = true;
  return Error::success();
}

Expected<LoopFacts> TuneProcessLab::open(const TuneGroup &next) {
  group = next;
  for (auto &entry : prepared)
    removeQuietly(entry.second.object);
  prepared.clear();
  opened.assign(children.size(), false);
  if (Error error = writeFileAtomically(folder + "/group.mlir", group.ir))
    return error;
  TuneChild &child = *children.front();
  if (!child.isRunning())
    if (Error error = child.start(folder + "/log"))
      return error;
  auto answer = child.ask(openRequest(), openLimit);
  if (!answer)
    return answer.takeError();
  opened.front() = true;
  loops = LoopFacts();
  const auto kind = findTemplate(answer->at("template").get<std::string>());
  auto chosen = Schedule::parse(answer->at("chosen").get<std::string>());
  if (!kind || !chosen)
    return llvm::joinErrors(chosen ? llvm::createStringError("an unknown template")
                                   : chosen.takeError(),
                            Error::success());
  loops.kind = *kind;
  loops.chosen = *chosen;
  const auto read = [&](const char *name, auto &list) {
    for (const Json &value : answer->at(name))
      list.push_back(value);
  };
  read("extents", loops.extents);
  read("row_dimensions", loops.rowDimensions);
  read("term_dimensions", loops.termDimensions);
  loops.lines = answer->at("lines");
  loops.inside = answer->at("inside");
  loops.terms = answer->at("terms");

  // The default, by no schedule at all: as every other compilation makes it.
  Prepared model{folder + "/default.o", "", loops.chosen.text(), -1};
  auto compiled =
      child.ask({{"command", "compile"}, {"schedule", ""}, {"object", model.object}}, openLimit);
  if (!compiled)
    return compiled.takeError();
  model.symbol = compiled->at("symbol");
  prepared[loops.chosen.text()] = model;
  return loops;
}

Error TuneProcessLab::loadInto(Prepared &entry) {
  if (Error error = measureReady())
    return error;
  if (entry.number >= 0)
    return Error::success();
  auto answer = children.front()->ask({{"command", "load"},
                                       {"object", entry.object},
                                       {"symbol", entry.symbol},
                                       {"schedule", entry.schedule}},
                                      loadLimit);
  if (!answer)
    return answer.takeError();
  entry.number = answer->at("number");
  return Error::success();
}

/// An empty text, or why the kernel is not to be used.
std::string TuneProcessLab::compareWithDefault(Prepared &entry) {
  Prepared &model = prepared.at(loops.chosen.text());
  for (Prepared *each : {&model, &entry})
    if (Error error = loadInto(*each))
      return llvm::toString(std::move(error));
  auto answer = children.front()->ask({{"command", "compare"},
                                       {"first", model.number},
                                       {"second", entry.number},
                                       {"schedule", entry.schedule}},
                                      compareLimit);
  return answer ? "" : llvm::toString(answer.takeError());
}

std::vector<std::string> TuneProcessLab::prepare(llvm::ArrayRef<Schedule> schedules, double limit) {
  std::vector<std::string> errors(schedules.size());
  // Compile: each child takes the next one.
  std::vector<int> busyWith(children.size(), -1);
  std::vector<Clock::time_point> since(children.size());
  size_t next = 0, busy = 0;
  std::vector<Prepared> compiled(schedules.size());
  const auto begin = [&](size_t child) {
    while (next < schedules.size() && !isInterrupted()) {
      const size_t i = next++;
      compiled[i] = {folder + "/" + std::to_string(objects++) + ".o", "", schedules[i].text(), -1};
      Error error = ready(*children[child]);
      if (!error)
        error = children[child]->send({{"command", "compile"},
                                       {"schedule", compiled[i].schedule},
                                       {"object", compiled[i].object}});
      if (!error) {
        busyWith[child] = static_cast<int>(i);
        since[child] = Clock::now();
        ++busy;
        return;
      }
      errors[i] = llvm::toString(std::move(error));
      children[child]->stop();
    }
  };
  for (size_t child = 0; child < children.size(); ++child)
    begin(child);
  while (busy > 0)
    for (size_t child = 0; child < children.size(); ++child) {
      if (busyWith[child] < 0)
        continue;
      const auto i = static_cast<size_t>(busyWith[child]);
      // All that compile have their own time; whoever is waited for first delays no other's start.
      auto answer = children[child]->receive(std::max(0.0, limit - secondsSince(since[child])));
      if (answer)
        compiled[i].symbol = answer->at("symbol");
      else
        errors[i] = llvm::toString(answer.takeError());
      if (!children[child]->isRunning())
        lost(*children[child]);
      busyWith[child] = -1;
      --busy;
      begin(child);
    }
  for (size_t i = 0; i < schedules.size(); ++i) {
    if (errors[i].empty() && compiled[i].symbol.empty())
      errors[i] = "interrupted";
    if (!errors[i].empty())
      continue;
    errors[i] = compareWithDefault(compiled[i]);
    if (errors[i].empty())
      prepared[compiled[i].schedule] = compiled[i];
    else
      checkMeasuring();
  }
  return errors;
}

Expected<TunePairs> TuneProcessLab::timePrepared(Prepared &first, Prepared &second,
                                                 unsigned pairs) {
  for (Prepared *each : {&first, &second})
    if (Error error = loadInto(*each))
      return error;
  auto answer = children.front()->ask(
      {{"command", "time"},
       {"first", first.number},
       {"second", second.number},
       {"pairs", pairs},
       {"microseconds", device.isGpu() ? gpuBatchMicroseconds : batchMicroseconds}},
      timeLimit);
  if (!answer) {
    checkMeasuring();
    return answer.takeError();
  }
  return TunePairs{answer->at("first").get<std::vector<double>>(),
                   answer->at("second").get<std::vector<double>>()};
}

Expected<TunePairs> TuneProcessLab::time(const Schedule &first, const Schedule &second,
                                         unsigned pairs) {
  return timePrepared(prepared.at(first.text()), prepared.at(second.text()), pairs);
}

Expected<TunePairs> TuneProcessLab::timeBaseline(const std::string &scheduler, double limit,
                                                 unsigned pairs) {
  Prepared entry{folder + "/" + std::to_string(objects++) + ".o", "", scheduler, -1};
  if (Error error = measureReady())
    return error;
  auto compiled = children.front()->ask(
      {{"command", "baseline"}, {"scheduler", scheduler}, {"object", entry.object}}, limit);
  if (!children.front()->isRunning())
    lost(*children.front());
  if (!compiled)
    return compiled.takeError();
  entry.symbol = compiled->at("symbol");
  if (std::string reason = compareWithDefault(entry); !reason.empty()) {
    checkMeasuring();
    return llvm::createStringError(reason);
  }
  return timePrepared(prepared.at(loops.chosen.text()), entry, pairs);
}

} // namespace weir
