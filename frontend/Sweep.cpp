// Checks a `sweep` block: known names, lists that are not empty, values that may be.
//
// Which members there are and how they run is decided after the frontend: each is a compilation
// with one `--set` for each name.
#include "frontend/Recipe.h"

#include "llvm/ADT/STLExtras.h"

namespace weir {

using llvm::StringRef;

void checkSweep(const ast::Settings &sweep, const ast::File &file, const Recipe *recipe,
                Evaluator &evaluator, Diagnostics &diagnostics) {
  std::vector<StringRef> known = settingNames(recipe);
  for (const auto &entry : file.names)
    if (std::holds_alternative<const ast::Let *>(entry.second))
      known.push_back(entry.getKey());
  llvm::sort(known);
  for (const ast::Setting &setting : sweep.settings) {
    if (!llvm::is_contained(known, setting.name.text))
      diagnostics
          .error(setting.name.range,
                 "there is no constant or setting '" + setting.name.text + "' to sweep over")
          .suggest(setting.name.text, known);
    auto *list = std::get_if<ast::ListLiteral>(&setting.value->node);
    if (!list || list->elements.empty()) {
      diagnostics.error(setting.value->range, "'sweep' expects a list of one value or more for '" +
                                                  setting.name.text + "', but got " +
                                                  (list ? "an empty list" : "no list"));
      continue;
    }
    // Elements of `optimizer: [nadam, adam]` are calls of a recipe, others are values.
    for (const ast::ExpressionPtr &element : list->elements)
      checkCall(setting.name.text, *element, sweep, evaluator, diagnostics);
  }
}

} // namespace weir
