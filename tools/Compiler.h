//===- Compiler.h - from a model file to bytes: the way of one compilation -------------------===//
//
// load (frontend) -> run (passes, phase by phase) -> build (kernels and host object). The commands
// stop where they have what they need: `info` after memory planning, `compile --emit=groups` after
// grouping. A program for several targets goes its own way for each from "groups" on; the CPU comes
// first and is always there, so that a program runs where no driver is.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "kernels/Compile.h"
#include "kernels/TuningLookup.h"
#include "passes/Learnability.h"
#include "passes/Pipelines.h"
#include "tools/Link.h"
#include "tools/Summary.h"
#include "tools/inspect/PassLog.h"
#include "tools/inspect/Profile.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include <functional>
#include <memory>

namespace weir {

struct CompilerOptions {
  std::string file;                  ///< the model
  std::vector<std::string> sets;     ///< name=value
  std::vector<int64_t> inferBatches; ///< empty: 1 and the training batch
  std::string target = "host";       ///< one target, or a list: "host,cuda"
  std::string weights;       ///< --weights: a safetensors file that goes into the program; or empty
  std::string dumpDirectory; ///< --dump-ir; empty: no dumps
  std::string memory;        ///< --memory: "fast", "small", or empty for fast
  unsigned jobs = 0;         ///< kernels compiled at a time; 0: one per core
  /// Wants the settings of `quantize`, those of the language without a block.
  bool quantize = false;
  bool quiet = false;         ///< no warnings
  bool showNotes = false;     ///< print what is worth knowing about the training, not only warnings
  bool useTuning = true;      ///< compile by the records of `weir tune`
  std::string database;       ///< of records; empty: $WEIR_TUNING, else tuning.db in the cache
  unsigned tuningThreads = 0; ///< that the program will run with; 0: one per core
  std::vector<std::string> remarks; ///< --remarks: the categories to print, see RemarkLog
  std::string profile;              ///< of a program's `bench --json`, for the page of --dump-ir
  /// Called with each pass manager before it runs; may be empty.
  std::function<void(mlir::PassManager &)> watchPasses;
};

/// A distinct group of one target, and the schedule that it is compiled by.
struct GroupSchedule {
  std::string name, content; ///< content: kernels::describe
  std::string target;        ///< KernelTarget::name
  unsigned uses = 0;         ///< kernels of this kind in all entries
  TuningMatch match;         ///< None: by the model
};

/// One net on its way. Each step returns an exit code, after printing what is wrong.
class Compiler {
public:
  explicit Compiler(CompilerOptions options);
  ~Compiler();

  /// Parses and lowers the model file, and prints what speaks against its training; afterwards
  /// `module` and `summary` are there.
  int load();

  /// Runs the passes up to and with the phase called `phase` ("ir", "groups", "memory"), but for
  /// those that have been run.
  int run(llvm::StringRef phase);

  /// Runs passes besides, between two phases, on the module of the first target.
  int transform(llvm::function_ref<void(mlir::OpPassManager &)> addPasses);

  /// A hash of all that decides the program's bytes: the planned module, manifest, target, compiler
  /// and runtime.
  std::string programKey(llvm::StringRef kind);

  /// The modules of all targets, copied.
  std::vector<mlir::OwningOpRef<mlir::ModuleOp>> copyModules();
  /// Goes back to `planned`, copies of the modules after "memory" whatever was made of them since,
  /// to be built by `records`.
  void rebuildBy(TuningDatabase records, llvm::ArrayRef<mlir::OwningOpRef<mlir::ModuleOp>> planned);

  /// The distinct groups with their tuned schedules. After "memory".
  const std::vector<GroupSchedule> &schedules() const { return groupSchedules; }
  /// The file of records; empty where there is no folder for it.
  std::string tuningPath() const;
  /// Threads that programs are tuned for.
  unsigned threads() const;

  /// Compiles the kernels and lowers the host functions; `programSymbol` names the weir_program.
  /// After "memory".
  int build(llvm::StringRef programSymbol);

