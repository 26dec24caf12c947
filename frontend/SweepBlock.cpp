//===- SweepBlock.cpp - see SweepBlock.h ------------------------------------------------------===//

#include "frontend/SweepBlock.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"

#include <bit>
#include <limits>

namespace weir {

using llvm::StringRef;

namespace {

/// What `PROG train` takes as an option, and what it accepts.
struct RunTimeSetting {
  StringRef name;
  bool isInteger;
  double minimum; // a learning rate must be above it
  double maximum;
  StringRef rule;
};
constexpr RunTimeSetting runTimeSettings[] = {
    {"learning_rate", false, 0, std::numeric_limits<float>::max(), "a positive finite number"},
    {"epochs", true, 1, 1e6, "an integer from 1 to 1000000"},
    {"seed", true, 0, std::numeric_limits<double>::max(), "an integer of at least 0"},
};

/// The text of an expression on one line: comments gone, runs of blanks and line ends as one blank.
/// (Line ends inside the list's brackets do not count, so this means the same.)
std::string onOneLine(StringRef text) {
  std::string result;
  bool inString = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (inString) {
      result += c;
      if (c == '\\' && i + 1 < text.size())
        result += text[++i];
      inString = c != '"';
    } else if (c == '#') {
      i = std::min(text.find('\n', i), text.size()) - 1;
    } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      if (!result.empty() && result.back() != ' ')
        result += ' ';
    } else {
      result += c;
      inString = c == '"';
    }
  }
  return StringRef(result).trim().str();
}

/// A literal number, with a sign or without.
void readNumber(const ast::Expression &expression, SweepValue &value) {
  if (auto *integer = std::get_if<ast::IntegerLiteral>(&expression.node)) {
    value.integer = integer->value;
    value.number = static_cast<double>(integer->value);
  } else if (auto *real = std::get_if<ast::FloatLiteral>(&expression.node)) {
    value.number = real->value;
  } else if (auto *unary = std::get_if<ast::UnaryOperation>(&expression.node);
             unary && unary->op == ast::UnaryOperator::Negate) {
    readNumber(*unary->operand, value);
    if (value.integer)
      value.integer = -*value.integer;
    if (value.number)
      value.number = -*value.number;
  }
}

/// The values of a list; one given twice is an error.
std::vector<SweepValue> readValues(const ast::Setting &setting, const ast::ListLiteral &list,
                                   Diagnostics &diagnostics) {
  std::vector<SweepValue> values;
  llvm::StringSet<> seen;
  for (const ast::ExpressionPtr &element : list.elements) {
    SweepValue value{onOneLine(element->range.text()), {}, {}};
    readNumber(*element, value);
    // 0.1 and 0.10 are one value as well.
    const std::string key =
        value.number ? std::to_string(std::bit_cast<uint64_t>(*value.number)) : value.text;
    if (!seen.insert(key).second)
      diagnostics.error(element->range, "'sweep' expects different values for '" +
                                            setting.name.text + "', but got " + value.text +
                                            " twice");
    values.push_back(std::move(value));
  }
  return values;
}

/// Whether the values are options of a program; those that are out of range are errors.
bool areAtRunTime(const ast::File &file, const ast::Setting &setting, const ast::ListLiteral &list,
                  llvm::ArrayRef<SweepValue> values, Diagnostics &diagnostics) {
  const auto *rule = llvm::find_if(
      runTimeSettings, [&](auto &candidate) { return candidate.name == setting.name.text; });
  if (rule == std::end(runTimeSettings) || file.names.contains(setting.name.text) ||
      !llvm::all_of(values, [](const SweepValue &value) { return value.number.has_value(); }))
    return false;
  for (const auto &[value, element] : llvm::zip_equal(values, list.elements)) {
    const bool fits = (rule->isInteger ? value.integer && *value.number >= rule->minimum
                                       : *value.number > rule->minimum) &&
                      *value.number <= rule->maximum;
    if (!fits)
      diagnostics.error(element->range, "'sweep' expects " + rule->rule + " for '" +
                                            setting.name.text + "', but got " + value.text);
  }
  return true;
}

} // namespace

std::optional<std::vector<SweepSetting>> readSweep(const Program &program,
                                                   Diagnostics &diagnostics) {
  const ast::File &file = program.main();
  const size_t errorsBefore = diagnostics.errorCount();
  if (!file.sweep) {
    diagnostics.fileError(file.source->name(), "file expects a 'sweep' block with lists of values "
                                               "to combine, but has none");
    return std::nullopt;
  }
  const ast::Settings &sweep = *file.sweep;
  if (!file.train)
    diagnostics.error(sweep.keyword, "'sweep' expects a 'train' block, but the file has none");
  if (sweep.settings.empty())
    diagnostics.error(sweep.keyword, "'sweep' expects one list of values or more, but got none");
  std::vector<SweepSetting> settings;
  for (const ast::Setting &setting : sweep.settings) {
    auto *list = std::get_if<ast::ListLiteral>(&setting.value->node);
    if (!list || list->elements.empty()) {
      diagnostics.error(setting.value->range, "'sweep' expects a list of one value or more for '" +
                                                  setting.name.text + "', but got " +
                                                  (list ? "an empty list" : "no list"));
      continue;
    }
    SweepSetting result{setting.name.text.str(), readValues(setting, *list, diagnostics), false};
    result.atRunTime = areAtRunTime(file, setting, *list, result.values, diagnostics);
    settings.push_back(std::move(result));
  }
  if (diagnostics.errorCount() != errorsBefore)
    return std::nullopt;
  return settings;
}

} // namespace weir
