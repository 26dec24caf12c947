//===- CacheTest.cpp - kernels by content: two compilers, damaged entries --------------------===//

#include "Harness.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace weir;
using namespace weir::test;
namespace fs = std::filesystem;

namespace {

size_t countFiles(const std::string &folder) {
  size_t files = 0;
  if (fs::exists(folder))
    for (const auto &entry : fs::recursive_directory_iterator(folder))
      files += entry.is_regular_file();
  return files;
}

/// A module with one kernel of `op`, compiled with the cache in `folder`.
CompiledKernel compileOne(const std::string &folder, bool relu = true,
                          const char *target = "x86-64-v3") {
  mlir::MLIRContext context;
  context.loadDialect<WeirDialect>();
  mlir::OwningOpRef<mlir::ModuleOp> module =
      mlir::ModuleOp::create(mlir::UnknownLoc::get(&context));
  mlir::OpBuilder builder = mlir::OpBuilder::atBlockEnd(module->getBody());
  const mlir::Location location = builder.getUnknownLoc();
  const auto type = mlir::RankedTensorType::get({3, 17}, builder.getF32Type());
  auto fill = FillOp::create(builder, location, type, builder.getF64FloatAttr(1));
  auto kernel =
      KernelOp::create(builder, location, type, fill.getResult(), builder.getStringAttr("one"),
                       mlir::StringAttr(), mlir::ArrayAttr(), mlir::ArrayAttr());
  mlir::Block &body = kernel.getBody().emplaceBlock();
  mlir::Value x = body.addArgument(type, location);
  mlir::OpBuilder inside = mlir::OpBuilder::atBlockEnd(&body);
  YieldOp::create(inside, location,
                  relu ? ReluOp::create(inside, location, type, x).getResult()
                       : TanhOp::create(inside, location, type, x).getResult());
  KernelOptions options;
  options.target = *findTarget(target);
  options.cacheDirectory = folder;
  auto compiled = compileKernels(*module, options);
  if (mlir::failed(compiled) || compiled->size() != 1)
    return {};
  return std::move(compiled->front());
}

} // namespace

TEST(Cache, SecondCompilationIsRead) {
  TemporaryFolder folder;
  const CompiledKernel first = compileOne(folder.path), second = compileOne(folder.path);
  EXPECT_FALSE(first.object.empty());
  EXPECT_FALSE(first.fromCache);
  EXPECT_TRUE(second.fromCache);
  EXPECT_EQ(first.object, second.object);
  EXPECT_EQ(countFiles(folder.path), 1u);
}

TEST(Cache, ContentAndTargetDecide) {
  TemporaryFolder folder;
  compileOne(folder.path);
  EXPECT_FALSE(compileOne(folder.path, /*relu=*/false).fromCache);
  EXPECT_FALSE(compileOne(folder.path, /*relu=*/true, "x86-64").fromCache);
  EXPECT_EQ(countFiles(folder.path), 3u);
}

TEST(Cache, DamagedEntriesAreCompiledAgain) {
  TemporaryFolder folder;
  const CompiledKernel first = compileOne(folder.path);
  std::string entry;
  for (const auto &file : fs::recursive_directory_iterator(folder.path))
    if (file.is_regular_file())
      entry = file.path();
  ASSERT_FALSE(entry.empty());
  const auto size = fs::file_size(entry);
  const auto damage = [&](int kind) {
    if (kind == 0) { // a flipped bit
      std::fstream file(entry, std::ios::in | std::ios::out | std::ios::binary);
      file.seekg(static_cast<std::streamoff>(size / 2));
      const int byte = file.get();
      file.seekp(static_cast<std::streamoff>(size / 2));
      file.put(static_cast<char>(byte ^ 1));
    } else if (kind == 1) {
      fs::resize_file(entry, size - 1);
    } else if (kind == 2) {
      fs::resize_file(entry, 0);
    } else {
      std::ofstream(entry, std::ios::app) << "more";
    }
  };
  for (int kind = 0; kind < 4; ++kind) {
    SCOPED_TRACE(kind);
    damage(kind);
    const CompiledKernel again = compileOne(folder.path);
    EXPECT_FALSE(again.fromCache);
    EXPECT_EQ(again.object.size(), first.object.size());
    EXPECT_TRUE(compileOne(folder.path).fromCache) << "the entry was repaired";
  }
}

TEST(Cache, TwoCompilersAtOnceLeaveWholeEntries) {
  TemporaryFolder folder;
  const std::string key = KernelCache::key("content"), bytes(100'000, 'x');
  std::vector<pid_t> children;
  for (int child = 0; child < 2; ++child) {
    const pid_t pid = fork();
    ASSERT_GE(pid, 0);
    if (pid == 0) {
      const KernelCache cache(folder.path);
      for (int i = 0; i < 200; ++i) {
        cache.write(key, bytes);
        const std::optional<std::string> read = cache.read(key);
        if (!read || *read != bytes)
          _exit(1);
      }
      _exit(0);
    }
    children.push_back(pid);
  }
  for (pid_t child : children) {
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  EXPECT_EQ(countFiles(folder.path), 1u) << "temporary files were left";
}

TEST(Cache, UnwritableFolderOnlyCostsTime) {
  TemporaryFolder folder;
  // A file where the folder should be: not even root can write there.
  const std::string blocked = folder.path + "/file";
  std::ofstream(blocked) << "in the way";
  const CompiledKernel first = compileOne(blocked), second = compileOne(blocked);
  EXPECT_FALSE(first.object.empty());
  EXPECT_FALSE(second.fromCache);
  EXPECT_FALSE(second.object.empty());
}

TEST(Cache, FolderComesFromTheEnvironment) {
  const auto with = [](const char *cache, const char *base, const char *home) {
    for (auto [name, value] : {std::pair("WEIR_CACHE", cache), std::pair("XDG_CACHE_HOME", base),
                               std::pair("HOME", home)})
      value ? setenv(name, value, 1) : unsetenv(name);
    return KernelCache().directory().str();
  };
  const std::string home = std::getenv("HOME") ? std::getenv("HOME") : "";
  EXPECT_EQ(with("/a", "/b", "/c"), "/a");
  EXPECT_EQ(with(nullptr, "/b", "/c"), "/b/weir");
  EXPECT_EQ(with(nullptr, nullptr, "/c"), "/c/.cache/weir");
  EXPECT_EQ(with(nullptr, nullptr, nullptr), "");
  setenv("HOME", home.c_str(), 1);
}
