//===- QuantizeNet.cpp - see QuantizeNet.h ---------------------------------------------------===//

#include "tools/quantize/QuantizeNet.h"

#include "passes/Observe.h"
#include "passes/Passes.h"
#include "runtime/Commands.h"
#include "runtime/Error.h"
#include "tools/Commands.h"
#include "tools/Reproducer.h"
#include "tools/quantize/Calibrate.h"
#include "tools/quantize/Noise.h"
#include "tools/quantize/Report.h"

#include "mlir/Pass/PassManager.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"

#include <cmath>
#include <fmt/core.h>

using namespace mlir;

namespace weir {
namespace {

/// Images on which noise is measured: ratios of powers need few.
constexpr uint64_t noiseImages = 128;

// The runtime's exceptions; the plain names are exit codes in tools/.
using FlowError = class UserError;
using FlowBug = class InternalError;

[[noreturn]] void stop(llvm::Error error) { throw FlowError(llvm::toString(std::move(error))); }
template <typename T> T orStop(llvm::Expected<T> value) {
  if (!value)
    stop(value.takeError());
  return std::move(*value);
}

/// A failed pass or kernel: a defect of ours that is reported already, with its exit code.
struct Failed {
  int code;
};

class Flow {
public:
  Flow(Compiler &compiler, const QuantizeFlags &flags)
      : compiler(compiler), flags(flags), settings(QuantizeSettings::of(compiler.module())),
        threads(threadCount({})) {}

  void run() {
    if (!flags.table.empty() && !llvm::sys::fs::exists(flags.table))
      if (llvm::Error error = expectWritable(flags.table))
        stop(std::move(error));
    check(compiler.run("ir"));
    for (const auto &[target, module] : compiler.shown())
      if (target.isGpu())
        throw FlowError("--quantize makes programs for a CPU, but --target asks for '" +
                        target.name + "'");
    if (compiler.module()->hasAttr("weir.learned_ranges"))
      settings.equalize = false; // the weights were trained for the ranges that they have
    chooseMeasured();
    progress("compiling the float net");
    exact.emplace(load(clone()));
    const std::string folder = findDataDirectory(flags.data, exact->manifest());
    calibration = loadPart(settings.calibrate, "calibrate", folder, exact->manifest());
    heldOut = loadPart(settings.heldOut, "held_out", folder, exact->manifest());
    const double floatAccuracy = exact->accuracy(heldOut);
    const CalibrationTable table = calibrate();
    report = newReport(settings, table, exact->manifest().recipe->dataName);
    report.isLearned = compiler.module()->hasAttr("weir.learned_ranges");
    report.images = heldOut.count();
    report.floatAccuracy = floatAccuracy;
    fulfil();
    check(compiler.transform([&](OpPassManager &passes) { addQuantization(passes); }));
    compiler.setQuantization(toJson(report));
  }

private:
  static void check(int code) {
    if (code != Done)
      throw Failed{code};
  }

  static void progress(const std::string &what) { fmt::print(stderr, "quantize: {}\n", what); }

  // ---- Programs ----

  OwningOpRef<ModuleOp> clone() { return OwningOpRef<ModuleOp>(compiler.module().clone()); }

  /// A program for another machine is measured by this machine's kernels: 8-bit layers give the
  /// same bytes on every CPU.
  void chooseMeasured() {
    measured = compiler.target();
    const std::string lacking = lackingHere(measured);
    if (lacking.empty())
      return;
    measured = *findTarget("host");
    progress("measuring with kernels for '" + measured.name + "', for this machine lacks " +
             lacking + " of '" + compiler.target().name + "'");
  }

  Variant load(OwningOpRef<ModuleOp> module) {
    (*module)->setAttr("weir.dot_terms",
                       Builder(module->getContext()).getI64IntegerAttr(measured.dotTerms));
    auto variant = Variant::load(std::move(module), compiler.summary(),
                                 compiler.kernelOptions(measured), threads);
    if (!variant)
      throw Failed{reportInternalError(llvm::toString(variant.takeError()))};
    return std::move(*variant);
  }

  void addQuantization(OpPassManager &passes) {
    if (settings.correctBias)
      passes.addPass(createCorrectBias({keepFloat(), settings.perTensor}));
    passes.addPass(createQuantize({keepFloat(), settings.perTensor}));
  }

  SmallVector<std::string> keepFloat() const {
    SmallVector<std::string> layers;
    for (const KeptLayer &layer : report.kept)
      layers.push_back(layer.path);
    return layers;
  }

  // ---- Calibration ----

  /// Equalizes and observes the net, or does as a table says; afterwards the module has its ranges.
  CalibrationTable calibrate() {
    CalibrationTable table = emptyTable();
    const bool isThere = !flags.table.empty() && llvm::sys::fs::exists(flags.table);
    if (isThere)
      table = readTable(table);
    else
      observe(table);
    if (settings.equalize)
      equalize(table);
    if (table.values.empty())
      observe(table);
    if (llvm::Error error = table.chooseRanges(settings.method))
      stop(std::move(error));
    if (llvm::Error error = attachRanges(compiler.module(), table))
      stop(std::move(error));
    if (!flags.table.empty() && !isThere) {
      const std::string bytes = toBytes(table);
      if (llvm::Error error = writeFileAtomically(flags.table, {bytes.data(), bytes.size()}))
        stop(std::move(error));
    }
    return table;
  }

