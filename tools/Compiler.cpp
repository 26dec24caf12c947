//===- Compiler.cpp - see Compiler.h ---------------------------------------------------------===//

#include "tools/Compiler.h"

#include "frontend/Frontend.h"
#include "ir/Values.h"
#include "kernels/Describe.h"
#include "kernels/ExplainSchedule.h"
#include "passes/Passes.h"
#include "passes/Pipelines.h"
#include "runtime/Accelerator.h"
#include "tools/BuildObjects.h"
#include "tools/Commands.h"
#include "tools/HostObject.h"
#include "tools/LearnReport.h"
#include "tools/LinkConfig.h"
#include "tools/Manifest.h"
#include "tools/Reproducer.h"
#include "tools/Scratch.h"
#include "tools/Weights.h"
#include "tools/inspect/Page.h"
#include "tools/tune/TuneDevice.h"
#include "tools/tune/TuningRemarks.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SHA256.h"
#include <fmt/core.h>
#include <sched.h>

using namespace mlir;

namespace weir {

/// What the frontend owns: sources outlive the module, whose locations and diagnostics point into
/// them.
struct Compiler::Frontend {
  Diagnostics diagnostics;
  std::unique_ptr<Program> program;
};

Compiler::Compiler(CompilerOptions options)
    : options(std::move(options)), frontend(std::make_unique<Frontend>()) {
  context.loadDialect<WeirDialect, func::FuncDialect, LLVM::LLVMDialect>();
  const std::string &folder = this->options.dumpDirectory;
  if (!folder.empty() || !this->options.remarks.empty())
    remarks = std::make_unique<RemarkLog>(context);
  if (!folder.empty())
    log = std::make_unique<PassLog>(folder, *remarks);
}
Compiler::~Compiler() = default;

/// `quantize { aware: true }`: weights and values are rounded while training. Before weights are
/// embedded, for the learned ranges are among them.
static bool roundsInTraining(ModuleOp module) {
  auto quantize = module->getAttrOfType<DictionaryAttr>("weir.quantize");
  return quantize && quantize.get("aware");
}

static LogicalResult runPass(ModuleOp module, std::unique_ptr<Pass> pass) {
  PassManager passes(module.getContext());
  passes.addPass(std::move(pass));
  return passes.run(module);
}

int Compiler::load() {
  if (!options.profile.empty()) {
    auto measured = readProfile(options.profile);
    if (!measured)
      return fail(llvm::createStringError("--profile: " + llvm::toString(measured.takeError())));
    profile = std::move(*measured);
  }
  if (llvm::Error error = findTargets())
    return fail(std::move(error));
  Diagnostics &diagnostics = frontend->diagnostics;
  frontend->program = parseFile(options.file, diagnostics);
  if (frontend->program && frontend->program->isWhole)
    ir = lowerToDialect(*frontend->program, context,
                        {options.sets, options.inferBatches, options.quantize}, diagnostics);
  if (!options.quiet)
    diagnostics.print(llvm::errs(), llvm::errs().has_colors());
  if (diagnostics.hasErrors() || !ir)
    return UserError;
  std::string sources;
  for (const auto &file : frontend->program->files)
    sources += "# file " + file->source->name().str() + "\n" + file->source->text().str();
  reproduceWith(std::move(sources));
  if (failed(ir->verify()))
    return reportInternalError("the frontend built IR that breaks the dialect's rules");
  net = summarize(*ir);
  if (llvm::Error error = checkProfile())
    return fail(std::move(error));
  if (options.weights.empty()) // of the net as it is written; rounding changes nothing there
    findings = checkLearnability(*ir);
  if (!options.quiet)
    printFindings(findings, options.showNotes, llvm::errs());
  if (roundsInTraining(*ir) && failed(runPass(*ir, createFakeQuantize())))
    return reportInternalError("'fake-quantize' failed on the frontend's IR");
  if (!options.weights.empty()) {
    if (llvm::Error error = embedWeights(*ir, options.weights, net.net))
      return fail(std::move(error));
    if (roundsInTraining(*ir) && failed(runPass(*ir, createTakeRanges())))
      return reportInternalError("'take-ranges' failed on IR that 'fake-quantize' has made");
  }
  if (options.memory == "small")
    (*ir)->setAttr("weir.recompute", UnitAttr::get(&context));
  // How packed weights lie depends on the instructions that read them.
  (*ir)->setAttr("weir.dot_terms", Builder(&context).getI64IntegerAttr(targets.front().dotTerms));
  RecordedPass first;
  first.name = "frontend";
  first.summary = "The net as the model file says it, in the weir dialect";
  first.phase = "frontend";
  if (log && !log->record(*ir, std::move(first)))
    return UserError;
  return Done;
}

llvm::Error Compiler::findTargets() {
  llvm::SmallVector<llvm::StringRef> names;
  llvm::StringRef(options.target).split(names, ',');
  for (llvm::StringRef name : names) {
    auto found = findTarget(name);
    if (!found)
      return found.takeError();
    for (const KernelTarget &other : targets)
      if (other.name == found->name || !(other.isGpu() || found->isGpu()))
        return llvm::createStringError("--target expects one CPU and different GPUs, but got '" +
                                       options.target + "'");
    targets.insert(found->isGpu() ? targets.end() : targets.begin(), *found);
  }
  cpuIsAdded = targets.front().isGpu();
  if (!cpuIsAdded)
    return llvm::Error::success();
  auto host = findTarget("host");
  if (!host)
    return host.takeError();
  targets.insert(targets.begin(), *host);
  return llvm::Error::success();
}

/// Variables lie at the same places for all targets.
void Compiler::cloneForTargets() {
  if (targets.size() == 1)
    return;
  Builder builder(&context);
  (*ir)->setAttr("weir.alignment", builder.getI64IntegerAttr(Accelerator::alignment));
  for (const KernelTarget &target : llvm::ArrayRef(targets).drop_front()) {
    clones.emplace_back(ir->clone());
    (*clones.back())->setAttr("weir.device", builder.getStringAttr(deviceName(target.device)));
  }
}

/// "cpu" or the device's name, of a module among several.
static std::string targetNameOf(ModuleOp module) {
  auto device = module->getAttrOfType<StringAttr>("weir.device");
  return device ? device.str() : "cpu";
}

LogicalResult Compiler::runPhase(const Phase &phase, ModuleOp module) {
  PassManager passes(&context);
  phase.addPasses(passes);
  return runPasses(passes, module, phase.name);
}

LogicalResult Compiler::runPasses(PassManager &passes, ModuleOp module, llvm::StringRef phase) {
  if (log) {
    const std::string target = clones.empty() ? "" : targetNameOf(module);
    log->watch(passes, phase, target);
  }
  if (options.watchPasses)
    options.watchPasses(passes);
  return passes.run(module);
}

int Compiler::transform(llvm::function_ref<void(OpPassManager &)> addPasses) {
  PassManager passes(&context);
  addPasses(passes);
  if (failed(runPasses(passes, *ir, "quantize")))
    return reportInternalError("a pass failed on IR that the frontend had accepted");
  return Done;
}

int Compiler::run(llvm::StringRef last) {
  const auto *end = llvm::find_if(phases(), [&](const Phase &phase) { return phase.name == last; });
  const auto count = static_cast<size_t>(end - phases().begin()) + 1;
  while (nextPhase < count) {
    const Phase &phase = phases()[nextPhase++];
    for (size_t target = 0; target <= clones.size(); ++target)
      if (failed(runPhase(phase, moduleOf(target))))
        return reportInternalError("a pass failed on IR that the frontend had accepted");
    if (phase.name == "ir")
      cloneForTargets();
  }
  if (last != "memory") {
    printRemarks();
    return Done;
  }
  const int code = findSchedules();
  printRemarks();
  return code;
}

void Compiler::printRemarks() {
  if (!remarks || options.remarks.empty())
    return;
  if (wants("schedule"))
    explainSchedules();
  remarks->print(
      options.remarks, llvm::range_size(ir->getOps<func::FuncOp>()),
      [&](llvm::StringRef file, unsigned number) { return sourceLine(file, number); },
      llvm::errs());
}

/// Why each distinct group is cut as it is, as remarks.
void Compiler::explainSchedules() {
  for (size_t target = 0; target < targets.size(); ++target) {
    const KernelOptions known = kernelOptions(targets[target]);
    llvm::StringSet<> seen;
    moduleOf(target).walk([&](KernelOp kernel) {
      const std::string content = kernels::describe(kernel);
      if (!seen.insert(content).second)
        return;
      const KernelTarget own = targetOf(kernel, targets[target]);
      auto facts = findLoops(kernel, own);
      if (!facts)
        return llvm::consumeError(facts.takeError()); // told when it is compiled
      const auto given = known.schedules.find(content);
      const bool isTuned = given != known.schedules.end();
      remarks->add({kernel.getLoc(), "schedule",
                    kernel->getParentOfType<func::FuncOp>().getSymName().str(),
                    kernel.getName().str() + ": " +
                        explainSchedule(*facts, isTuned ? given->second : facts->chosen, own) +
                        (isTuned ? " (by a record of 'weir tune')" : " (by the model)")});
    });
  }
}

/// Whether --profile is of this net for one of these targets, before anything is written.
llvm::Error Compiler::checkProfile() const {
  if (!profile)
    return llvm::Error::success();
  if (profile->net != net.net)
    return llvm::createStringError("'" + profile->file + "' is of another program: its net is '" +
                                   profile->net + "'");
  if (llvm::none_of(llvm::drop_begin(targets, cpuIsAdded),
                    [&](const KernelTarget &target) { return target.name == profile->target; }))
    return llvm::createStringError("'" + profile->file + "' is of a program for '" +
                                   profile->target + "', which is no target of this compilation");
  return llvm::Error::success();
}

/// Whether its kernels are those of this program, before any is compiled.
llvm::Error Compiler::checkProfiledKernels() {
  for (auto [target, module] : shown())
    for (auto function : module.getOps<func::FuncOp>())
      if (profile && target.name == profile->target)
        if (llvm::Error error = profile->timesOf(function).takeError())
          return error;
  return llvm::Error::success();
}

int Compiler::writeInspection() {
  if (!log)
    return Done;
  const int code = writePageOfLog();
  log.reset(); // all is told; `build` runs the last phase again
  if (code == Done)
    keepUnfinished();
  else if (code == UserError)
    removeUnfinished();
  return code;
}

int Compiler::writePageOfLog() {
  PageContents contents{*log, summary(), sources(), {}, profile};
  if (nextPhase + 1 == phases().size()) { // "memory" has run
    if (llvm::Error error = checkProfiledKernels())
      return fail(std::move(error));
    if (!wants("schedule"))
      explainSchedules();
    for (auto [target, module] : shown()) {
      auto kernels = kernelsWithTexts(target, module);
      if (failed(kernels))
        return InternalError;
      contents.targets.push_back({targetOf(module, target), module, std::move(*kernels)});
    }
    // The host functions of the first target only: the others' differ in names.
    OwningOpRef<ModuleOp> copy(ir->clone());
    Builder builder(&context);
    (*copy)->setAttr("weir.manifest", builder.getStringAttr(manifest().dump()));
    (*copy)->setAttr("weir.program_symbol", builder.getStringAttr("weir_main_program"));
    RecordedPass compiled;
    compiled.name = "compile-kernels";
    compiled.summary = "Each distinct kernel is compiled by Halide and gets its symbol";
    compiled.phase = "kernels";
    compiled.firstRemark = remarks->count();
    if (!cpuIsAdded && !log->record(*copy, std::move(compiled)))
      return UserError;
    if (!cpuIsAdded && failed(runPhase(phases().back(), *copy)))
      return reportInternalError("the host functions could not be lowered");
  }
  llvm::Error error = writePage(contents, cacheFolder());
  return error ? fail(std::move(error)) : Done;
}

std::vector<std::pair<std::string, std::string>> Compiler::sources() const {
  std::vector<std::pair<std::string, std::string>> result;
  for (const auto &file : frontend->program->files)
    result.emplace_back(file->source->name(), file->source->text());
  return result;
}

std::string Compiler::sourceLine(llvm::StringRef file, unsigned number) const {
  for (const auto &known : frontend->program->files)
    if (known->source->name() == file)
      return known->source->line(number).str();
  return "";
}

int Compiler::findSchedules() {
  if (const std::string path = tuningPath(); options.useTuning && !path.empty()) {
    auto database = TuningDatabase::read(path);
    if (!database) {
      fmt::print(stderr, "error: {}; --no-tuning compiles without it\n",
                 llvm::toString(database.takeError()));
      return UserError;
    }
    tuning = std::move(*database);
  }
  matchSchedules();
  if (wants("tune"))
    printTuningRemarks(groupSchedules, tuningPath());
  return Done;
}

/// Looks each distinct group of every target's module up in the records of tuning.
void Compiler::matchSchedules() {
  groupSchedules.clear();
  for (size_t i = 0; i < targets.size(); ++i) {
    const KernelTarget &target = targets[i];
    const std::string device = tuningDevice(tuning, target);
    const unsigned onThreads = target.isGpu() ? 0 : threads();
    llvm::StringMap<size_t> placeOf;
    moduleOf(i).walk([&](KernelOp kernel) {
      const std::string content = kernels::describe(kernel);
      const auto [place, isNew] = placeOf.try_emplace(content, groupSchedules.size());
      if (isNew)
        groupSchedules.push_back(
            {kernel.getName().str() + (target.isGpu() ? "__" + target.suffix : ""), content,
             target.name, 0, matchTuning(tuning, kernel, content, target, device, onThreads)});
      ++groupSchedules[place->second].uses;
    });
  }
}

std::vector<OwningOpRef<ModuleOp>> Compiler::copyModules() {
  std::vector<OwningOpRef<ModuleOp>> copies;
  for (size_t target = 0; target < targets.size(); ++target)
    copies.emplace_back(moduleOf(target).clone());
  return copies;
}

void Compiler::rebuildBy(TuningDatabase records, llvm::ArrayRef<OwningOpRef<ModuleOp>> planned) {
  ir = ModuleOp(*planned.front()).clone();
  for (size_t i = 0; i < clones.size(); ++i)
    clones[i] = ModuleOp(*planned[i + 1]).clone();
  objects.clear();
  tuning = std::move(records);
  matchSchedules();
}

std::string Compiler::tuningPath() const {
  return options.database.empty() ? defaultTuningPath(cacheFolder()) : options.database;
}

unsigned Compiler::threads() const {
  return options.tuningThreads ? options.tuningThreads : coreCount();
}

std::vector<Compiler::TargetModule> Compiler::shown() {
  std::vector<TargetModule> result;
  for (size_t target = cpuIsAdded; target < targets.size(); ++target)
    result.push_back({targets[target], moduleOf(target)});
  return result;
}

nlohmann::ordered_json Compiler::manifestOf(size_t target) {
  nlohmann::ordered_json manifest =
      makeManifest(moduleOf(target), net, targets[target], options.file);
  manifest["warnings"] = toJson(findings);
  if (!quantization.is_null())
    manifest["quantization"] = quantization;
  return manifest;
}

nlohmann::ordered_json Compiler::manifest() { return manifestOf(0); }

std::string Compiler::programKey(llvm::StringRef kind) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  for (size_t target = 0; target < targets.size(); ++target) {
    printWithoutValues(moduleOf(target), stream);
    stream << manifestOf(target).dump();
  }
  const std::vector<char> values = blockOfValues(*ir);
  stream << llvm::toHex(
      llvm::SHA256::hash(llvm::arrayRefFromStringRef({values.data(), values.size()})));
  stream << kind << config::version;
  for (const GroupSchedule &group : groupSchedules)
    if (group.match.kind != TuningMatch::Kind::None)
      stream << group.target << group.content << group.match.schedule.text() << '\n';
  // Whoever rebuilds weir or its runtime gets new programs.
  for (const std::string &file :
       {llvm::sys::fs::getMainExecutable(nullptr, nullptr), std::string(config::runtimeLibrary),
        std::string(config::runtimeMainLibrary)}) {
    llvm::sys::fs::file_status status;
    if (!llvm::sys::fs::status(file, status))
      stream << status.getSize() << ' '
             << status.getLastModificationTime().time_since_epoch().count() << ' ';
  }
  return llvm::toHex(llvm::SHA256::hash(llvm::arrayRefFromStringRef(text)), /*LowerCase=*/true);
}

