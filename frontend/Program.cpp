// Follows imports, depth first, and builds each file's table of names.
//
// A file is read once however often it is imported. An import of a file that is still being loaded
// is a cycle. The depth of imports is bounded, since every level is a call of load().
#include "frontend/Program.h"
#include "frontend/Lexer.h"
#include "frontend/Parser.h"
#include "ir/Signatures.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

namespace weir {

using llvm::StringRef;

namespace {

class Loader {
public:
  explicit Loader(Diagnostics &diagnostics)
      : program(std::make_unique<Program>()), diagnostics(diagnostics) {}

  const ast::File *load(const SourceFile *source, StringRef identity) {
    State &state = states[identity];
    size_t errorsBefore = diagnostics.errorCount();
    TokenizedFile tokens = tokenize(source, diagnostics);
    program->isWhole &= diagnostics.errorCount() == errorsBefore;
    program->files.push_back(parse(tokens, diagnostics));
    ast::File *file = program->files.back().get();
    program->isWhole &= !file->hasSyntaxErrors;
    state.file = file;
    state.isLoading = true;
    for (ast::Import &import : file->imports) {
      import.file = follow(*file, import);
      program->isWhole &= import.file != nullptr;
    }
    state.isLoading = false;
    collectNames(*file);
    return file;
  }

  /// One spelling for each file, whatever path leads to it.
  static std::string identityOf(StringRef path) {
    llvm::SmallString<128> real;
    return llvm::sys::fs::real_path(path, real) ? path.str() : real.str().str();
  }

  std::unique_ptr<Program> program;

private:
  struct State {
    const ast::File *file = nullptr;
    bool isLoading = false;
  };
  static constexpr size_t maximumFiles = 256;

  const ast::File *follow(const ast::File &importer, const ast::Import &import) {
    namespace path = llvm::sys::path;
    llvm::SmallString<128> name(import.path);
    if (!path::is_absolute(name)) {
      name = path::parent_path(importer.source->name());
      path::append(name, import.path);
    }
    path::remove_dots(name, false);
    if (name.empty()) // of "."
      name = ".";
    std::string identity = identityOf(name);
    if (auto known = states.find(identity); known != states.end()) {
      if (known->second.isLoading)
        diagnostics.error(import.range, known->second.file == &importer
                                            ? "file imports itself"
                                            : "'" + llvm::Twine(import.path) +
                                                  "' imports this file again, in a circle");
      return known->second.isLoading ? nullptr : known->second.file;
    }
    if (program->files.size() == maximumFiles) {
      diagnostics.error(import.range, "program expects at most " + llvm::Twine(maximumFiles) +
                                          " files, but got more");
      return nullptr;
    }
    std::string error;
    if (const SourceFile *source = diagnostics.sources.open(name, error))
      return load(source, identity);
    diagnostics.error(import.range, "'" + name.str() + "': " + error);
    return nullptr;
  }

  void collectNames(ast::File &file) {
    for (const auto &let : file.lets)
      declare(file, let->name, let.get());
    for (const auto &function : file.functions)
      declare(file, function->name, function.get());
    for (const ast::Import &import : file.imports) {
      if (!import.file)
        continue;
      for (const auto &let : import.file->lets)
        bring(file, import, let->name, let.get());
      for (const auto &function : import.file->functions)
        bring(file, import, function->name, function.get());
    }
  }

  static const ast::Identifier &nameOf(const ast::File::Declaration &declaration) {
    return std::visit([](auto *node) -> const ast::Identifier & { return node->name; },
                      declaration);
  }

  /// An own declaration: unique in the file, and not the name of an op.
  void declare(ast::File &file, const ast::Identifier &name, ast::File::Declaration declaration) {
    if (const Signature *signature = findSignature(name.text);
        signature && signature->category == Category::Layer)
      diagnostics.error(name.range,
                        "'" + name.text + "' is the name of an op and cannot be redefined");
    auto [known, isNew] = file.names.try_emplace(name.text, declaration);
    if (!isNew)
      diagnostics.error(name.range, "'" + name.text + "' is declared twice")
          .note(nameOf(known->second).range, "first declared here");
  }

  /// A declaration of an imported file. The same one may come along twice.
  void bring(ast::File &file, const ast::Import &import, const ast::Identifier &name,
             ast::File::Declaration declaration) {
    auto [known, isNew] = file.names.try_emplace(name.text, declaration);
    if (!isNew && known->second != declaration)
      diagnostics.error(import.range, "import brings a second '" + name.text + "'")
          .note(name.range, "this one")
          .note(nameOf(known->second).range, "beside this one");
  }

  Diagnostics &diagnostics;
  llvm::StringMap<State> states;
};

} // namespace

std::unique_ptr<Program> parseFile(StringRef path, Diagnostics &diagnostics) {
  std::string error;
  const SourceFile *source = diagnostics.sources.open(path, error);
  if (!source) {
    diagnostics.fileError(path, error);
    return nullptr;
  }
  Loader loader(diagnostics);
  loader.load(source, Loader::identityOf(path));
  return std::move(loader.program);
}

std::unique_ptr<Program> parseText(StringRef name, std::string text, Diagnostics &diagnostics) {
  Loader loader(diagnostics);
  loader.load(diagnostics.sources.add(name.str(), std::move(text)), Loader::identityOf(name));
  return std::move(loader.program);
}

} // namespace weir
