//===- SweepRunner.cpp - which work comes next; see SweepRunner.h -----------------------------===//

#include "tools/SweepRunner.h"
#include "tools/Commands.h"

#include "llvm/ADT/STLExtras.h"
#include <csignal>
#include <fmt/core.h>

namespace weir {

SweepRunner::SweepRunner(const SweepOptions &options, const SweepGrid &grid, const SweepPlan &plan,
                         SweepStore &store, SweepView &view)
    : options(options), grid(grid), plan(plan), halving(plan.halving ? &*plan.halving : nullptr),
      store(store), view(view), slots(options.jobs) {
  for (const SweepRecord *record : store.ranked()) {
    if (record->status != SweepRecord::Status::Done)
      continue;
    if (best.size() < 5)
      best.push_back(*record);
    if (halving)
      continue; // counted as its rungs are gone through again
    ++doneCount;
    epochsDone += static_cast<uint64_t>(record->trainedEpochs);
  }
}

llvm::Expected<int> SweepRunner::run() {
  catchSweepSignals();
  for (;;) {
    bool isBusy = false;
    for (WorkPointer &work : slots) {
      if (work) {
        follow(*work);
        if (auto status = work->child.poll();
            status && !interruptsSeen() && !finish(*work, *status))
          work.reset();
      }
      if (!work && !broken && !interruptsSeen())
        work = nextWork();
      isBusy |= work != nullptr;
    }
    if (broken || interruptsSeen())
      break;
    if (!isBusy && !nextRung())
      break;
    if (view.isDue())
      view.draw(state());
    if (isBusy)
      pauseFor(50);
  }
  stopChildren();
  view.clear();
  if (!broken)
    if (llvm::Error error = store.writeResults())
      broken = llvm::toString(std::move(error));
  if (broken)
    return llvm::createStringError(*broken);
  if (interruptsSeen())
    return interruptCode();
  return failedCount ? UserError : Done;
}

/// Lets programs save what they have; a second Ctrl-C does not wait for that.
void SweepRunner::stopChildren() {
  int killedAt = interruptsSeen() + 1;
  for (const WorkPointer &work : slots)
    if (work)
      work->child.send(SIGTERM);
  while (llvm::any_of(slots, [](const WorkPointer &work) {
    return work && (work->child.poll(), work->child.isRunning());
  })) {
    if (interruptsSeen() >= killedAt)
      for (const WorkPointer &work : slots)
        if (work)
          work->child.send(SIGKILL);
    pauseFor(20);
  }
}

SweepRunner::WorkPointer SweepRunner::nextWork() {
  while (!broken) {
    WorkPointer work;
    if (rung > 0)
      work = takePromoted();
    while (!active.empty() && !work) {
      Program &program = programs[active.front()];
      work = takeRun(active.front(), program);
      if (program.next == program.end)
        active.erase(active.begin());
    }
    if (!work && rung == 0)
      work = openProgram();
    if (!work || begin(*work))
      return work;
  }
  return nullptr;
}

/// The next run of a program that has something left to train; null if there is none.
SweepRunner::WorkPointer SweepRunner::takeRun(uint64_t index, Program &program) {
  while (program.next < program.end) {
    auto work = std::make_unique<Work>();
    work->stage = Work::Stage::Train;
    work->program = index;
    const uint64_t run = grid.runAt(program.next);
    do {
      work->positions.push_back(program.next);
      work->members.push_back(grid.member(program.next++));
    } while (program.facts.canBeExtended && program.next < program.end &&
             grid.runAt(program.next) == run);
    if (halving) {
      // What was trained before a sweep was stopped counts as if it had been trained now.
      const auto epochs = readEpochs(store.memberPath(work->members[0].number) + ".jsonl");
      const auto wanted = static_cast<size_t>(rungEpochs(*work));
      if (pausesAtRung() && epochs.size() >= wanted) {
        keepScore(work->positions[0], epochs[wanted - 1]);
        continue;
      }
    }
    if (!llvm::all_of(work->members, [&](const SweepMember &member) { return isDone(member); }))
      return work;
    if (halving) // there is one rung only
      ++doneCount;
  }
  return nullptr;
}

SweepRunner::WorkPointer SweepRunner::takePromoted() {
  while (!promoted.empty()) {
    const uint64_t position = promoted.back(), index = grid.programAt(position);
    promoted.pop_back();
    Program single{programs[index].facts, position, position + 1};
    if (WorkPointer work = takeRun(index, single))
      return work;
  }
  return nullptr;
}

/// The compilation of the next program with members that are not done; null if there is none.
SweepRunner::WorkPointer SweepRunner::openProgram() {
  while (opened < grid.size()) {
    const uint64_t index = grid.programAt(opened), first = opened;
    opened = grid.endOfProgram(index);
    bool isNeeded = halving;
    for (uint64_t position = first; !isNeeded && position < opened; ++position)
      isNeeded = !isDone(grid.member(position));
    if (!isNeeded)
      continue;
    programs[index] = {{}, first, opened};
    auto work = std::make_unique<Work>();
    work->program = index;
    return work;
  }
  return nullptr;
}

/// Ends a rung: the best go on, the others are stopped. False where there is no other rung.
bool SweepRunner::nextRung() {
  if (!halving || rung + 1 >= halving->rungs() || scores.empty() || broken)
    return false;
  const std::vector<uint64_t> going = halving->survivors(rung, scores);
  for (const RungScore &score : scores) {
    if (llvm::binary_search(going, score.position))
      continue;
    Work work;
    work.program = grid.programAt(score.position);
    work.positions = {score.position};
    work.members = {grid.member(score.position)};
    const std::string path = store.memberPath(work.members[0].number);
    work.epochs = readEpochs(path + ".jsonl");
    work.epochs.resize(std::min(work.epochs.size(), static_cast<size_t>(rungEpochs(work))));
    removeQuietly(path + ".safetensors"); // it may be some steps further than its last epoch
    keep(recordOf(work, 0, SweepRecord::Status::Stopped));
  }
  view.say(fmt::format("rung {} of {}: {} of {} members go on", rung + 1, halving->rungs(),
                       countText(going.size()), countText(scores.size())));
  scores.clear();
  promoted.assign(going.rbegin(), going.rend());
  ++rung;
  return !broken;
}

void SweepRunner::keepScore(uint64_t position, const EpochResult &epoch) {
  scores.push_back({position, epoch.validationAccuracy, epoch.validationLoss});
}

bool SweepRunner::isDone(const SweepMember &member) const {
  const SweepRecord *record = store.find(member.number);
  return record && record->status == SweepRecord::Status::Done;
}

int64_t SweepRunner::epochsOf(const SweepMember &member, uint64_t program) const {
  return member.epochs ? *member.epochs : programs.at(program).facts.epochs;
}

int64_t SweepRunner::rungEpochs(const Work &work) const {
  return halving->epochsAt(rung, epochsOf(work.members[0], work.program));
}

SweepState SweepRunner::state() const {
  SweepState state{store.folder, grid.size(), doneCount, stoppedCount, failedCount, -1, {}, {}};
  uint64_t running = 0;
  for (const WorkPointer &work : slots) {
    if (!work)
      continue;
    if (work->members.empty()) {
      state.running.push_back(
          {fmt::format("compiling program {} of {}", work->program + 1, grid.programs())});
      continue;
    }
    const SweepMember &member = work->members[work->current];
    SweepRunning entry{
        fmt::format("member {}: {}", member.number, describe(member, grid.settings()))};
    entry.epoch = static_cast<int64_t>(work->epochs.size());
    entry.epochs = epochsOf(member, work->program);
    if (entry.epoch > 0)
      entry.accuracy = work->epochs.back().validationAccuracy;
    running += work->epochs.size() - work->inherited;
    state.running.push_back(std::move(entry));
  }
  const double left = static_cast<double>(plan.epochs) - static_cast<double>(epochsDone + running);
  const double each =
      epochsSeen ? epochSeconds / static_cast<double>(epochsSeen) : plan.secondsPerEpoch;
  state.secondsLeft = std::max(0.0, left) * each / static_cast<double>(slots.size());
  for (const SweepRecord &record : best)
    state.best.push_back(&record);
  return state;
}

} // namespace weir
