// Reading the command line and reporting errors; see CommandLine.h.
#include "runtime/CommandLine.h"
#include "runtime/Commands.h"
#include "runtime/Device.h"
#include "runtime/Error.h"
#include "runtime/ThreadPool.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <csignal>
#include <cstdio>
#include <new>
#include <sched.h>
#include <unistd.h>

namespace weir {

int threadCount(const Options &options) {
  if (!options.threads) {
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0
               ? std::min(CPU_COUNT(&set), ThreadPool::maximumThreads)
               : 1;
  }
  if (*options.threads < 1 || *options.threads > ThreadPool::maximumThreads)
    fail("--threads expects 1 to %d, but got %lld", ThreadPool::maximumThreads, *options.threads);
  return int(*options.threads);
}

namespace {
// One of the two: a command runs the net on a device, or only tells about it.
struct Subcommand {
  CLI::App *app;
  int (*run)(const Device &, const Options &) = nullptr;
  int (*tell)(const std::vector<Manifest> &, const Options &) = nullptr;
};
} // namespace

static void addCommon(CLI::App *app, Options &options, bool threads, bool device) {
  if (threads)
    app->add_option("--threads", options.threads,
                    "Threads of the kernels; results do not depend on it (default: all cores)");
  if (device)
    app->add_option("--device", options.device,
                    "auto, cpu, cuda, opencl, or cuda:1 for the second GPU");
  app->add_flag("--json", options.json, "Print one JSON document on stdout and nothing else there");
}

// What train and check share.
static void addTraining(CLI::App *app, Options &options) {
  app->add_option("--seed", options.seed, "Of initial weights, data order and dropout")
      ->check([](const std::string &text) { // CLI11 would take -1 for 2^64 - 1
        return text.rfind('-', 0) == 0
                   ? "--seed expects a whole number of at least 0, but got " + text
                   : std::string();
      });
  app->add_option("--learning-rate", options.learningRate, "Before the schedule");
  app->add_option("--data", options.data,
                  "Folder of the four IDX files (default: $WEIR_DATA/<data set>)");
  addCommon(app, options, true, true);
}

static std::vector<Subcommand> addCommands(CLI::App &app, Options &options) {
  CLI::App *train =
      app.add_subcommand("train", "Train the net and save a checkpoint after each epoch");
  addTraining(train, options);
  train->add_option("--epochs", options.epochs, "How often to go through the training images");
  train->add_option("--batch", options.batch, "Must be the batch that was compiled");
  train->add_option("--checkpoint", options.checkpoint,
                    "File to write (default: <net>.safetensors)");
  train->add_flag("--resume", options.resume, "Continue from the checkpoint");
  train->add_option("--patience", options.patience,
                    "Stop after so many epochs without a better validation accuracy; 0: never");
  train->add_option("--keep", options.keep, "Weights to end with: best or last");
  train->add_option("--report", options.report, "Write the run as a page to this HTML file");
  train
      ->add_flag("--json-lines", options.jsonLines,
                 "Print one line of JSON per epoch as it ends, and the whole document as the last")
      ->excludes("--json");

  CLI::App *check = app.add_subcommand(
      "check", "See whether the net can learn one batch by heart; touches no checkpoint");
  addTraining(check, options);
  check->add_option("--batches", options.batches, "How many batches (default: 1)");
  check->add_option("--seconds", options.seconds, "How long at most (default: 10)");

  CLI::App *eval =
      app.add_subcommand("eval", "Loss, accuracy and confusion matrix on the test images");
  eval->add_option("--weights", options.checkpoint,
                   "Safetensors file (default: <net>.safetensors)");
  eval->add_option("--data", options.data,
                   "Folder of the four IDX files (default: $WEIR_DATA/<data set>)");
  addCommon(eval, options, true, true);

  CLI::App *predict = app.add_subcommand("predict", "Say what PNG, JPEG or BMP images show");
  predict->add_option("images", options.images, "Image files")->required();
  predict->add_option("--weights", options.checkpoint,
                      "Safetensors file (default: <net>.safetensors)");
  predict->add_flag("--show", options.show, "Print what the net sees of each image");
  addCommon(predict, options, true, true);

  CLI::App *bench = app.add_subcommand("bench", "Time every entry point and kernel");
  bench->add_option("--batch", options.batch, "Only entry points of this batch");
  bench->add_option("--seconds", options.seconds, "How long to measure (default: 2)");
  addCommon(bench, options, true, true);

  CLI::App *info = app.add_subcommand("info", "Layers, parameters, memory, recipe");
  addCommon(info, options, false, false);
  CLI::App *devices = app.add_subcommand("devices", "Every device, usable or not, and why not");
  addCommon(devices, options, false, false);

  app.require_subcommand(1);
  return {{train, trainCommand},
          {check, checkCommand},
          {eval, evalCommand},
          {predict, predictCommand},
          {bench, benchCommand},
          {info, nullptr, infoCommand},
          {devices, nullptr, devicesCommand}};
}

// Chooses the device, and says so in one line where there was something to choose; train does in
// its own words.
static Device choose(const std::vector<Manifest> &targets, const Options &options, bool trains) {
  Device device = chooseDevice(targets, options.device);
  checkCpu(*device.manifest); // before any compiled code runs
  if (targets.size() > 1 && options.device == "auto" && !trains)
    std::fprintf(stderr, "device %s (%s)\n", device.name.c_str(), device.reason.c_str());
  return device;
}

bool isEmptyValue(std::string_view argument) {
  return argument.empty() || (argument.starts_with("--") && argument.ends_with('='));
}

static int runCommand(const weir_program &program, int argc, char **argv) {
  const std::vector<Manifest> targets = readManifests(program);
  const Manifest &manifest = targets.front();
  Options options;
  CLI::App app("The net '" + manifest.net + "', compiled from " + manifest.source + " for " +
                   manifest.target,
               argv[0]);
  std::vector<Subcommand> commands = addCommands(app, options);
  for (int i = 1; i < argc; ++i)
    if (isEmptyValue(argv[i])) {
      std::fprintf(stderr, "error: '%s' is empty, and expects a value\n", argv[i]);
      return 2;
    }
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success &help) {
    return app.exit(help);
  } catch (const CLI::ParseError &error) {
    if (argc > 1 && argv[1][0] != '-' &&
        app.get_subcommands([&](CLI::App *command) { return command->check_name(argv[1]); })
            .empty())
      std::fprintf(stderr, "error: there is no subcommand '%s'\n", argv[1]);
    std::fprintf(stderr, "error: %s\nRun with --help for more information.\n", error.what());
    return 2;
  }
  for (const Subcommand &command : commands) {
    if (!*command.app)
      continue;
    if (command.tell)
      return command.tell(targets, options);
    return command.run(choose(targets, options, command.run == trainCommand), options);
  }
  return 2;
}

int runProgram(const weir_program &program, int argc, char **argv) {
  std::signal(SIGXFSZ, SIG_IGN); // a file size limit is then an error of write(), which is reported
  int code = 70;
  try {
    code = runCommand(program, argc, argv);
    if (std::fflush(stdout) != 0 || std::ferror(stdout))
      fail("cannot write to standard output");
  } catch (const UserError &error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    code = 1;
  } catch (const std::bad_alloc &) {
    std::fprintf(stderr, "error: out of memory\n");
    code = 1;
  } catch (const std::exception &error) {
    std::fprintf(
        stderr,
        "internal error: %s\nThis is a defect of weir; please report it with this command:\n ",
        error.what());
    for (int i = 0; i < argc; ++i)
      std::fprintf(stderr, " %s", argv[i]);
    std::fprintf(stderr, "\n");
  }
  return code;
}

} // namespace weir
