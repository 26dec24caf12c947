//===- TuneWorker.cpp - the tuner's child process --------------------------------------------===//
//
// Compiles candidates of one group after the other, compares and times them, as it is told in lines
// of JSON on standard input; one line answers each. What crashes or hangs here costs the tuner a
// candidate (TuneProcessLab.cpp is the other side).
//
//===-----------------------------------------------------------------------------------------===//

#include "kernels/Autoschedule.h"
#include "kernels/Describe.h"
#include "tools/Commands.h"
#include "tools/Compiler.h"
#include "tools/tune/TuneKernel.h"
#include "tools/tune/TuneObjects.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/MemoryBuffer.h"
#include <csignal>
#include <iostream>
#include <unistd.h>

namespace weir {
namespace {

using Json = nlohmann::json;

/// $WEIR_TUNE_FAULT, for tests: "hang:v8,crash:u4" does that to schedules whose text has the part
/// behind the colon; "wrong:" lets their results differ, "refuse:" their compilation fail, "fast:"
/// their times be a tenth.
bool isFaulty(const char *fault, llvm::StringRef schedule) {
  const char *variable = std::getenv("WEIR_TUNE_FAULT");
  llvm::SmallVector<llvm::StringRef> faults;
  llvm::StringRef(variable ? variable : "").split(faults, ',', -1, /*KeepEmpty=*/false);
  return llvm::any_of(faults, [&](llvm::StringRef text) {
    const auto [kind, part] = text.split(':');
    return kind == fault && schedule.contains(part);
  });
}

llvm::Expected<std::string> readFile(const std::string &path) {
  auto file = llvm::MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!file)
    return llvm::createStringError("cannot read '" + path + "': " + file.getError().message());
  return (*file)->getBuffer().str();
}

class Worker {
public:
  Worker() {
    context.disableMultithreading();
    context.loadDialect<WeirDialect, mlir::func::FuncDialect>();
    context.getDiagEngine().registerHandler([this](mlir::Diagnostic &diagnostic) {
      message = diagnostic.str();
      return mlir::success();
    });
  }

  Json answer(const Json &request) {
    try {
      return answerTo(request);
    } catch (const std::exception &error) { // a device's
      return failed(error.what());
    }
  }

private:
  Json answerTo(const Json &request) {
    const std::string command = request.at("command");
    if (command == "open")
      return open(request);
    if (command == "compile")
      return compile(request);
    if (command == "baseline")
      return baseline(request);
    if (command == "load")
      return load(request);
    if (command == "compare")
      return compare(request);
    return time(request);
  }

  static Json failed(llvm::Error error) { return {{"error", llvm::toString(std::move(error))}}; }
  static Json failed(const std::string &message) { return {{"error", message}}; }

  Json open(const Json &request) {
    // What is left of a compilation that is killed goes with the tuner's folder.
    ::setenv("TMPDIR", request.at("folder").get<std::string>().c_str(), 1);
    kernel = nullptr;
    bench.reset();
    loaded.clear();
    auto found = findTarget(request.at("target").get<std::string>());
    if (!found)
      return failed(found.takeError());
    target = *found;
    setting.device = request.at("device");
    setting.threads = request.at("threads");
    setting.stepBytes = request.at("step_bytes");
    setting.inPlace = request.at("in_place").get<std::vector<int>>();
    module = mlir::parseSourceFile<mlir::ModuleOp>(request.at("ir").get<std::string>(), &context);
    if (module)
      module->walk([&](KernelOp op) { kernel = op; });
    if (!kernel)
      return failed("the group cannot be read: " + message);
    auto loops = findLoops(kernel, target);
    if (!loops)
      return failed(loops.takeError());
    const auto list = [](llvm::ArrayRef<int64_t> values) { return values.vec(); };
    return {{"template", templateName(loops->kind).str()},
            {"extents", list(loops->extents)},
            {"row_dimensions", list(loops->rowDimensions)},
            {"term_dimensions", list(loops->termDimensions)},
            {"lines", loops->lines},
            {"inside", loops->inside},
            {"terms", loops->terms},
            {"chosen", loops->chosen.text()}};
  }