  /// True where `path` is one of the files that the model was read from.
  bool isSource(const std::string &path) const;

  /// The tree as text (for `--emit=ast`).
  std::string astText();

  mlir::ModuleOp module();
  const NetSummary &summary() const { return net; }
  const KernelTarget &target() const { return targets.front(); }
  /// The CPU first.
  llvm::ArrayRef<KernelTarget> allTargets() const { return targets; }
  nlohmann::ordered_json manifest();
  /// What quantizing the net did, for the manifest.
  void setQuantization(nlohmann::ordered_json report) { quantization = std::move(report); }
  const nlohmann::ordered_json &quantizationReport() const { return quantization; }
  KernelOptions kernelOptions(const KernelTarget &target) const;

  /// The targets that were asked for, with the module of each (after "groups"). A CPU that was only
  /// added to a GPU is not among them.
  struct TargetModule {
    const KernelTarget &target;
    mlir::ModuleOp module;
  };
  std::vector<TargetModule> shown();

  /// Writes the page of `--dump-ir` about the passes that have run, and, after "memory", the
  /// kernels and the host functions. Does nothing without --dump-ir. Call before `build`.
  int writeInspection();
  /// The text of line `number` of a file that the model was read from; empty where there is none.
  std::string sourceLine(llvm::StringRef file, unsigned number) const;
  /// The files that the model was read from: name and text.
  std::vector<std::pair<std::string, std::string>> sources() const;

  /// After `build`: the host object and the kernels' objects.
  std::vector<ObjectFile> objects;
  /// After `build`: the host functions as LLVM IR text.
  std::string llvmText(mlir::ModuleOp module);
  /// Halide's loop nests ("stmt") or assembly ("asm") of every kernel. After "memory".
  int kernelText(llvm::StringRef kind, std::string &text);

private:
  struct Frontend;
  llvm::Error findTargets();
  void cloneForTargets();
  mlir::LogicalResult runPhase(const Phase &phase, mlir::ModuleOp module);
  mlir::LogicalResult runPasses(mlir::PassManager &passes, mlir::ModuleOp module,
                                llvm::StringRef phase);
  /// With loop nests and assembly. A failure is told, as an internal error.
  llvm::FailureOr<std::vector<CompiledKernel>> kernelsWithTexts(const KernelTarget &target,
                                                                mlir::ModuleOp module) const;
  llvm::Error checkProfile() const;
  llvm::Error checkProfiledKernels();
  int writePageOfLog();
  void explainSchedules();
  void printRemarks();
  bool wants(llvm::StringRef remark) const { return llvm::is_contained(options.remarks, remark); }
  nlohmann::ordered_json manifestOf(size_t target);
  mlir::ModuleOp moduleOf(size_t target) { return target == 0 ? *ir : *clones[target - 1]; }
  int findSchedules();
  void matchSchedules();

  CompilerOptions options;
  std::vector<KernelTarget> targets;  ///< the CPU first
  bool cpuIsAdded = false;            ///< nobody asked for it
  std::unique_ptr<RemarkLog> remarks; ///< where somebody wants them
  std::unique_ptr<PassLog> log;       ///< with --dump-ir
  std::optional<Profile> profile;     ///< with --profile
  mlir::MLIRContext context;
  std::unique_ptr<Frontend> frontend;
  mlir::OwningOpRef<mlir::ModuleOp> ir;                  ///< of the first target
  std::vector<mlir::OwningOpRef<mlir::ModuleOp>> clones; ///< of the others, from "groups" on
  NetSummary net;
  std::vector<LearnFinding> findings;
  nlohmann::ordered_json quantization; ///< null where the net is not quantized
  TuningDatabase tuning;
  std::vector<GroupSchedule> groupSchedules;
  size_t nextPhase = 0;
};

/// The folder for caches: $WEIR_CACHE, else $XDG_CACHE_HOME/weir, else ~/.cache/weir; empty if
/// there is none.
std::string cacheFolder();

/// Cores that this process may use.
unsigned coreCount();

} // namespace weir
