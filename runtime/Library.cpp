// The C interface of a net compiled as a library; see weir.h.
#include "runtime/Checkpoint.h"
#include "runtime/Device.h"
#include "runtime/Error.h"
#include "runtime/Evaluate.h"
#include "runtime/Net.h"
#include "runtime/weir.h"

#include <cmath>
#include <cstring>
#include <exception>

struct weir_net {
  weir_net(const weir_program &program, int threads, uint64_t seed)
      : manifest(weir::readManifest(program)), net(manifest, threads), seed(seed) {}
  weir::Manifest manifest;
  weir::Net net;
  uint64_t seed;
  uint64_t step = 0;
};

static thread_local std::string lastError;

// Runs `body`, and turns what it throws into -1 and a sentence.
template <typename Body> static int guarded(const Body &body) {
  try {
    body();
    return 0;
  } catch (const std::exception &error) {
    lastError = error.what();
  } catch (...) {
    lastError = "unknown failure";
  }
  return -1;
}

extern "C" {

const char *weir_last_error(void) { return lastError.c_str(); }

weir_net *weir_net_create(const weir_program *program, int threads, uint64_t seed) {
  weir_net *result = nullptr;
  guarded([&] {
    if (!program)
      weir::fail("weir_net_create expects a program, but got NULL");
    if (threads < 1 || threads > weir::ThreadPool::maximumThreads)
      weir::fail("weir_net_create expects 1 to %d threads, but got %d",
                 weir::ThreadPool::maximumThreads, threads);
    auto net = std::make_unique<weir_net>(*program, threads, seed);
    weir::checkCpu(net->manifest);
    net->net.initialize(seed);
    result = net.release();
  });
  return result;
}

void weir_net_destroy(weir_net *net) { delete net; }

int weir_net_load(weir_net *net, const char *path) {
  return guarded([&] { weir::loadWeights(path, net->net); });
}

int weir_net_save(weir_net *net, const char *path) {
  return guarded([&] { weir::saveWeights(path, net->net); });
}

void weir_net_shape(const weir_net *net, int64_t shape[3], int64_t *classes) {
  shape[0] = int64_t(net->manifest.height);
  shape[1] = int64_t(net->manifest.width);
  shape[2] = int64_t(net->manifest.channels);
  *classes = net->manifest.classes;
}

int64_t weir_net_train_batch(const weir_net *net) {
  const weir::Entry *entry = net->manifest.trainEntry();
  return entry ? entry->batch : 0;
}

int weir_net_infer(weir_net *net, const float *images, uint64_t count, float *logits) {
  return guarded([&] {
    // The usual case is one call of an entry of just this size, with nothing copied.
    for (const weir::Entry &entry : net->manifest.entries)
      if (entry.kind == weir::Entry::Kind::Infer && uint64_t(entry.batch) == count)
        return net->net.infer(entry, images, logits);
    const uint64_t size = net->manifest.imageSize();
    std::vector<float> result = weir::inferAll(net->net, count, [&](uint64_t index, float *values) {
      std::memcpy(values, images + index * size, size * sizeof(float));
    });
    std::memcpy(logits, result.data(), result.size() * sizeof(float));
  });
}

int weir_net_train_step(weir_net *net, const float *images, const int32_t *labels,
                        float learning_rate, float *loss, int32_t *correct) {
  return guarded([&] {
    const weir::Entry *entry = net->manifest.trainEntry();
    if (!entry)
      weir::fail("net '%s' cannot be trained: %s", net->manifest.net.c_str(),
                 net->manifest.weights ? "it was compiled with its weights"
                                       : "its file has no train block");
    if (!(std::isfinite(learning_rate) && learning_rate >= 0))
      weir::fail("the learning rate expects a number of at least 0, but got %g",
                 double(learning_rate));
    for (int i = 0; i < entry->batch; ++i)
      if (labels[i] < 0 || labels[i] >= net->manifest.classes)
        weir::fail("net '%s' expects labels of 0 to %d, but got %d for image %d",
                   net->manifest.net.c_str(), net->manifest.classes - 1, labels[i], i);
    weir::StepResult result =
        net->net.trainStep(*entry, images, labels, learning_rate, net->seed, net->step);
    ++net->step;
    if (loss)
      *loss = result.loss;
    if (correct)
      *correct = result.correct;
    if (!std::isfinite(result.loss))
      weir::fail("the loss of step %llu is not finite", (unsigned long long)net->step);
  });
}
}
