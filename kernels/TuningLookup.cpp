//===- TuningLookup.cpp - see TuningLookup.h -------------------------------------------------===//

#include "kernels/TuningLookup.h"
#include "kernels/Candidates.h"
#include "kernels/MatrixLoops.h"

#include "llvm/ADT/StringExtras.h"
#include <cmath>
#include <limits>

namespace weir {
namespace {

/// A record that gained less is not worth the risk of carrying it over.
constexpr double leastGain = 0.05;
/// Of extents, in powers of two, all together. Up to 3 (eight times) SqueezeNet's 36x32x256 input
/// gradient took 9.0 instead of 3.9 us with the numbers of another one, 1x512x10 0.9 instead of 0.5
/// (one thread of a Zen 5, November 2026).
constexpr double farthest = 1;

/// How far apart two loops of one template are, in powers of two.
double distance(const LoopFacts &a, const LoopFacts &b) {
  double sum = 0;
  for (auto [x, y] : llvm::zip_equal(a.extents, b.extents))
    sum += std::abs(std::log2(double(x) / double(y)));
  return sum;
}

bool fits(const Schedule &schedule, const LoopFacts &facts, const KernelTarget &target) {
  llvm::Error error = checkSchedule(schedule, facts, target);
  const bool good = !error;
  llvm::consumeError(std::move(error));
  return good;
}

} // namespace

std::string withoutScales(llvm::StringRef group) {
  constexpr llvm::StringLiteral type = "!quant.uniform<"; // "!quant.uniform<u8:f32, 0.02:7>"
  std::string text;
  for (size_t found; (found = group.find(type)) != llvm::StringRef::npos;) {
    const size_t scales = group.find(',', found);
    text += group.take_front(scales);
    group = group.drop_front(std::min(group.find('>', scales), group.size()));
  }
  return text + group.str();
}

std::string withoutExtents(llvm::StringRef group) {
  std::string text;
  for (size_t at = 0; at < group.size();) {
    llvm::StringRef rest = group.substr(at);
    const auto skip = [&](llvm::StringRef word) { // and the number behind it
      if (!rest.consume_front(word))
        return false;
      at += word.size() + rest.take_while(llvm::isDigit).size();
      return true;
    };
    // The first says what the types say; where the rows lie is no matter to loops over them.
    if (skip("units = ") || skip(" pitch=") || skip(" result="))
      continue;
    if (!rest.starts_with("tensor<")) {
      text += group[at++];
      continue;
    }
    rest = rest.drop_front(7);
    at += 7;
    text += "tensor<";
    for (;;) { // "32x784x"
      const size_t digits = rest.take_while(llvm::isDigit).size();
      if (digits == 0 || !rest.drop_front(digits).starts_with("x"))
        break;
      rest = rest.drop_front(digits + 1);
      at += digits + 1;
      text += "x";
    }
  }
  return withoutScales(text);
}

TuningMatch matchTuning(const TuningDatabase &database, KernelOp kernel, const std::string &group,
                        const KernelTarget &target, const std::string &cpu, unsigned threads) {
  TuningMatch match;
  if (database.records().empty())
    return match;
  const std::optional<LoopFacts> loops = matrixLoopsOf(kernel, target);
  if (const TuningRecord *record = database.find({group, target.halide, cpu, threads})) {
    if (record->isWithdrawn())
      return {TuningMatch::Kind::None, {}, record, "withdrawn: it made an entry slower"};
    if (!loops || fits(record->schedule, *loops, target))
      return {TuningMatch::Kind::Exact, record->schedule, record, ""};
  }

  const std::string form = loops ? withoutExtents(group) : "";
  // Of an 8-bit group the scales are part of the content, and nothing to a schedule.
  const std::string scaleless =
      llvm::StringRef(group).contains("!quant") ? withoutScales(group) : "";
  double best = std::numeric_limits<double>::max();
  for (const TuningRecord &record : database.records()) {
    if (record.key.target != target.halide || record.gain() < leastGain)
      continue;
    std::optional<Schedule> schedule;
    double apart = (record.key.threads != threads) + (record.key.cpu != cpu);
    const bool isSame = record.key.group == group;
    const bool hasOtherScales =
        !isSame && !scaleless.empty() && withoutScales(record.key.group) == scaleless;
    if (isSame || hasOtherScales) {
      apart += hasOtherScales ? 0.5 : 0;
      schedule = record.schedule;
      if (loops && !fits(*schedule, *loops, target))
        continue;
    } else {
      if (!loops || record.loops.kind != loops->kind ||
          record.loops.extents.size() != loops->extents.size())
        continue;
      const double far = distance(record.loops, *loops);
      apart += 1 + far;
      if (far > farthest || apart >= best || withoutExtents(record.key.group) != form)
        continue;
      schedule = transferSchedule(record.schedule, record.loops, *loops, target);
    }
    if (!schedule || apart >= best)
      continue;
    best = apart;
    std::string how = "from " + record.loops.text() + (hasOtherScales ? " of other scales" : "");
    if (record.key.threads != threads)
      how += " at " + std::to_string(record.key.threads) +
             (record.key.threads == 1 ? " thread" : " threads");
    if (record.key.cpu != cpu)
      how += " on " + record.key.cpu;
    match = {TuningMatch::Kind::Near, *schedule, &record, how};
  }
  return match;
}

} // namespace weir
