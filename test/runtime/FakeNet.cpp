// Naive forward, backward and update; see FakeNet.h.
#include "test/runtime/FakeNet.h"

#include "runtime/HalideBuffer.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>

extern "C" {
int halide_cuda_initialize_kernels(void *context, void **state, const char *source, int size);
int halide_cuda_run(void *context, void *state, const char *entry, int blocksX, int blocksY,
                    int blocksZ, int threadsX, int threadsY, int threadsZ, int sharedBytes,
                    size_t *sizes, void **arguments, int8_t *areBuffers);
}

namespace weir::test {

namespace {
// The one program there is. Made when it is first asked for: FakeMain.cpp does so before main().
struct State {
  FakeShape shape;
  std::string manifest, cudaManifest;
  weir_program program, cudaProgram;
  std::vector<weir_entry> entries, cudaEntries;
  std::vector<std::string> names;
};
} // namespace

static State &state() {
  static State result;
  return result;
}

static const FakeShape &shape() { return state().shape; }

namespace {
struct Offsets {
  uint64_t w1, b1, w2, b2, m1, n1, m2, n2, mean, variance, end;
};
} // namespace

static int inputs() { return shape().height * shape().width * shape().channels; }

static Offsets offsets() {
  auto next = [at = uint64_t(0)](int elements) mutable {
    uint64_t here = at;
    at = (at + 4 * uint64_t(elements) + 63) / 64 * 64;
    return here;
  };
  const int w1 = inputs() * shape().hidden, w2 = shape().hidden * shape().classes;
  Offsets o;
  o.w1 = next(w1), o.b1 = next(shape().hidden), o.w2 = next(w2), o.b2 = next(shape().classes);
  o.m1 = next(w1), o.n1 = next(shape().hidden), o.m2 = next(w2), o.n2 = next(shape().classes);
  const int units = shape().statistics ? shape().hidden : 0;
  o.mean = next(units), o.variance = next(units);
  o.end = next(0);
  return o;
}

// A kernel's parallel loop, with a lambda for the closure.
template <typename Body> static void parallel(void *context, int size, const Body &body) {
  halide_do_par_for(
      context,
      [](void *, int index, uint8_t *closure) {
        (*reinterpret_cast<const Body *>(closure))(index);
        return 0;
      },
      0, size, reinterpret_cast<uint8_t *>(const_cast<Body *>(&body)));
}

static float *at(uint8_t *block, uint64_t offset) {
  return reinterpret_cast<float *>(block + offset);
}

// hidden = relu(image . w1 + b1), logits = hidden . w2 + b2, an image per index. Inference takes
// the running mean from the hidden units, if there is one.
static void forward(void *context, uint8_t *variables, int batch, const float *images,
                    float *hidden, float *logits, bool inference) {
  const Offsets o = offsets();
  const float *w1 = at(variables, o.w1), *b1 = at(variables, o.b1), *w2 = at(variables, o.w2),
              *b2 = at(variables, o.b2);
  parallel(context, batch, [&](int n) {
    float *h = hidden + n * shape().hidden, *z = logits + n * shape().classes;
    std::copy_n(b1, shape().hidden, h);
    for (int i = 0; i < inputs(); ++i)
      for (int j = 0; j < shape().hidden; ++j)
        h[j] += images[n * inputs() + i] * w1[i * shape().hidden + j];
    for (int j = 0; inference && shape().statistics && j < shape().hidden; ++j)
      h[j] -= at(variables, o.mean)[j];
    for (int j = 0; j < shape().hidden; ++j)
      h[j] = h[j] < 0 ? 0 : h[j]; // keeps NaN, as the compiler's relu does
    std::copy_n(b2, shape().classes, z);
    for (int j = 0; j < shape().hidden; ++j)
      for (int k = 0; k < shape().classes; ++k)
        z[k] += h[j] * w2[j * shape().classes + k];
  });
}

template <int Which>
static int infer(void *context, uint8_t *variables, uint8_t *arena, void *const *arguments) {
  const int batch = shape().inferBatches[Which];
  forward(context, variables, batch, static_cast<const float *>(arguments[0]), at(arena, 0),
          static_cast<float *>(arguments[1]), true);
  return 0;
}

static void update(float *weight, float *velocity, float gradient, float learningRate) {
  *velocity = 0.5f * *velocity + gradient;
  *weight -= learningRate * *velocity;
}

// running = 0.9 running + 0.1 batch, for the mean and the unbiased variance of each hidden unit.
static void updateStatistics(uint8_t *variables, int batch, const float *hidden) {
  const Offsets o = offsets();
  const int units = shape().statistics ? shape().hidden : 0;
  for (int j = 0; j < units; ++j) {
    float mean = 0, variance = 0;
    for (int n = 0; n < batch; ++n)
      mean += hidden[n * units + j] / float(batch);
    for (int n = 0; n < batch; ++n) {
      const float difference = hidden[n * units + j] - mean;
      variance += difference * difference / float(batch - 1);
    }
    float &runningMean = at(variables, o.mean)[j], &runningVariance = at(variables, o.variance)[j];
    runningMean = 0.9f * runningMean + 0.1f * mean;
    runningVariance = 0.9f * runningVariance + 0.1f * variance;
  }
}

static int trainStep(void *context, uint8_t *variables, uint8_t *arena, void *const *arguments) {
  const int batch = shape().trainBatch, classes = shape().classes, hiddens = shape().hidden;
  const float *images = static_cast<const float *>(arguments[0]);
  const int32_t *labels = static_cast<const int32_t *>(arguments[1]);
  const float learningRate = *static_cast<const float *>(arguments[2]);
  const uint32_t *random = static_cast<const uint32_t *>(arguments[3]);
  float *hidden = at(arena, 0), *logits = hidden + batch * hiddens,
        *delta = logits + batch * classes;
  forward(context, variables, batch, images, hidden, logits, false);
  updateStatistics(variables, batch, hidden);
  // Dropout of the logits' gradient by seed and step: makes runs depend on both.
  uint32_t mask = (random[0] ^ random[1] * 31 ^ random[2] * 2654435761u) | 1;
  double loss = 0;
  int32_t correct = 0;
  for (int n = 0; n < batch; ++n) {
    float *z = logits + n * classes;
    const int best = int(std::max_element(z, z + classes) - z);
    const double top = z[best];
    double sum = 0;
    for (int k = 0; k < classes; ++k)
      sum += std::exp(z[k] - top);
    loss += std::log(sum) + top - z[labels[n]];
    correct += best == labels[n];
    for (int k = 0; k < classes; ++k)
      z[k] = float((std::exp(z[k] - top) / sum - (k == labels[n])) / batch) *
             (mask >> (n + k) % 31 & 1 ? 1.0f : 0.8f);
  }
  const Offsets o = offsets();
  float *w1 = at(variables, o.w1), *w2 = at(variables, o.w2), *m1 = at(variables, o.m1),
        *m2 = at(variables, o.m2);
  parallel(context, batch, [&](int n) {
    for (int j = 0; j < hiddens; ++j) {
      float sum = 0;
      for (int k = 0; k < classes; ++k)
        sum += logits[n * classes + k] * w2[j * classes + k];
      delta[n * hiddens + j] = hidden[n * hiddens + j] <= 0 ? 0 : sum;
    }
  });
  parallel(context, hiddens, [&](int j) {
    for (int k = 0; k < classes; ++k) {
      float g = 0;
      for (int n = 0; n < batch; ++n)
        g += hidden[n * hiddens + j] * logits[n * classes + k];
      update(&w2[j * classes + k], &m2[j * classes + k], g, learningRate);
    }
    for (int i = 0; i < inputs(); ++i) {
      float g = 0;
      for (int n = 0; n < batch; ++n)
        g += images[n * inputs() + i] * delta[n * hiddens + j];
      update(&w1[i * hiddens + j], &m1[i * hiddens + j], g, learningRate);
    }
    float g = 0;
    for (int n = 0; n < batch; ++n)
      g += delta[n * hiddens + j];
    update(&at(variables, o.b1)[j], &at(variables, o.n1)[j], g, learningRate);
  });
  for (int k = 0; k < classes; ++k) {
    float g = 0;
    for (int n = 0; n < batch; ++n)
      g += logits[n * classes + k];
    update(&at(variables, o.b2)[k], &at(variables, o.n2)[k], g, learningRate);
  }
  *static_cast<float *>(arguments[4]) = float(loss / batch);
  *static_cast<int32_t *>(arguments[5]) = correct;
  return 0;
}

template <auto Run>
static int timed(void *context, uint8_t *variables, uint8_t *arena, void *const *arguments,
                 int64_t *stamps) {
  stamps[0] = weir_now_ns();
  int code = Run(context, variables, arena, arguments);
  stamps[1] = weir_now_ns();
  return code;
}

static HalideBuffer bytesAt(void *address, HalideDimension &bytes, bool written) {
  return {reinterpret_cast<uint64_t>(address),
          nullptr,
          nullptr,
          written ? HalideBuffer::written : 0,
          1,
          8,
          1,
          1,
          &bytes,
          nullptr};
}

// The same as a kernel of the fake GPU: its first parameter is the function to call, the others are
// what that touches.
template <auto Run>
static int onFakeGpu(void *context, uint8_t *variables, uint8_t *arena, void *const *arguments) {
  static void *kernels = nullptr;
  if (int code = halide_cuda_initialize_kernels(context, &kernels, "ptx", 4))
    return code;
  std::vector<void *> places(arguments, arguments + (Run == trainStep ? 6 : 2));
  std::function<void()> body = [=] { Run(nullptr, variables, arena, places.data()); };
  // The first byte of each will do: nothing else begins within these values.
  HalideDimension one{0, 1, 1, 0};
  constexpr bool trains = Run == trainStep;
  HalideBuffer buffers[] = {bytesAt(variables, one, trains), bytesAt(arena, one, true),
                            bytesAt(arguments[0], one, false), bytesAt(arguments[1], one, !trains),
                            bytesAt(arguments[trains ? 4 : 1], one, true)};
  void *parameter = &body, *parameters[] = {&parameter,  &buffers[0], &buffers[1],
                                            &buffers[2], &buffers[3], &buffers[4]};
  size_t sizes[] = {sizeof parameter, 8, 8, 8, 8, 8, 0};
  int8_t areBuffers[] = {0, 1, 1, 1, 1, 1};
  return halide_cuda_run(context, kernels, "all", 1, 1, 1, 1, 1, 1, 0, sizes, parameters,
                         areBuffers);
}

template <auto Run>
static int timedOnFakeGpu(void *context, uint8_t *variables, uint8_t *arena, void *const *arguments,
                          int64_t *stamps) {
  stamps[0] = weir_device_now_ns(context);
  int code = onFakeGpu<Run>(context, variables, arena, arguments);
  stamps[1] = weir_device_now_ns(context);
  return code;
}

static std::string variable(const std::string &name, std::vector<int> extents, uint64_t offset,
                            const char *kind, const std::string &init) {
  std::string list;
  for (int extent : extents)
    list += (list.empty() ? "" : ",") + std::to_string(extent);
  return R"({"name":")" + name + R"(","shape":[)" + list + R"(],"offset":)" +
         std::to_string(offset) + R"(,"kind":")" + kind + R"(","trainable":)" +
         (kind[0] == 'p' ? "true" : "false") + R"(,"init":{)" + init + "}}";
}

static std::string entry(const std::string &name, const char *kind, int batch) {
  const uint64_t arena = 4 * uint64_t(batch) * uint64_t(2 * shape().hidden + shape().classes);
  return R"({"name":")" + name + R"(","kind":")" + kind + R"(","batch":)" + std::to_string(batch) +
         R"(,"arena_bytes":)" + std::to_string(arena) + R"(,"kernels":[{"name":")" + name +
         R"(_all","source":"fake.weir:3:5"}]})";
}

