//===- TuneSearch.cpp - see TuneSearch.h -----------------------------------------------------===//

#include "tools/tune/TuneSearch.h"

#include "kernels/Candidates.h"

#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <cmath>
#include <ctime>

namespace weir {
namespace {

/// A candidate that takes longer to compile than any kernel of ours does is not waited for.
constexpr double mostCompileSeconds = 10;
/// What is less is lost in the noise of a whole step.
constexpr double leastShare = 2e-4;

} // namespace

TuneSearch::TuneSearch(TuneOptions options, std::vector<TuneGroup> groups, TuneLab &lab,
                       TuneObserver &observer)
    : options(std::move(options)), lab(lab), observer(observer) {
  state.groups = groups.size();
  for (TuneGroup &group : groups)
    works.emplace_back().group = std::move(group);
}

llvm::Error TuneSearch::run() {
  while (!isTimeUp() && candidatesLeft() > 0) {
    Work *work = next();
    if (!work)
      break;
    if (llvm::Error error = visit(*work))
      return error;
  }
  return llvm::Error::success();
}

/// The group whose share, less the more it was worked on in vain, is the largest.
TuneSearch::Work *TuneSearch::next() {
  Work *best = nullptr;
  double bestScore = 0;
  for (Work &work : works) {
    if (work.done)
      continue;
    const double score = std::max(work.group.share, leastShare) * std::pow(0.6, work.barren) /
                         (1 + 0.1 * work.visits);
    if (!best || score > bestScore) {
      best = &work;
      bestScore = score;
    }
  }
  return best;
}

void TuneSearch::enqueue(Work &work, std::vector<Schedule> schedules) {
  for (const Schedule &schedule : llvm::reverse(schedules))
    if (!llvm::is_contained(work.tried, schedule)) {
      llvm::erase(work.queue, schedule);
      work.queue.push_back(schedule);
    }
}

llvm::Error TuneSearch::visit(Work &work) {
  state.visited += work.visits == 0;
  ++work.visits;
  report(work);
  auto loops = lab.open(work.group);
  if (!loops) {
    std::string reason = llvm::toString(loops.takeError());
    if (lab.isInterrupted()) // it was given up for that reason
      return llvm::Error::success();
    // Nothing can be measured of it: a defect, but not one to stop a search for.
    observer.rejected(work.group, work.best, reason);
    work.done = true;
    return llvm::Error::success();
  }
  if (!work.opened) {
    work.opened = true;
    work.loops = *loops;
    work.best = loops->chosen;
    work.tried = {work.best};
    takeKnown(work);
    // One step away from the model's choice, in turns with what the model likes next.
    const std::vector<Schedule> near =
        neighbours(work.best, work.loops, options.target, options.threads);
    const std::vector<Schedule> liked =
        enumerateSchedules(work.loops, options.target, options.threads, options.enumerated);
    std::vector<Schedule> mixed;
    for (size_t i = 0; i < std::max(near.size(), liked.size()); ++i) {
      for (const std::vector<Schedule> *list : {&liked, &near})
        if (i < list->size() && !llvm::is_contained(mixed, (*list)[i]))
          mixed.push_back((*list)[i]);
    }
    enqueue(work, std::move(mixed));
  } else if (work.best != work.loops.chosen) {
    lab.prepare({work.best}, mostCompileSeconds); // the objects of another visit are gone
  }

  std::vector<Schedule> batch;
  const size_t most = std::min(options.batch, candidatesLeft());
  while (batch.size() < most && !work.queue.empty()) {
    batch.push_back(work.queue.back());
    work.queue.pop_back();
  }
  if (batch.empty()) {
    work.done = true;
    return llvm::Error::success();
  }
  work.tried.insert(work.tried.end(), batch.begin(), batch.end());
  const double left = options.budget - lab.seconds();
  const std::vector<std::string> errors =
      lab.prepare(batch, std::min(mostCompileSeconds, std::max(1.0, left)));
  std::optional<Schedule> promising;
  double bestRatio = 1;
  for (auto [schedule, error] : llvm::zip_equal(batch, errors)) {
    if (isTimeUp())
      break; // their results would come too late
    ++work.candidates;
    ++state.tried;
    std::string reason = error;
    if (reason.empty()) {
      auto pairs = lab.time(work.best, schedule, screeningPairs);
      if (pairs) {
        const TuneVerdict verdict = judge(*pairs);
        if (verdict.isFaster(screeningChance, leastGain) && verdict.ratio < bestRatio) {
          promising = schedule;
          bestRatio = verdict.ratio;
        }
        continue;
      }
      reason = llvm::toString(pairs.takeError());
    }
    if (lab.isInterrupted()) // it was given up for that reason
      break;
    ++work.failed;
    ++state.failed;
    observer.rejected(work.group, schedule, reason);
  }
  ++work.barren;
  if (promising && !isTimeUp())
    if (llvm::Error error = decide(work, *promising))
      return error;
  work.done |= work.queue.empty();
  report(work);
  return llvm::Error::success();
}

void TuneSearch::takeKnown(Work &work) {
  const TuningKey key{work.group.content, options.target.halide, options.cpu, options.threads};
  const TuningRecord *record = options.known ? options.known->find(key) : nullptr;
  if (!record || record->schedule == work.best || isTimeUp())
    return;
  work.tried.push_back(record->schedule);
  if (!lab.prepare({record->schedule}, mostCompileSeconds).front().empty())
    return; // the templates have changed
  auto pairs = lab.time(work.best, record->schedule, finalPairs);
  if (!pairs)
    return llvm::consumeError(pairs.takeError());
  const TuneVerdict verdict = judge(*pairs);
  if (verdict.ratio >= 1)
    return;
  work.best = record->schedule;
  work.gain = 1 - verdict.ratio;
  state.gain +=
      work.group.share * work.gain / static_cast<double>(std::max<size_t>(1, options.entries));
}

/// A winner has to be faster than the default, and than an earlier winner: never worse than either
/// by construction.
llvm::Error TuneSearch::decide(Work &work, const Schedule &candidate) {
  if (work.best != work.loops.chosen) {
    auto pairs = lab.time(work.best, candidate, finalPairs / 2);
    if (!pairs || !judge(*pairs).isFaster(0.01, 0)) {
      llvm::consumeError(pairs.takeError());
      return llvm::Error::success();
    }
  }
  auto pairs = lab.time(work.loops.chosen, candidate, finalPairs);
  if (!pairs) {
    llvm::consumeError(pairs.takeError());
    return llvm::Error::success();
  }
  const TuneVerdict verdict = judge(*pairs);
  if (!verdict.isFaster(finalChance, leastGain))
    return llvm::Error::success();
  state.winners += work.best == work.loops.chosen;
  work.best = candidate;
  work.barren = 0;
  TuningRecord record;
  record.key = {work.group.content, options.target.halide, options.cpu, options.threads};
  record.name = work.group.name;
  record.loops = work.loops;
  record.schedule = candidate;
  record.defaultMicroseconds = verdict.first;
  record.tunedMicroseconds = verdict.second;
  record.pairs = verdict.pairs;
  record.faster = verdict.faster;
  record.candidates = work.candidates;
  record.failed = work.failed;
  record.time = static_cast<int64_t>(std::time(nullptr));
  const double entries = static_cast<double>(std::max<size_t>(1, options.entries));
  state.gain += work.group.share * (record.gain() - work.gain) / entries;
  work.gain = record.gain();
  enqueue(work, neighbours(candidate, work.loops, options.target, options.threads));
  return observer.won(record, state);
}

void TuneSearch::report(const Work &work) {
  state.current = work.group.name;
  observer.progress(state);
}

} // namespace weir
