//===- Link.cpp - see Link.h -----------------------------------------------------------------===//

#include "tools/Link.h"
#include "frontend/Source.h"
#include "tools/LinkConfig.h"
#include "tools/Scratch.h"

#include "llvm/Object/Archive.h"
#include "llvm/Object/ArchiveWriter.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"
#include <cctype>

using llvm::Error;
using llvm::StringRef;

namespace weir {
namespace {

Error cannotWrite(StringRef path, std::error_code error) {
  return llvm::createStringError("cannot write '" + path + "': " + error.message());
}

/// Runs the linker on the objects with `options`; its messages become the error.
Error runLinker(llvm::ArrayRef<ObjectFile> objects, llvm::ArrayRef<std::string> options,
                const std::string &output) {
  if (Error error = expectRegularFile(output))
    return error;
  ScratchFolder scratch("weir-link");
  if (scratch.error())
    return cannotWrite(scratch.path(), scratch.error());
  std::vector<std::string> arguments = {config::linker, "-fuse-ld=lld"};
  for (const ObjectFile &object : objects) {
    std::string path = scratch.file(object.name);
    if (Error error = writeFileAtomically(path, object.bytes))
      return error;
    arguments.push_back(path);
  }
  arguments.insert(arguments.end(), options.begin(), options.end());
  llvm::SmallString<128> unique; // two compilers may write one cache at once
  llvm::sys::fs::createUniquePath(output + ".%%%%%%", unique, /*MakeAbsolute=*/false);
  const std::string temporary = unique.str().str();
  arguments.insert(arguments.end(), {"-o", temporary});

  const std::string log = scratch.file("log");
  std::vector<StringRef> views(arguments.begin(), arguments.end());
  std::string message;
  const int code =
      llvm::sys::ExecuteAndWait(config::linker, views, std::nullopt,
                                {std::nullopt, StringRef(log), StringRef(log)}, 0, 0, &message);
  if (code != 0) {
    removeQuietly(temporary);
    auto text = llvm::MemoryBuffer::getFile(log);
    return llvm::createStringError("linking '" + output + "' failed: " + message +
                                   (text ? (*text)->getBuffer().str() : ""));
  }
  if (std::error_code error = llvm::sys::fs::rename(temporary, output)) {
    removeQuietly(temporary);
    return cannotWrite(output, error);
  }
  return Error::success();
}

/// A name in C made of the net's: what is no letter or digit becomes '_'.
std::string identifier(StringRef name) {
  std::string result;
  for (char c : name)
    result += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return result;
}

std::string header(const std::string &net) {
  const std::string name = identifier(net), symbol = librarySymbol(net);
  return "/* The net '" + net + "', compiled by weir. Link with lib" + name +
         ".a -lstdc++ -lm. See weir.h. */\n" + "#ifndef WEIR_NET_" + name +
         "_H\n#define WEIR_NET_" + name + "_H\n\n#include \"weir.h\"\n\n" +
         "#ifdef __cplusplus\nextern \"C\" {\n#endif\nextern const struct weir_program " + symbol +
         ";\n#ifdef __cplusplus\n}\n#endif\n\n" +
         "/* The net with fresh weights; NULL on error, see weir_last_error(). */\n" +
         "static inline weir_net *" + name + "_create(int threads, uint64_t seed) {\n" +
         "  return weir_net_create(&" + symbol + ", threads, seed);\n}\n\n" +
         "/* Logits [count, classes] of images [count, height, width, channels]; 0, or -1 on "
         "error. */\n" +
         "static inline int " + name +
         "_infer(weir_net *net, const float *images, uint64_t count, float *logits) {\n" +
         "  return weir_net_infer(net, images, count, logits);\n}\n\n" +
         "/* One training step on a batch; 0, or -1 on error. */\n" + "static inline int " + name +
         "_train_step(weir_net *net, const float *images, const int32_t *labels,\n" +
         "    float learning_rate, float *loss, int32_t *correct) {\n" +
         "  return weir_net_train_step(net, images, labels, learning_rate, loss, "
         "correct);\n}\n\n#endif\n";
}

} // namespace

Error expectFile(const std::string &path) {
  const StringRef other = otherThanFile(path);
  return other.empty() ? Error::success()
                       : llvm::createStringError("cannot read '" + path + "': it is " +
                                                 other.str() + ", not a file");
}

Error expectRegularFile(const std::string &path) {
  llvm::sys::fs::file_status status;
  if (llvm::sys::fs::status(path, status) ||
      status.type() == llvm::sys::fs::file_type::regular_file)
    return Error::success(); // it is none yet, or one to be replaced
  return llvm::createStringError("cannot write '" + path + "': it is no regular file");
}

Error expectWritable(const std::string &path, bool makesFolders) {
  namespace fs = llvm::sys::fs;
  if (Error error = expectRegularFile(path))
    return error;
  StringRef folder = llvm::sys::path::parent_path(path);
  while (makesFolders && !folder.empty() && !fs::exists(folder))
    folder = llvm::sys::path::parent_path(folder);
  if (folder.empty())
    folder = ".";
  fs::file_status status;
  if (std::error_code error = fs::status(folder, status))
    return cannotWrite(path, error);
  if (status.type() != fs::file_type::directory_file)
    return cannotWrite(path, std::make_error_code(std::errc::not_a_directory));
  if (std::error_code error = fs::access(folder, fs::AccessMode::Write))
    return cannotWrite(path, error);
  return Error::success();
}

void removeQuietly(const llvm::Twine &path) {
  [[maybe_unused]] const std::error_code ignored = llvm::sys::fs::remove(path);
}

std::string librarySymbol(const std::string &net) { return "weir_program_" + identifier(net); }

Error writeFileAtomically(const std::string &path, llvm::ArrayRef<char> bytes, bool executable) {
  if (Error error = expectRegularFile(path))
    return error;
  llvm::SmallString<128> temporary;
  int descriptor = -1;
  const unsigned mode = executable ? 0777 : 0666;
  if (std::error_code error = llvm::sys::fs::createUniqueFile(
          path + ".%%%%%%", descriptor, temporary, llvm::sys::fs::OF_None, mode))
    return cannotWrite(path, error);
  std::error_code failed;
  {
    llvm::raw_fd_ostream out(descriptor, /*shouldClose=*/true);
    out.write(bytes.data(), bytes.size());
    out.close();
    failed = out.error();
    out.clear_error();
  }
  if (!failed)
    failed = llvm::sys::fs::rename(temporary, path);
  if (!failed)
    return Error::success();
  removeQuietly(temporary);
  return cannotWrite(path, failed);
}

Error linkProgram(llvm::ArrayRef<ObjectFile> objects, const std::string &output) {
  std::vector<std::string> options = {config::runtimeMainLibrary,
                                      config::runtimeLibrary,
                                      "-Wl,--gc-sections",
                                      "-Wl,--icf=safe",
                                      "-s",
                                      "-pie",
                                      "-pthread"};
  llvm::SmallVector<StringRef> extra;
  StringRef(config::linkFlags).split(extra, ' ', -1, /*KeepEmpty=*/false);
  options.insert(options.end(), extra.begin(), extra.end());
  return runLinker(objects, options, output);
}

Error linkRelocatable(llvm::ArrayRef<ObjectFile> objects, const std::string &output) {
  return runLinker(objects, {"-r", "-nostdlib"}, output);
}

Error linkShared(llvm::ArrayRef<ObjectFile> objects, const std::string &output) {
  return runLinker(objects, {"-shared", "-nostdlib", "-Wl,-Bsymbolic"}, output);
}

Error writeLibrary(llvm::ArrayRef<ObjectFile> objects, const std::string &output,
                   const std::string &net) {
  // One member with one global symbol: kernels of two libraries may have the same name and differ.
  ScratchFolder scratch("weir-link");
  if (scratch.error())
    return cannotWrite(scratch.path(), scratch.error());
  const std::string joined = scratch.file(identifier(net) + ".o");
  if (Error error = linkRelocatable(objects, joined))
    return error;
  const std::string keep = "--keep-global-symbol=" + librarySymbol(net);
  std::string message;
  if (llvm::sys::ExecuteAndWait(config::objcopy, {config::objcopy, keep, joined}, std::nullopt, {},
                                0, 0, &message) != 0)
    return llvm::createStringError("'" + std::string(config::objcopy) + "' failed: " + message);
  auto joinedBytes = llvm::MemoryBuffer::getFile(joined);
  if (!joinedBytes)
    return llvm::createStringError("cannot read '" + joined +
                                   "': " + joinedBytes.getError().message());
  std::vector<llvm::NewArchiveMember> members;
  const std::string memberName = identifier(net) + ".o";
  members.emplace_back((*joinedBytes)->getMemBufferRef()).MemberName = memberName;
  auto runtime = llvm::MemoryBuffer::getFile(config::runtimeLibrary);
  if (!runtime)
    return llvm::createStringError("cannot read '" + std::string(config::runtimeLibrary) +
                                   "': " + runtime.getError().message());
  auto archive = llvm::object::Archive::create(**runtime);
  if (!archive)
    return archive.takeError();
  Error broken = Error::success();
  for (const llvm::object::Archive::Child &child : (*archive)->children(broken)) {
    auto member = llvm::NewArchiveMember::getOldMember(child, /*Deterministic=*/true);
    if (!member)
      return member.takeError();
    members.push_back(std::move(*member));
  }
  if (broken)
    return broken;
  if (Error error = expectRegularFile(output))
    return error;
  if (Error error =
          llvm::writeArchive(output, members, llvm::SymtabWritingMode::NormalSymtab,
                             llvm::object::Archive::K_GNU, /*Deterministic=*/true, /*Thin=*/false))
    return error;

  llvm::SmallString<128> folder(llvm::sys::path::parent_path(output));
  const std::string prefix = folder.empty() ? "" : folder.str().str() + "/";
  const std::string text = header(net);
  if (Error error = writeFileAtomically(prefix + identifier(net) + ".h", text))
    return error;
  auto interface = llvm::MemoryBuffer::getFile(config::runtimeHeader);
  if (!interface)
    return llvm::createStringError("cannot read '" + std::string(config::runtimeHeader) +
                                   "': " + interface.getError().message());
  StringRef bytes = (*interface)->getBuffer();
  return writeFileAtomically(prefix + "weir.h", llvm::ArrayRef<char>(bytes.data(), bytes.size()));
}

} // namespace weir
