// The facts about a compiled net that the runtime works from, read from the program's JSON
// manifest.
//
// Before: the compiler wrote the manifest (format in docs/training.md). After: every command of the
// program. Only this file knows the JSON; what does not fit is an InternalError, because both sides
// come from one build.
#ifndef WEIR_RUNTIME_MANIFEST_H
#define WEIR_RUNTIME_MANIFEST_H

#include "runtime/Program.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace weir {

/// How a variable starts; see Initialize.h for the kinds.
struct Initializer {
  std::string kind;
  double fanIn = 0, fanOut = 0;
  double value = 0;     // constant
  double deviation = 0; // normal
  double limit = 0;     // uniform
};

/// A tensor that outlives a step. Parameters and statistics (running mean and variance of batch
/// norm, which training steps write and inference reads) are the net; optimizer state is only in
/// checkpoints.
struct Variable {
  enum class Kind { Parameter, Statistic, Optimizer };
  std::string name;
  std::vector<uint64_t> shape;
  std::string type = "F32"; // as in safetensors; embedded ones may be I8 or I32
  uint64_t offset = 0;      // bytes within the block of variables
  uint64_t elements = 0;
  Kind kind = Kind::Parameter;
  bool trainable = false;
  Initializer initializer;

  bool isOfNet() const { return kind != Kind::Optimizer; }
  uint64_t bytes() const { return elements * (type == "I8" ? 1 : 4); }
};

struct Kernel {
  std::string name, source;
};

struct Entry {
  enum class Kind { Infer, Train, Other }; // other: not called by the commands
  std::string name;
  Kind kind = Kind::Infer;
  int batch = 1;
  uint64_t arenaBytes = 0;
  std::vector<Kernel> kernels;
  uint64_t ops = 0;               // that the kernels are fused of
  uint64_t movedBytes = 0;        // operands and results of all kernels, in one call
  uint64_t movedBytesUnfused = 0; // the same of the ops one by one
  const weir_entry *code = nullptr;
};

struct Layer {
  std::string path, op, source;
  std::vector<uint64_t> outputShape;
  uint64_t parameters = 0, macs = 0;
};

/// A call in the train block, such as cosine(warmup: 100), by its numbers.
struct Setting {
  std::string call;
  std::map<std::string, double> numbers;
  double number(const char *name, double otherwise) const {
    auto found = numbers.find(name);
    return found == numbers.end() ? otherwise : found->second;
  }
};

/// The train block.
struct TrainBlock {
  std::string dataName = "mnist";
  std::vector<float> mean{0.0f}, deviation{1.0f}; // one value, or one per channel
  double shift = 0, rotate = 0, scale = 0;        // of training images; see Augment.h
  Setting optimizer, schedule;
  double learningRate = 0;
  int batch = 1, epochs = 1;
  uint64_t seed = 1;
  uint64_t patience = 0; // epochs without a better one that end a run; 0 for no end
  bool keepBest = false; // the weights of the best epoch, not of the last
};

/// The weights that a program was compiled with (weir compile --weights).
struct EmbeddedWeights {
  std::string file, sha256;        // as the compiler read it
  const uint8_t *values = nullptr; // the block of variables
};

struct Manifest {
  std::string net, source, target;
  std::string device = "cpu"; // or "cuda", "opencl": what the target's code runs on
  int capability = 0;         // compute capability that CUDA code needs, 75 for 7.5
  std::vector<std::string> cpuFeatures;
  uint64_t height = 1, width = 1, channels = 1; // the input, NHWC
  int classes = 0;
  uint64_t trainableParameters = 0, totalParameters = 0, macs = 0;
  uint64_t variablesBytes = 0;
  std::vector<Variable> variables;
  std::vector<Entry> entries;
  std::vector<Layer> layers;
  std::optional<TrainBlock> recipe;
  std::optional<EmbeddedWeights> weights; // none: they come from a file
  std::string quantizationText;           // of a quantized net: what was done, as JSON; or empty
  std::string recipeText;                 // the recipe's JSON as it stands, for `info --json`

  uint64_t imageSize() const { return height * width * channels; }
  /// The most arena bytes any entry needs.
  uint64_t arenaBytes() const;
  /// The training entry, or nullptr for a net without a train block.
  const Entry *trainEntry() const;
  /// The inference entries, the largest batch first.
  std::vector<const Entry *> inferEntries() const;
  /// The layer that a variable belongs to, or nullptr: the longest path that is a prefix of its
  /// name.
  const Layer *layerOf(const Variable &variable) const;
};

/// Reads the manifest of the program's first target, a CPU, and finds the code of its entries.
Manifest readManifest(const weir_program &program);

/// The same for all its targets.
std::vector<Manifest> readManifests(const weir_program &program);

} // namespace weir

#endif
