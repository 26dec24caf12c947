//===- Schedule.cpp - see Schedule.h ---------------------------------------------------------===//

#include "kernels/Schedule.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

namespace weir {

llvm::ArrayRef<ScheduleField> scheduleFields() {
  static constexpr ScheduleField fields[] = {
      {"v", &Schedule::vectorWidth},   {"n", &Schedule::tileVectors},
      {"m", &Schedule::tileRows},      {"k", &Schedule::depthBlock},
      {"u", &Schedule::depthUnroll},   {"l", &Schedule::laneColumns},
      {"o", &Schedule::columnsInside}, {"p", &Schedule::taskRows},
      {"x", &Schedule::threadColumns}, {"y", &Schedule::threadRows},
      {"s", &Schedule::parts},
  };
  return fields;
}

RowTiles::RowTiles(int64_t tileRows, int64_t rows, llvm::ArrayRef<int64_t> rowDimensions)
    : line(rows), task(tileRows), pieces(!isBox(tileRows, rowDimensions)) {
  if (pieces)
    line = task = rowDimensions[0];
  count = int64_t(llvm::divideCeil(line, tileRows)) * (rows / line);
  whole = line % tileRows == 0;
}

bool isRowTile(int64_t tileRows, llvm::ArrayRef<int64_t> dimensions, bool lines) {
  return dimensions.empty() || isBox(tileRows, dimensions) || (lines && tileRows <= dimensions[0]);
}

bool isShort(llvm::ArrayRef<int> boxExtents) {
  constexpr int mostTerms = 16;
  return boxExtents[0] * boxExtents[1] <= mostTerms;
}

int largestDivisor(int64_t n, int64_t limit) {
  int64_t divisor = std::max<int64_t>(1, std::min(n, limit));
  while (n % divisor != 0)
    --divisor;
  return static_cast<int>(divisor);
}

int64_t innerTerms(int64_t terms, llvm::ArrayRef<int64_t> dimensions) {
  if (dimensions.empty())
    return terms;
  const llvm::SmallVector<int, 3> extents = boxExtents(terms, dimensions);
  return isShort(extents) ? 1 : extents[0];
}

std::string Schedule::text() const {
  std::string text;
  for (const ScheduleField &field : scheduleFields())
    if (field.number == &Schedule::vectorWidth || this->*field.number != Schedule().*field.number)
      text += field.letters.str() + std::to_string(this->*field.number);
  return text;
}

llvm::Expected<Schedule> Schedule::parse(llvm::StringRef text) {
  Schedule schedule;
  llvm::SmallVector<llvm::StringRef> seen;
  for (llvm::StringRef rest = text; !rest.empty();) {
    const llvm::StringRef letters = rest.take_while(llvm::isAlpha);
    rest = rest.drop_front(letters.size());
    const llvm::StringRef digits = rest.take_while(llvm::isDigit);
    rest = rest.drop_front(digits.size());
    const ScheduleField *field = llvm::find_if(
        scheduleFields(), [&](const ScheduleField &f) { return f.letters == letters; });
    int number = 0;
    if (field == scheduleFields().end())
      return llvm::createStringError("schedule '" + text + "' has no number called '" + letters +
                                     "'");
    if (digits.getAsInteger(10, number) || number > 1'000'000)
      return llvm::createStringError("schedule '" + text + "' expects a number behind '" + letters +
                                     "'");
    if (llvm::is_contained(seen, letters))
      return llvm::createStringError("schedule '" + text + "' has '" + letters + "' twice");
    seen.push_back(letters);
    schedule.*field->number = number;
  }
  if (!llvm::is_contained(seen, "v"))
    return llvm::createStringError("schedule '" + text + "' has no vector's width ('v')");
  return schedule;
}

} // namespace weir
