// Collects diagnostics and renders them with the source line and a caret.
//
// See Diagnostics.h for the format. Nothing here knows the language.
#include "frontend/Diagnostics.h"

#include <algorithm>

namespace weir {

using llvm::StringRef;

StringRef nearestName(StringRef wrong, llvm::ArrayRef<StringRef> candidates) {
  StringRef best;
  unsigned bestDistance = wrong.size() < 2 ? 0 : (wrong.size() + 2) / 3 + 1;
  for (StringRef candidate : candidates) {
    unsigned distance = StringRef(wrong.lower()).edit_distance(candidate, true, bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

Diagnostic &Diagnostic::note(SourceRange where, const llvm::Twine &text) {
  notes.push_back({where, text.str()});
  return *this;
}

Diagnostic &Diagnostic::suggest(StringRef wrong, llvm::ArrayRef<StringRef> candidates) {
  if (StringRef nearest = nearestName(wrong, candidates); !nearest.empty())
    message += ("; did you mean '" + nearest + "'?").str();
  return *this;
}

Diagnostic &Diagnostics::error(SourceRange where, const llvm::Twine &message) {
  if (where.file && !places.insert({where.file, where.begin}).second)
    return unshown = Diagnostic();
  if (++count > maximumShown)
    return unshown = Diagnostic();
  return shown.emplace_back(Diagnostic{where, message.str(), {}, {}});
}

Diagnostic &Diagnostics::fileError(StringRef path, const llvm::Twine &message) {
  SourceRange whole{sources.add(path.str(), ""), 0, 0};
  return error(whole, message);
}

namespace {

enum class Style { Plain, Bold, Red, Cyan, Green };

/// Prints one message. Lines are shown without their indentation, four columns in, and a window of
/// a long line only.
class Printer {
public:
  Printer(llvm::raw_ostream &os, bool colour) : os(os), colour(colour) {}

  void message(SourceRange range, StringRef kind, Style kindStyle, StringRef text) {
    style(Style::Bold);
    if (range.file) {
      os << range.file->name() << ":";
      if (!range.file->text().empty()) {
        SourcePosition at = range.file->position(range.begin);
        os << at.line << ":" << at.column << ":";
      }
      os << " ";
    }
    style(kindStyle);
    os << kind << ": ";
    style(Style::Plain);
    os << text << "\n";
  }

  void excerpt(SourceRange range) {
    if (!range.file || range.file->text().empty())
      return;
    SourcePosition at = range.file->position(range.begin);
    StringRef line = range.file->line(at.line);
    // Offsets of the marked part within the line, in bytes.
    size_t begin =
        std::min<size_t>(range.begin - (line.data() - range.file->text().data()), line.size());
    size_t end = std::clamp<size_t>(begin + (range.end - range.begin), begin, line.size());

    size_t first = line.size() - line.ltrim().size();
    first = std::min(first, begin);
    if (begin > first + windowBefore)
      first = characterBoundary(line, begin - windowBefore);
    size_t last = std::min(line.size(), first + window);
    last = std::max(last, begin);
    if (last < line.size())
      last = characterBoundary(line, last);
    StringRef visible = line.slice(first, last);

    os << "    ";
    for (char c : visible)
      os << (static_cast<unsigned char>(c) < ' ' ? ' ' : c);
    os << "\n    ";
    os.indent(characters(line.slice(first, begin)));
    style(Style::Green);
    os << '^';
    if (size_t marked = characters(line.slice(begin, std::min(end, last))); marked > 1)
      os << std::string(marked - 1, '~');
    style(Style::Plain);
    os << "\n";
  }

private:
  static constexpr size_t window = 120, windowBefore = 80;

  static size_t characterBoundary(StringRef line, size_t offset) {
    while (offset > 0 && (line[offset] & 0xC0) == 0x80)
      --offset;
    return offset;
  }

  static size_t characters(StringRef text) {
    return llvm::count_if(text, [](char c) { return (c & 0xC0) != 0x80; });
  }

  void style(Style next) {
    if (!colour)
      return;
    static constexpr const char *codes[] = {"\033[0m", "\033[1m", "\033[1;31m", "\033[1;36m",
                                            "\033[1;32m"};
    os << codes[static_cast<int>(next)];
  }

  llvm::raw_ostream &os;
  bool colour;
};

} // namespace

void Diagnostics::print(llvm::raw_ostream &os, bool colour) const {
  Printer printer(os, colour);
  for (const Diagnostic &error : shown) {
    printer.message(error.range, "error", Style::Red, error.message);
    printer.excerpt(error.range);
    for (const auto *notes : {&error.notes, &error.context})
      for (const Note &note : *notes)
        printer.message(note.range, "note", Style::Cyan, note.message);
  }
  if (count > maximumShown)
    os << "and " << (count - maximumShown) << " more errors\n";
}

} // namespace weir
