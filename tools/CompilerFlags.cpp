//===- CompilerFlags.cpp - see CompilerFlags.h ------------------------------------------------===//

#include "tools/CompilerFlags.h"

namespace weir {

void addCompilerFlags(CLI::App &command, CompilerOptions &options) {
  command.add_option("FILE", options.file, "the model (.weir)")->required();
  command
      .add_option("--set", options.sets, "override a value of the file: name=value (repeatable)")
      ->allow_extra_args(false);
  command
      .add_option(
          "--infer-batch", options.inferBatches,
          "batch sizes of the inference entry points, e.g. 1,32; default: 1 and the training batch")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 20));
  command
      .add_option(
          "--target", options.target,
          "CPU and GPUs to compile for: host, x86-64, x86-64-v2, -v3, -v4, cuda, cuda-sm_80, "
          "cuda-sm_86, opencl; several: host,cuda. A GPU alone comes with the host's CPU")
      ->capture_default_str();
  command.add_option("--weights", options.weights,
                     "safetensors file that goes into the program, which then only infers");
  addMemoryFlag(command, options);
  command.add_option("--jobs", options.jobs, "kernels compiled at a time; default: one per core");
  addTuningFlags(command, options);
  command.add_option(
      "--dump-ir", options.dumpDirectory,
      "write one numbered file per pass into this folder, and index.html to look at");
}

void addMemoryFlag(CLI::App &command, CompilerOptions &options) {
  command
      .add_option("--memory", options.memory,
                  "small: a training step takes fewer bytes and more time; default: fast")
      ->check(CLI::IsMember({"small", "fast"}));
}

void addTuningFlags(CLI::App &command, CompilerOptions &options) {
  command.add_option("--database", options.database,
                     "records of 'weir tune'; default: $WEIR_TUNING, else tuning.db in the cache");
  command
      .add_option("--threads", options.tuningThreads,
                  "threads that the program will run with, for the choice of records; default: one "
                  "per core")
      ->check(CLI::Range(1u, 256u));
  command.add_flag(
      "--no-tuning", [&options](int64_t) { options.useTuning = false; },
      "compile without records of 'weir tune'");
  command
      .add_option("--remarks", options.remarks,
                  "say why, at the model's lines: fold, fuse, layout, memory, schedule, tune; "
                  "several: fuse,layout")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::IsMember(RemarkLog::categories()));
}

} // namespace weir