  CalibrationTable emptyTable() {
    CalibrationTable table;
    table.net = compiler.summary().net;
    table.fingerprint = fingerprint(compiler.module());
    table.images = settings.calibrate.text() + " of '" + exact->manifest().recipe->dataName + "'";
    table.isEqualized = settings.equalize;
    return table;
  }

  void observe(CalibrationTable &table) {
    progress(fmt::format("observing the float net on {}", table.images));
    table.values = observeValues(*exact, calibration);
  }

  /// Scales channels between layers; from here on, that net is the float net. Values that were seen
  /// before are those of the trained net: they are forgotten where it changed.
  void equalize(CalibrationTable &table) {
    const bool wasObserved = table.trained.empty();
    if (wasObserved) {
      // What is wrong with the numbers is said of the net that the user knows.
      if (llvm::Error error = table.chooseRanges({"min_max", 0}))
        stop(std::move(error));
      for (const ObservedValue &value : table.values)
        table.trained.push_back(value.range);
    }
    if (llvm::Error error = attachRanges(compiler.module(), table.trained))
      stop(std::move(error));
    check(
        compiler.transform([](OpPassManager &passes) { passes.addPass(createEqualizeLayers()); }));
    if (fingerprint(compiler.module()) == table.fingerprint)
      return;
    progress("compiling the equalized net");
    exact.emplace(load(clone()));
    if (wasObserved)
      table.values.clear();
  }

  CalibrationTable readTable(const CalibrationTable &wanted) {
    progress("using the calibration table " + flags.table);
    if (llvm::Error error = expectFile(flags.table))
      stop(std::move(error));
    auto file = llvm::MemoryBuffer::getFile(flags.table);
    if (!file)
      throw FlowError("cannot read '" + flags.table + "': " + file.getError().message());
    CalibrationTable table = orStop(parseCalibrationTable((*file)->getBuffer(), flags.table));
    if (llvm::Error error = expectSame(table, wanted, flags.table))
      stop(std::move(error));
    return table;
  }

  // ---- The contract ----

  /// Quantizes and measures, with one more layer in float each time, until the drop is allowed.
  void fulfil() {
    for (;;) {
      progress(report.kept.empty()
                   ? "compiling the int8 net"
                   : fmt::format("compiling the int8 net with {} in float", report.keptText()));
      OwningOpRef<ModuleOp> module = clone();
      PassManager passes(module->getContext());
      addQuantization(passes);
      if (failed(passes.run(*module)))
        throw FlowBug("the net could not be quantized");
      Variant quantized = load(std::move(module));
      report.int8Accuracy = quantized.accuracy(heldOut);
      const auto noise = measureNoise(*exact, quantized, heldOut, noiseImages);
      report.layers = layerReports(compiler.module(), quantized, noise);
      if (!report.kept.empty() && report.kept.back().dropBefore)
        report.kept.back().dropAfter = report.drop();
      progress(fmt::format("accuracy on {} held-out images: float {:.4f}, int8 {:.4f}",
                           report.images, report.floatAccuracy, report.int8Accuracy));
      if (report.isFulfilled())
        return expectIntegers();
      keepOneMore(noise);
    }
  }

  /// A contract that holds because nothing was quantized is none.
  void expectIntegers() const {
    if (llvm::none_of(report.layers,
                      [](const LayerReport &layer) { return layer.arithmetic == "int8"; }))
      throw FlowError(fmt::format(
          "no layer is left that multiplies integers{}, no program was written; compile the float "
          "net without --quantize, or calibrate it otherwise",
          report.kept.empty() ? "" : ": " + report.keptText() + " stay in float for the accuracy"));
  }

  void keepOneMore(ArrayRef<std::optional<LayerNoise>> noise) {
    const SmallVector<std::string> kept = keepFloat();
    const std::optional<std::string> next =
        mostSensitive(sensitivities(observedFunction(compiler.module()), noise), kept);
    if (!next || kept.size() >= settings.keepFloat.size() + settings.floatLayers)
      throw FlowError(report.brokenContract(settings.floatLayers));
    report.kept.push_back({*next, report.drop(), std::nullopt});
  }

  Compiler &compiler;
  const QuantizeFlags &flags;
  QuantizeSettings settings;
  const int threads;
  KernelTarget measured; ///< what this machine measures nets with
  std::optional<Variant> exact;
  Dataset calibration, heldOut;
  QuantizeReport report;
};

} // namespace

int quantizeNet(Compiler &compiler, const QuantizeFlags &flags) {
  try {
    Flow(compiler, flags).run();
  } catch (const Failed &failed) {
    return failed.code;
  } catch (const FlowError &error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return UserError;
  }
  return Done;
}

} // namespace weir