static std::string writeManifest(const char *device) {
  const Offsets o = offsets();
  const int in = inputs(), h = shape().hidden, c = shape().classes;
  const int trainable = in * h + h + h * c + c,
            total = trainable + (shape().statistics ? 2 * h : 0);
  const std::string zeros = R"("kind":"zeros")", ones = R"("kind":"ones")";
  const std::string he =
      R"("kind":"he_normal","fan_in":)" + std::to_string(in) + R"(,"fan_out":)" + std::to_string(h);
  const std::string glorot = R"("kind":"glorot_uniform","fan_in":)" + std::to_string(h) +
                             R"(,"fan_out":)" + std::to_string(c);
  std::string features, text = R"({"weir":1,"net":")" + shape().name +
                               R"(","source":"fake.weir","target":")" +
                               (device[1] == 'u' ? "cuda" : "x86-64-linux") + R"(","device":")" +
                               device + R"(","capability":75)";
  for (const std::string &feature : shape().cpuFeatures)
    features += (features.empty() ? "\"" : ",\"") + feature + "\"";
  text += R"(,"cpu_features":[)" + features + R"(],"input_shape":[)" +
          std::to_string(shape().height) + "," + std::to_string(shape().width) + "," +
          std::to_string(shape().channels) + R"(],"classes":)" + std::to_string(c);
  text += R"(,"trainable_parameters":)" + std::to_string(trainable) + R"(,"total_parameters":)" +
          std::to_string(total) + R"(,"macs":)" + std::to_string(in * h + h * c) +
          R"(,"variables_bytes":)" + std::to_string(o.end) + R"(,"variables":[)";
  text += variable("dense_1.weight", {in, h}, o.w1, "parameter", he) + "," +
          variable("dense_1.bias", {h}, o.b1, "parameter", zeros) + "," +
          variable("dense_2.weight", {h, c}, o.w2, "parameter", glorot) + "," +
          variable("dense_2.bias", {c}, o.b2, "parameter", zeros) + "," +
          variable("dense_1.weight.sgd.velocity", {in, h}, o.m1, "optimizer", zeros) + "," +
          variable("dense_1.bias.sgd.velocity", {h}, o.n1, "optimizer", zeros) + "," +
          variable("dense_2.weight.sgd.velocity", {h, c}, o.m2, "optimizer", zeros) + "," +
          variable("dense_2.bias.sgd.velocity", {c}, o.n2, "optimizer", zeros);
  if (shape().statistics)
    text += "," + variable("dense_1.mean", {h}, o.mean, "statistic", zeros) + "," +
            variable("dense_1.variance", {h}, o.variance, "statistic", ones);
  text += R"(],"entries":[)";
  std::string list;
  for (int batch : shape().inferBatches)
    list += (list.empty() ? "" : ",") + entry("infer_b" + std::to_string(batch), "infer", batch);
  if (shape().trains)
    list += "," + entry("train_step", "train", shape().trainBatch);
  text += list + R"(],"layers":[{"path":"dense_1","op":"dense","output_shape":[)" +
          std::to_string(h) + R"(],"parameters":)" + std::to_string(in * h + h) + R"(,"macs":)" +
          std::to_string(in * h) +
          R"(,"source":"fake.weir:4:7"},{"path":"dense_2","op":"dense","output_shape":[)" +
          std::to_string(c) + R"(],"parameters":)" + std::to_string(h * c + c) + R"(,"macs":)" +
          std::to_string(h * c) + R"(,"source":"fake.weir:5:7"}])";
  if (shape().trains)
    text +=
        R"(,"recipe":{"data":{"call":"images","name":"mnist","mean":0.1307,"deviation":0.3081)" +
        shape().data +
        R"(},)"
        R"("loss":{"call":"cross_entropy"},"optimizer":{"call":"sgd","learning_rate":0.05,"momentum":0.5},)"
        R"("schedule":)" +
        shape().schedule + R"(,"batch":)" + std::to_string(shape().trainBatch) +
        R"(,"epochs":2,"seed":1)" + shape().recipe + "}";
  return text + "}";
}

