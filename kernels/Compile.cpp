//===- Compile.cpp - see Compile.h -----------------------------------------------------------===//

#include "kernels/Compile.h"
#include "kernels/BuildPipeline.h"
#include "kernels/Describe.h"
#include "kernels/MatrixLoops.h"
#include "kernels/Revision.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

using namespace mlir;

namespace weir {
namespace {

/// A distinct kernel on its way.
struct Job {
  KernelOp kernel;
  std::optional<Schedule> schedule; ///< instead of the model's
  KernelTarget target;
  std::string key;
  CompiledKernel result;
  std::string error;
};

/// Halide prints warnings (a masked load is a load beyond the end to it) and, asked to, aborts on
/// errors.
class QuietReporter : public Halide::CompileTimeErrorReporter {
public:
  void warning(const char *) override {}
  [[noreturn]] void error(const char *message) override { throw Halide::CompileError(message); }
};

void silenceHalide() {
  static std::once_flag once;
  static QuietReporter reporter;
  std::call_once(once, [] { Halide::set_custom_compile_time_error_reporter(&reporter); });
}

std::string readAll(const std::string &path) {
  auto file = llvm::MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!file)
    throw std::runtime_error("cannot read '" + path + "': " + file.getError().message());
  return (*file)->getBuffer().str();
}

void compileWithHalide(Job &job, const KernelOptions &options) {
  kernels::BuiltPipeline built = kernels::buildPipeline(job.kernel, job.result.symbol, job.target,
                                                        job.schedule ? &*job.schedule : nullptr);
  kernels::compileBuilt(built, job.target, options.wantText, job.result);
}

/// The cache's entry of a kernel's text: the loops, a zero byte, the assembly.
std::string textKey(const Job &job) { return KernelCache::key(job.key + " text"); }

bool readFromCache(Job &job, bool wantText, const KernelCache &cache) {
  const std::optional<std::string> text = wantText ? cache.read(textKey(job)) : std::nullopt;
  std::optional<std::string> object = cache.read(job.key);
  if (!object || (wantText && !text))
    return false;
  if (text) {
    const auto [loops, assembly] = llvm::StringRef(*text).split('\0');
    job.result.loops = loops.str();
    job.result.assembly = assembly.str();
  }
  job.result.object = std::move(*object);
  job.result.fromCache = true;
  return true;
}

void run(Job &job, const KernelOptions &options, const KernelCache &cache) {
  if (options.useCache && readFromCache(job, options.wantText, cache))
    return;
  const auto start = std::chrono::steady_clock::now();
  try {
    compileWithHalide(job, options);
  } catch (const Halide::Error &error) { // not a std::exception
    job.error = llvm::StringRef(error.what()).trim().str();
    return;
  } catch (const std::exception &error) {
    job.error = error.what();
    return;
  }
  job.result.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (!options.useCache)
    return;
  cache.write(job.key, job.result.object);
  if (options.wantText)
    cache.write(textKey(job), job.result.loops + '\0' + job.result.assembly);
}

/// One job for each distinct kernel; gives every kernel its symbol.
std::vector<Job> collectJobs(ModuleOp module, const KernelOptions &options) {
  std::vector<Job> jobs;
  llvm::StringMap<std::string> symbolOf; // of name and content
  llvm::StringMap<unsigned> timesNamed;
  module.walk([&](KernelOp kernel) {
    const KernelTarget target = targetOf(kernel, options.target);
    const std::string name = (kernel.getName() + "__" + target.suffix).str();
    const std::string content = kernels::describe(kernel);
    auto [entry, isNew] = symbolOf.try_emplace(name + "\n" + content);
    if (isNew) {
      const unsigned time = ++timesNamed[name];
      const std::string symbol = time == 1 ? name : name + "_" + std::to_string(time);
      entry->second = symbol;
      Job &job = jobs.emplace_back();
      job.kernel = kernel;
      job.target = target;
      job.result.symbol = symbol;
      std::string key = symbol + "\n" + target.halide + "\n" + kernels::revision() + "\n";
      if (auto given = options.schedules.find(content); given != options.schedules.end()) {
        job.schedule = given->second;
        key += given->second.text() + "\n";
      }
      job.key = KernelCache::key(key + content);
    }
    kernel.setSymbolAttr(StringAttr::get(kernel.getContext(), entry->second));
  });
  return jobs;
}

} // namespace

