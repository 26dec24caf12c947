//===- SweepStages.cpp - what a slot does with its work; see SweepRunner.h --------------------===//
//
// Compile a program; or train a member, let it predict the user's digits, keep its record, and go
// on with the next member of the run.
//
//===-----------------------------------------------------------------------------------------===//

#include "tools/SweepRunner.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include <csignal>
#include <fmt/core.h>
#include <fstream>
#include <sstream>

namespace weir {

namespace fs = llvm::sys::fs;
using Status = SweepRecord::Status;

/// A program that was interrupted has saved its state and says so by 128 + the signal.
static bool wasInterrupted(const ExitStatus &status) {
  return llvm::is_contained({128 + SIGHUP, 128 + SIGINT, 128 + SIGTERM}, status.code);
}

bool SweepRunner::begin(Work &work) {
  if (work.members.empty())
    return compile(work);
  work.current = 0;
  while (isDone(work.members[work.current]))
    ++work.current;
  return train(work);
}

bool SweepRunner::goOn(Work &work) {
  while (++work.current < work.members.size())
    if (!isDone(work.members[work.current]))
      return !broken && train(work);
  return false;
}

bool SweepRunner::finish(Work &work, const ExitStatus &status) {
  switch (work.stage) {
  case Work::Stage::Compile:
    return finishCompile(work, status);
  case Work::Stage::Train:
    return finishTrain(work, status);
  case Work::Stage::Digits:
    break;
  }
  const std::string path = store.memberPath(work.members[work.current].number);
  std::stringstream text;
  text << std::ifstream(path + ".digits").rdbuf();
  removeQuietly(path + ".digits");
  if (!status.isGood())
    return fail(work, messageOf(status, path + ".log"));
  auto right = countRight(text.str());
  return right ? complete(work, *right) : fail(work, llvm::toString(right.takeError()));
}

//===- Compiling ------------------------------------------------------------------------------===//

bool SweepRunner::compile(Work &work) {
  const std::string path = store.programPath(work.program);
  removeQuietly(path + ".log");
  const SweepMember member = grid.member(programs[work.program].next);
  const std::string message =
      work.child.start(compileArguments(options, grid, member, path), path + ".log", path + ".log");
  return message.empty() || finishCompile(work, {127, 0});
}

bool SweepRunner::finishCompile(Work &work, const ExitStatus &status) {
  Program &program = programs[work.program];
  const std::string path = store.programPath(work.program);
  std::string message = status.isGood() ? "" : messageOf(status, path + ".log");
  if (message.empty()) {
    removeQuietly(path + ".log");
    auto facts = readFacts(path);
    if (facts)
      program.facts = *facts;
    else
      message = llvm::toString(facts.takeError());
  }
  if (message.empty()) {
    active.push_back(work.program);
    return false;
  }
  for (; program.next < program.end && !broken && !interruptsSeen(); ++program.next) {
    SweepRecord record;
    record.member = grid.member(program.next);
    if (isDone(record.member))
      continue;
    record.message = message;
    keep(std::move(record));
  }
  return false;
}

//===- Training -------------------------------------------------------------------------------===//

/// Makes the current member's files ready; true where they hold a run to go on with: its own, or
/// that of the longest member before it.
bool SweepRunner::prepareFiles(const Work &work) {
  const uint64_t number = work.members[work.current].number;
  const std::string path = store.memberPath(number), checkpoint = path + ".safetensors";
  const SweepRecord *record = store.find(number);
  const bool hasFailed = record && record->status == Status::Failed;
  if (fs::exists(checkpoint) && !hasFailed)
    return true;
  store.removeMember(number);
  for (size_t i = work.current; i-- > 0;) {
    const std::string earlier = store.memberPath(work.members[i].number);
    // The checkpoint comes last, by a rename: where it is, the epochs are as well.
    if (isDone(work.members[i]) && !fs::copy_file(earlier + ".jsonl", path + ".jsonl") &&
        !fs::copy_file(earlier + ".safetensors", checkpoint + ".tmp") &&
        !fs::rename(checkpoint + ".tmp", checkpoint))
      return true;
  }
  removeQuietly(path + ".jsonl");
  return false;
}

bool SweepRunner::train(Work &work) {
  const SweepMember &member = work.members[work.current];
  const std::string path = store.memberPath(member.number);
  const bool resume = prepareFiles(work);
  work.stage = Work::Stage::Train;
  work.wasPaused = false;
  work.bytesSeen = 0;
  work.epochs = resume ? readEpochs(path + ".jsonl") : std::vector<EpochResult>();
  work.inherited = work.epochs.size();
  const std::string message =
      work.child.start(trainArguments(options, grid, member, store.programPath(work.program),
                                      path + ".safetensors", resume),
                       path + ".jsonl", path + ".log");
  return message.empty() || fail(work, message);
}

/// Reads the epochs that a running member has reported since, and pauses it at the end of its rung.
void SweepRunner::follow(Work &work) {
  if (work.stage != Work::Stage::Train || work.members.empty())
    return;
  const std::string path = store.memberPath(work.members[work.current].number) + ".jsonl";
  uint64_t size = 0;
  if (fs::file_size(path, size) || size == work.bytesSeen)
    return;
  work.bytesSeen = size;
  std::vector<EpochResult> epochs = readEpochs(path);
  for (size_t i = work.epochs.size(); i < epochs.size(); ++i) {
    epochSeconds += epochs[i].seconds;
    ++epochsSeen;
  }
  work.epochs = std::move(epochs);
  if (pausesAtRung() && !work.wasPaused &&
      static_cast<int64_t>(work.epochs.size()) >= rungEpochs(work)) {
    work.child.send(SIGTERM);
    work.wasPaused = true;
  }
}

bool SweepRunner::finishTrain(Work &work, const ExitStatus &status) {
  follow(work);
  const SweepMember &member = work.members[work.current];
  const std::string path = store.memberPath(member.number);
  const auto count = static_cast<int64_t>(work.epochs.size());
  const bool isPaused = work.wasPaused && wasInterrupted(status);
  if (pausesAtRung() && count >= rungEpochs(work) && (isPaused || status.isGood()))
    return finishRung(work);
  if (!status.isGood())
    return fail(work, messageOf(status, path + ".log"));
  const int64_t wanted = epochsOf(member, work.program);
  const ProgramFacts &facts = programs[work.program].facts;
  if (count == 0 || (count < wanted && !facts.stopsEarly)) {
    // A kill came between an epoch's checkpoint and its line: train it again.
    if (work.wasRestarted)
      return fail(work, fmt::format("reported {} of {} epochs", count, wanted));
    work.wasRestarted = true;
    store.removeMember(member.number);
    return train(work);
  }
  return options.digitFiles.empty() ? complete(work, 0) : predict(work);
}

bool SweepRunner::finishRung(Work &work) {
  const auto end = static_cast<size_t>(rungEpochs(work));
  keepScore(work.positions[0], work.epochs[end - 1]);
  epochsDone += work.epochs.size() - std::min(work.epochs.size(), work.inherited);
  return false;
}

bool SweepRunner::predict(Work &work) {
  const std::string path = store.memberPath(work.members[work.current].number);
  work.stage = Work::Stage::Digits;
  removeQuietly(path + ".digits");
  const std::string message = work.child.start(
      predictArguments(options, store.programPath(work.program), path + ".safetensors"),
      path + ".digits", path + ".log");
  return message.empty() || fail(work, message);
}

//===- Records --------------------------------------------------------------------------------===//

SweepRecord SweepRunner::recordOf(const Work &work, size_t index, Status status) const {
  const ProgramFacts &facts = programs.at(work.program).facts;
  SweepRecord record;
  record.member = work.members[index];
  record.status = status;
  record.setEpochs(work.epochs, work.epochs.size());
  record.parameters = facts.parameters;
  record.keepsBest = facts.keepsBest;
  record.trainedEpochs = record.last.epoch;
  // Members of one run are one computation, whichever process did which part of it.
  if (index > 0)
    if (const SweepRecord *earlier = store.find(work.members[index - 1].number);
        earlier && earlier->status == Status::Done) {
      record.continues = earlier->member.number;
      record.trainedEpochs = std::max<int64_t>(0, record.last.epoch - earlier->last.epoch);
    }
  return record;
}

bool SweepRunner::complete(Work &work, int digitsRight) {
  SweepRecord record = recordOf(work, work.current, Status::Done);
  const std::string path = store.memberPath(record.member.number);
  std::ifstream file(path + ".jsonl");
  for (std::string line; std::getline(file, line);) {
    const auto json = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (json.is_object() && json.contains("weights_sha256"))
      record.weightsSha256 = json.value("weights_sha256", "");
  }
  record.digits = static_cast<int>(options.digitFiles.size());
  record.digitsRight = digitsRight;
  record.weights = path.substr(store.folder.size() + 1) + ".safetensors";
  record.program = store.programPath(work.program).substr(store.folder.size() + 1);
  epochsDone +=
      halving ? work.epochs.size() - work.inherited : static_cast<uint64_t>(record.trainedEpochs);
  keep(std::move(record));
  return goOn(work);
}

/// The current member failed, and with it the longer ones of its run.
bool SweepRunner::fail(Work &work, const std::string &message) {
  for (size_t i = work.current; i < work.members.size(); ++i) {
    if (isDone(work.members[i]))
      continue;
    SweepRecord record = recordOf(work, i, Status::Failed);
    record.message = i == work.current ? message
                                       : fmt::format("goes on with member {}, which failed",
                                                     work.members[work.current].number);
    epochsDone += static_cast<uint64_t>(epochsOf(record.member, work.program) - record.last.epoch);
    keep(std::move(record));
  }
  return false;
}

void SweepRunner::keep(SweepRecord record) {
  const SweepRecord *earlier = store.find(record.member.number);
  const bool isKnown =
      earlier && earlier->status == record.status && record.status == Status::Stopped;
  (record.status == Status::Done      ? doneCount
   : record.status == Status::Stopped ? stoppedCount
                                      : failedCount)++;
  if (!isKnown) {
    view.ended(record, doneCount + stoppedCount + failedCount, grid.size());
    if (llvm::Error error = store.add(record))
      broken = llvm::toString(std::move(error));
  }
  if (record.status == Status::Failed)
    return;
  const auto place = llvm::upper_bound(best, record, ranksBefore);
  best.insert(place, std::move(record));
  best.resize(std::min<size_t>(best.size(), 5));
}

} // namespace weir
