// Diagnostics: what is wrong, where, and where the facts came from.
//
// Every stage of the frontend adds errors to one Diagnostics object and goes on as far as it
// sensibly can, so that one run shows several errors. A diagnostic is one broken rule, then notes
// for the causes, then at most one suggestion:
//
//   net.weir:7:27: error: 'conv2d' expects channels divisible by groups, but got …
//       x = conv2d(x, 48, groups: 5)
//                                 ^
//   net.weir:6:5: note: 'x' has 24 channels because of 'bottleneck' here
#pragma once

#include "frontend/Source.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/raw_ostream.h"

#include <deque>
#include <set>
#include <string>
#include <vector>

namespace weir {

struct Note {
  SourceRange range;
  std::string message;
};

/// One error. The methods return the diagnostic itself, to be chained.
struct Diagnostic {
  SourceRange range;
  std::string message;
  std::vector<Note> notes;
  std::vector<Note> context; // printed after the notes: the calls that led here

  Diagnostic &note(SourceRange where, const llvm::Twine &text);
  /// Appends "; did you mean 'x'?" if one of `candidates` is close to `wrong`.
  Diagnostic &suggest(llvm::StringRef wrong, llvm::ArrayRef<llvm::StringRef> candidates);
};

/// Collects the errors of a run and owns the sources that they point into.
class Diagnostics {
public:
  /// Adds an error. A second error with the same place is dropped: a loop or a function called
  /// twice would repeat it.
  Diagnostic &error(SourceRange where, const llvm::Twine &message);
  /// An error about a whole file, shown as `path: error: …`.
  Diagnostic &fileError(llvm::StringRef path, const llvm::Twine &message);

  size_t errorCount() const { return count; }
  bool hasErrors() const { return count != 0; }
  /// The errors in the order in which they were found, at most maximumShown of them.
  const std::deque<Diagnostic> &errors() const { return shown; }

  /// Prints all errors. `colour` switches on ANSI colours; ask `os.has_colors()`.
  void print(llvm::raw_ostream &os, bool colour = false) const;

  static constexpr size_t maximumShown = 20;

  SourceManager sources;

private:
  std::deque<Diagnostic> shown; // a deque, as error() hands out references
  Diagnostic unshown;           // what is added past the limit, or repeated, ends here
  std::set<std::pair<const SourceFile *, uint32_t>> places;
  size_t count = 0;
};

/// The candidate closest to `wrong` by edit distance (a third of its letters may differ), or an
/// empty name.
llvm::StringRef nearestName(llvm::StringRef wrong, llvm::ArrayRef<llvm::StringRef> candidates);

} // namespace weir