KernelTarget targetOf(Operation *kernelOrModule, const KernelTarget &target) {
  const bool hasIntegers = kernelOrModule
                               ->walk([](Operation *op) {
                                 return llvm::any_of(op->getOperandTypes(), isQuantized)
                                            ? WalkResult::interrupt()
                                            : WalkResult::advance();
                               })
                               .wasInterrupted();
  if (!hasIntegers)
    return floatTarget(target);
  const bool hasTiles =
      target.tiles && kernelOrModule
                          ->walk([&](PackedDenseOp product) {
                            return loopsOf(product, target).kind == LoopFacts::Template::Tiles
                                       ? WalkResult::interrupt()
                                       : WalkResult::advance();
                          })
                          .wasInterrupted();
  return hasTiles ? target : withoutTiles(target);
}

/// Halide writes files only: into a folder of our own that is removed again.
/// What a GPU's driver compiles, as the object holds it: PTX or OpenCL C, up to a zero byte.
static std::string deviceSource(llvm::StringRef object, DeviceKind device) {
  const llvm::StringRef begin =
      device == DeviceKind::Cuda ? "//\n// Generated by LLVM NVPTX Back-End" : "/*OpenCL C";
  const llvm::StringRef source = object.substr(std::min(object.find(begin), object.size()));
  return source.take_until([](char c) { return c == '\0'; }).str();
}

void kernels::compileBuilt(BuiltPipeline &built, const KernelTarget &target, bool wantText,
                           CompiledKernel &result) {
  llvm::SmallString<128> folder;
  if (std::error_code error = llvm::sys::fs::createUniqueDirectory("weir-kernel", folder))
    throw std::runtime_error("cannot make a temporary folder: " + error.message());
  llvm::scope_exit remove([&] {
    [[maybe_unused]] const std::error_code ignored = llvm::sys::fs::remove_directories(folder);
  });
  const std::string base = (folder + "/kernel").str();
  std::map<Halide::OutputFileType, std::string> files{
      {Halide::OutputFileType::object, base + ".o"}};
  if (wantText) {
    // Of a GPU's code the final form holds launches and the source, the one before has the loops.
    files[target.isGpu() ? Halide::OutputFileType::conceptual_stmt : Halide::OutputFileType::stmt] =
        base + ".stmt";
    files[Halide::OutputFileType::assembly] = base + ".s";
  }
  // No metadata: nobody reads it, and it holds names that depend on what this process has compiled
  // before.
  built.pipeline
      .compile_to_module(built.arguments, result.symbol, Halide::Target(target.halide),
                         Halide::LinkageType::External)
      .compile(files);
  result.object = readAll(base + ".o");
  if (wantText) {
    result.loops = readAll(base + ".stmt");
    result.assembly =
        target.isGpu() ? deviceSource(result.object, target.device) : readAll(base + ".s");
    llvm::erase(result.loops, '\0'); // the end of a GPU's source
  }
}

FailureOr<std::vector<CompiledKernel>> compileKernels(ModuleOp module,
                                                      const KernelOptions &options) {
  silenceHalide();
  std::vector<Job> jobs = collectJobs(module, options);
  const KernelCache cache(options.cacheDirectory);

  // The largest kernels tend to stand first, and each thread takes the next.
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t i; (i = next++) < jobs.size();)
      run(jobs[i], options, cache);
  };
  const unsigned wanted =
      options.jobs ? options.jobs : std::max(1u, std::thread::hardware_concurrency());
  std::vector<std::thread> others;
  for (size_t i = 1; i < std::min<size_t>(wanted, jobs.size()); ++i)
    others.emplace_back(work);
  work();
  for (std::thread &other : others)
    other.join();

  bool good = true;
  std::vector<CompiledKernel> compiled;
  for (Job &job : jobs) {
    if (!job.error.empty()) {
      emitError(job.kernel.getLoc())
          << "kernel '" << job.result.symbol << "' cannot be compiled: " << job.error;
      good = false;
    }
    compiled.push_back(std::move(job.result));
  }
  if (!good)
    return failure();
  return compiled;
}

llvm::Expected<LoopFacts> findLoops(KernelOp kernel, const KernelTarget &target) {
  silenceHalide();
  try {
    return kernels::buildPipeline(kernel, "loops", target).loops;
  } catch (const Halide::Error &error) {
    return llvm::createStringError(llvm::StringRef(error.what()).trim());
  } catch (const std::exception &error) {
    return llvm::createStringError(error.what());
  }
}

} // namespace weir