  /// An object by a schedule; by the model's where none is named.
  Json compile(const Json &request) {
    const std::string text = request.at("schedule");
    if (isFaulty("hang", text))
      for (;;)
        ::pause();
    if (isFaulty("crash", text))
      std::abort();
    if (isFaulty("refuse", text))
      return failed("refused by $WEIR_TUNE_FAULT");
    KernelOptions options;
    options.target = target;
    options.useCache = false;
    options.jobs = 1;
    if (!text.empty()) {
      auto schedule = Schedule::parse(text);
      if (!schedule)
        return failed(schedule.takeError());
      options.schedules[kernels::describe(kernel)] = *schedule;
    }
    message.clear();
    auto compiled = compileKernels(*module, options);
    if (mlir::failed(compiled))
      return failed(message);
    return write(request.at("object"), compiled->front());
  }

  /// An object by one of Halide's autoschedulers.
  Json baseline(const Json &request) {
    auto compiled = compileAutoscheduled(kernel, target, request.at("scheduler"), setting.threads);
    if (!compiled)
      return failed(compiled.takeError());
    return write(request.at("object"), *compiled);
  }

  static Json write(const std::string &path, const CompiledKernel &kernel) {
    if (llvm::Error error = writeFileAtomically(path, kernel.object))
      return failed(std::move(error));
    return {{"symbol", kernel.symbol}};
  }

  Json load(const Json &request) {
    if (!bench) {
      if (kernel->getNumOperands() + kernel->getNumResults() > TuneObjects::mostBuffers)
        return failed("a kernel of more than " + std::to_string(TuneObjects::mostBuffers) +
                      " operands and results is not measured");
      auto made = target.isGpu() ? makeDeviceKernel(kernel, setting, target)
                                 : makeHostKernel(kernel, setting);
      if (!made)
        return failed(made.takeError());
      bench = std::move(*made);
    }
    auto object = readFile(request.at("object"));
    if (!object)
      return failed(object.takeError());
    auto number = bench->load(std::move(*object), request.at("symbol"));
    if (!number)
      return failed(number.takeError());
    loaded.push_back(request.at("schedule"));
    return {{"number", *number}};
  }

  Json compare(const Json &request) {
    if (isFaulty("wrong", request.at("schedule").get<std::string>()))
      return failed("its result differs, by $WEIR_TUNE_FAULT");
    if (llvm::Error error = bench->compare(request.at("first"), request.at("second")))
      return failed(std::move(error));
    return Json::object();
  }

  Json time(const Json &request) {
    const size_t first = request.at("first"), second = request.at("second");
    TunePairs pairs = bench->time(first, second, request.at("pairs"), request.at("microseconds"));
    for (double &time : pairs.first)
      time *= isFaulty("fast", loaded[first]) ? 0.1 : 1;
    for (double &time : pairs.second)
      time *= isFaulty("fast", loaded[second]) ? 0.1 : 1;
    return {{"first", pairs.first}, {"second", pairs.second}};
  }

  mlir::MLIRContext context;
  std::string message;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  KernelOp kernel;
  KernelTarget target;
  TuneSetting setting;
  std::unique_ptr<TuneKernel> bench;
  std::vector<std::string> loaded; ///< the schedules of what `bench` has
};

int runWorker() {
  // A candidate's crash is none of weir: no reproducer.
  for (const int signal : {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL})
    std::signal(signal, SIG_DFL);
  Worker worker;
  for (std::string line; std::getline(std::cin, line);) {
    const Json request = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!request.is_object())
      return UserError;
    std::cout << worker.answer(request).dump() << std::endl;
  }
  return Done;
}

} // namespace

void addTuneWorkerCommand(CLI::App &app, Action &action) {
  CLI::App *command = app.add_subcommand("tune-worker", "the child process of 'weir tune'");
  command->group(""); // nobody types it
  command->callback([&action] { action = [] { return runWorker(); }; });
}

} // namespace weir