int Compiler::build(llvm::StringRef programSymbol) {
  // The first target's program has the symbol, and each refers to the next.
  auto symbolOf = [&](size_t target) {
    return (target == 0 ? programSymbol : programSymbol + "_" + targets[target].suffix).str();
  };
  Builder builder(&context);
  for (size_t target = 0; target < targets.size(); ++target) {
    ModuleOp module = moduleOf(target);
    if (target + 1 < targets.size())
      module->setAttr("weir.next_symbol", builder.getStringAttr(symbolOf(target + 1)));
    auto built = buildObjects(module, manifestOf(target).dump(), symbolOf(target),
                              kernelOptions(targets[target]),
                              [&](ModuleOp planned) { return runPhase(phases().back(), planned); });
    if (!built)
      return reportInternalError(llvm::toString(built.takeError()));
    for (ObjectFile &object : *built) {
      if (target > 0 && (object.name == "host.o" || object.name == "values.o"))
        object.name = targets[target].suffix + "_" + object.name;
      objects.push_back(std::move(object));
    }
  }
  return Done;
}

KernelOptions Compiler::kernelOptions(const KernelTarget &target) const {
  KernelOptions result;
  result.target = target;
  result.cacheDirectory = cacheFolder();
  result.jobs = options.jobs;
  for (const GroupSchedule &group : groupSchedules)
    if (group.target == target.name && group.match.kind != TuningMatch::Kind::None)
      result.schedules[group.content] = group.match.schedule;
  return result;
}

