//===- ProgramCache.cpp - see ProgramCache.h --------------------------------------------------===//

#include "tools/ProgramCache.h"
#include "tools/Commands.h"

#include "llvm/Support/FileSystem.h"
#include <fmt/core.h>

namespace weir {

CachedProgram::~CachedProgram() {
  if (isTemporary)
    removeQuietly(path);
}

/// The folder of cached programs, made if need be; empty where there is none or it cannot be
/// written.
static std::string writableFolder(const std::string &folder) {
  if (folder.empty() || llvm::sys::fs::create_directories(folder) ||
      llvm::sys::fs::access(folder, llvm::sys::fs::AccessMode::Write))
    return "";
  return folder;
}

int findProgram(Compiler &compiler, CachedProgram &program) {
  const std::string cache = cacheFolder(), folder = cache.empty() ? "" : cache + "/programs";
  const std::string key = compiler.programKey("exe");
  program.path = folder + "/" + key;
  if (!folder.empty() && llvm::sys::fs::can_execute(program.path))
    return Done;
  if (int code = compiler.build("weir_main_program"))
    return code;
  if (writableFolder(folder).empty()) {
    llvm::SmallString<128> path;
    if (std::error_code error = llvm::sys::fs::createTemporaryFile("weir-program", "", path)) {
      fmt::print(stderr, "error: cannot write a temporary program: {}\n", error.message());
      return UserError;
    }
    program.path = path.str().str();
    program.isTemporary = true;
  }
  if (llvm::Error error = linkProgram(compiler.objects, program.path))
    return fail(std::move(error));
  return Done;
}

} // namespace weir