const weir_program &makeFakeProgram(const FakeShape &newShape) {
  auto &[shape, manifest, cudaManifest, program, cudaProgram, entries, cudaEntries, names] =
      state();
  shape = newShape;
  manifest = writeManifest("cpu");
  cudaManifest = writeManifest("cuda");
  names.clear();
  entries.clear();
  cudaEntries.clear();
  for (int batch : shape.inferBatches)
    names.push_back("infer_b" + std::to_string(batch));
  names.push_back("train_step");
  using Run = int (*)(void *, uint8_t *, uint8_t *, void *const *);
  using RunTimed = int (*)(void *, uint8_t *, uint8_t *, void *const *, int64_t *);
  const Run runs[] = {infer<0>, infer<1>, infer<2>};
  const RunTimed timedRuns[] = {timed<infer<0>>, timed<infer<1>>, timed<infer<2>>};
  const Run cudaRuns[] = {onFakeGpu<infer<0>>, onFakeGpu<infer<1>>, onFakeGpu<infer<2>>};
  const RunTimed timedCudaRuns[] = {timedOnFakeGpu<infer<0>>, timedOnFakeGpu<infer<1>>,
                                    timedOnFakeGpu<infer<2>>};
  for (size_t i = 0; i < shape.inferBatches.size(); ++i) {
    entries.push_back({names[i].c_str(), runs[i], timedRuns[i]});
    cudaEntries.push_back({names[i].c_str(), cudaRuns[i], timedCudaRuns[i]});
  }
  if (shape.trains) {
    entries.push_back({names.back().c_str(), trainStep, timed<trainStep>});
    cudaEntries.push_back({names.back().c_str(), onFakeGpu<trainStep>, timedOnFakeGpu<trainStep>});
  }
  cudaProgram = {cudaManifest.data(),
                 cudaManifest.size(),
                 cudaEntries.data(),
                 cudaEntries.size(),
                 nullptr,
                 nullptr};
  program = {manifest.data(),
             manifest.size(),
             entries.data(),
             entries.size(),
             shape.cuda ? &cudaProgram : nullptr,
             nullptr};
  return program;
}

} // namespace weir::test