llvm::FailureOr<std::vector<CompiledKernel>> Compiler::kernelsWithTexts(const KernelTarget &target,
                                                                        ModuleOp module) const {
  KernelOptions textOptions = kernelOptions(target);
  textOptions.wantText = true;
  auto kernels = compileKernels(module, textOptions);
  if (failed(kernels))
    reportInternalError("a kernel could not be compiled");
  return kernels;
}

int Compiler::kernelText(llvm::StringRef kind, std::string &text) {
  for (auto [target, module] : shown()) {
    auto kernels = kernelsWithTexts(target, module);
    if (failed(kernels))
      return InternalError;
    for (const CompiledKernel &kernel : *kernels)
      text +=
          "// " + kernel.symbol + "\n" + (kind == "asm" ? kernel.assembly : kernel.loops) + "\n";
  }
  return Done;
}

bool Compiler::isSource(const std::string &path) const {
  return llvm::any_of(frontend->program->files, [&](const auto &file) {
    return llvm::sys::fs::equivalent(path, file->source->name());
  });
}

std::string Compiler::astText() {
  std::string text;
  llvm::raw_string_ostream stream(text);
  for (const auto &file : frontend->program->files)
    dumpAst(*file, stream);
  return text;
}

std::string Compiler::llvmText(ModuleOp module) {
  auto text = toLlvmIr(module);
  return text ? *text : llvm::toString(text.takeError());
}

ModuleOp Compiler::module() { return *ir; }

std::string cacheFolder() {
  auto variable = [](const char *name) {
    const char *value = std::getenv(name);
    return std::string(value ? value : "");
  };
  if (std::string folder = variable("WEIR_CACHE"); !folder.empty())
    return folder;
  if (std::string folder = variable("XDG_CACHE_HOME"); !folder.empty())
    return folder + "/weir";
  const std::string home = variable("HOME");
  return home.empty() ? "" : home + "/.cache/weir";
}

unsigned coreCount() {
  cpu_set_t set;
  return sched_getaffinity(0, sizeof set, &set) == 0 ? static_cast<unsigned>(CPU_COUNT(&set)) : 1;
}

} // namespace weir
