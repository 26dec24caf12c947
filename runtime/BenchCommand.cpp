// PROG bench: how long entry points and kernels take.
//
// All entries are measured in turns of a few milliseconds, so that a change of the machine's speed
// meets all alike. Calls shorter than the clock can tell are timed several at once.
// `train_step_with_data` also gathers (and augments) each batch from 60,000 images, as training
// does: on the host, or where the device keeps the data set, there. On a GPU an inference is timed
// from images in the host's memory to logits there; training steps are queued as training queues
// them, and waited for at the end of each sample; kernels are timed one by one, each with a wait
// for the device, so that their sum is more than the whole.
#include "runtime/Batches.h"
#include "runtime/Commands.h"
#include "runtime/Device.h"
#include "runtime/Error.h"
#include "runtime/Net.h"
#include "runtime/Random.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>

namespace weir {

using Json = nlohmann::json;

static double median(std::vector<double> &values) {
  if (values.empty())
    return 0;
  std::nth_element(values.begin(), values.begin() + long(values.size() / 2), values.end());
  return values[values.size() / 2];
}

static double least(const std::vector<double> &values) {
  return values.empty() ? 0 : *std::min_element(values.begin(), values.end());
}

namespace {
// One thing that is timed.
struct Row {
  std::string name, kind;
  const Entry *entry;
  std::function<void()> call;
  std::function<void(int64_t *)> timedCall; // empty: no kernels to tell apart
  std::function<void()> finish = [] {};     // waits for what calls have queued
  int group = 1;                            // calls per sample
  std::vector<double> samples;              // ms per call
  std::vector<std::vector<double>> kernels; // ms, by kernel

  double timeGroup() const {
    int64_t began = weir_now_ns();
    for (int i = 0; i < group; ++i)
      call();
    finish();
    return double(weir_now_ns() - began) * 1e-6 / group;
  }
};

// Random bytes as images, as many as MNIST has, if they are not larger than 64 MiB.
Dataset syntheticData(const Manifest &manifest, uint64_t batch) {
  Dataset data;
  const uint64_t size = manifest.imageSize();
  const uint64_t count = std::max(batch, std::min<uint64_t>(60000, (64u << 20) / size));
  data.images.count = data.labels.count = count;
  data.images.height = manifest.height, data.images.width = manifest.width,
  data.images.channels = manifest.channels;
  data.images.file = Block(count * size + 16, "images to measure with");
  data.labels.file = Block(count, "labels to measure with");
  for (uint64_t i = 0; i < count * size; i += 16) {
    std::array<uint32_t, 4> random = philox({uint32_t(i), uint32_t(i >> 32), 0, 0}, 1);
    std::memcpy(data.images.file.data() + i, random.data(), 16);
  }
  for (uint64_t i = 0; i < count; ++i)
    data.labels.file.data()[i] = uint8_t(i % uint64_t(manifest.classes));
  data.images.pixels = data.images.file.data();
  data.labels.labels = data.labels.file.data();
  return data;
}
} // namespace

static void checkBatch(const Manifest &manifest, long long batch) {
  std::string list;
  for (const Entry &entry : manifest.entries) {
    if (entry.batch == batch)
      return;
    list += format("%s%s: %d", list.empty() ? "" : ", ", entry.name.c_str(), entry.batch);
  }
  fail("--batch expects a batch that was compiled (%s), but got %lld; for another: weir compile %s "
       "--infer-batch "
       "%lld --set batch=%lld",
       list.c_str(), batch, manifest.source.c_str(), std::max(1LL, batch), std::max(1LL, batch));
}

static void measure(std::vector<Row> &rows, double seconds) {
  for (Row &row : rows) { // warm-up, and how many calls make 20 us
    for (int i = 0; i < 3; ++i)
      row.call();
    row.finish();
    double once = row.timeGroup();
    row.group = std::max(1, int(std::ceil(0.02 / std::max(once, 1e-6))));
  }
  const int64_t end = weir_now_ns() + int64_t(seconds * 1e9);
  do {
    for (Row &row : rows) {
      const int64_t turnEnd = weir_now_ns() + 4'000'000;
      do
        row.samples.push_back(row.timeGroup());
      while (weir_now_ns() < turnEnd);
      if (!row.timedCall)
        continue;
      std::vector<int64_t> stamps(row.entry->kernels.size() + 1);
      for (int i = 0; i < 4; ++i) {
        row.timedCall(stamps.data());
        for (size_t kernel = 0; i > 0 && kernel < row.kernels.size(); ++kernel)
          row.kernels[kernel].push_back(double(stamps[kernel + 1] - stamps[kernel]) * 1e-6);
      }
    }
  } while (weir_now_ns() < end);
}

static Json report(std::vector<Row> &rows, bool print) {
  Json document = Json::array();
  if (print)
    std::printf("%-64s %10s %10s\n", "entry point / kernel", "min ms", "median ms");
  for (Row &row : rows) {
    Json kernels = Json::array();
    if (print)
      std::printf("%-64s %10.5f %10.5f\n", row.name.c_str(), least(row.samples),
                  median(row.samples));
    for (size_t i = 0; i < row.kernels.size(); ++i) {
      const Kernel &kernel = row.entry->kernels[i];
      const double min = least(row.kernels[i]), middle = median(row.kernels[i]);
      if (print)
        std::printf("  %-62s %10.5f %10.5f  %s\n", kernel.name.c_str(), min, middle,
                    kernel.source.c_str());
      kernels.push_back({{"name", kernel.name},
                         {"source", kernel.source},
                         {"min_ms", min},
                         {"median_ms", middle}});
    }
    document.push_back({{"name", row.name},
                        {"entry", row.kind},
                        {"batch", row.entry->batch},
                        {"min_ms", least(row.samples)},
                        {"median_ms", median(row.samples)},
                        {"samples", row.samples.size()},
                        {"kernels", kernels}});
  }
  return document;
}

int benchCommand(const Device &device, const Options &options) {
  const Manifest &manifest = *device.manifest;
  const double seconds = options.seconds.value_or(2);
  if (!(seconds > 0 && seconds <= 3600))
    fail("--seconds expects a number above 0 and at most 3600, but got %g", seconds);
  if (options.batch)
    checkBatch(manifest, *options.batch);
  const int threads = threadCount(options);
  Net net(device, threads);
  net.initialize(1);

  int largest = 1;
  for (const Entry &entry : manifest.entries)
    largest = std::max(largest, entry.batch);
  const Dataset data = syntheticData(manifest, uint64_t(largest));
  const Normalizer normalizer(manifest);
  const Augmenter augmenter(manifest, 1);
  const Entry *train = manifest.trainEntry();
  const uint64_t trainBatch = train ? uint64_t(train->batch) : 1;
  Sampler sampler(data.count(), trainBatch, 1);
  std::unique_ptr<Batches> batches;

  // Inputs and results that every call shares.
  std::vector<float> images(uint64_t(largest) * manifest.imageSize()),
      logits(uint64_t(largest * manifest.classes));
  normalizer.convert(data.images.pixels, images.size(), images.data());
  std::vector<uint32_t> index(trainBatch);
  std::vector<int32_t> labels(data.labels.labels, data.labels.labels + largest);
  uint64_t step = 0;
  float learningRate = manifest.recipe ? float(manifest.recipe->learningRate) * 1e-3f : 0;
  int32_t random[3] = {1, 0, 0};
  float loss;
  int32_t correct;
  Block arena(manifest.arenaBytes(), "the net's arena");

  std::vector<StepResult> done; // of steps: of no interest here
  auto finishSteps = [&] {
    net.finishSteps(done);
    done.clear();
  };
  auto callOnDevice = [&](Row &row) {
    const Entry *code = row.entry;
    if (code->kind == Entry::Kind::Train) {
      row.call = [&, code] {
        net.queueStep(*code, images.data(), labels.data(), learningRate, 1, ++step, done);
      };
      row.finish = finishSteps;
    } else {
      row.call = [&, code] { net.infer(*code, images.data(), logits.data()); };
    }
    row.timedCall = [&, code](int64_t *stamps) { net.runTimedOnDevice(*code, stamps); };
  };

  std::vector<Row> rows;
  for (const Entry &entry : manifest.entries) {
    if (options.batch && entry.batch != *options.batch)
      continue;
    if (entry.kind == Entry::Kind::Other)
      continue;
    const bool training = entry.kind == Entry::Kind::Train;
    auto timed = [&, training, code = &entry](int64_t *stamps) {
      void *inferArguments[] = {images.data(), logits.data()};
      void *trainArguments[] = {images.data(), labels.data(), &learningRate,
                                random,        &loss,         &correct};
      random[2] = int32_t(++step);
      net.run(*code, training ? trainArguments : inferArguments, arena.data(), stamps);
    };
    Row row;
    row.name = entry.name;
    row.kind = training ? "train_step" : "infer";
    row.entry = &entry;
    row.call = [timed] { timed(nullptr); };
    row.timedCall = timed;
    if (net.isOnDevice())
      callOnDevice(row);
    row.kernels.resize(entry.kernels.size());
    rows.push_back(std::move(row));
    if (!training)
      continue;
    Row dataRow;
    dataRow.name = dataRow.kind = "train_step_with_data";
    dataRow.entry = &entry;
    if (!augmenter.isOn() && net.keepData(data, normalizer)) {
      dataRow.call = [&, code = &entry] {
        sampler.images(step, index);
        net.queueStepOf(*code, index.data(), learningRate, 1, ++step, done);
      };
    } else {
      batches = std::make_unique<Batches>(ImageSource{data, normalizer, augmenter}, sampler,
                                          trainBatch, 0, ~uint64_t(0), net.pool());
      dataRow.call = [&, code = &entry] {
        Batches::Batch batch = batches->next();
        net.queueStep(*code, batch.images, batch.labels, learningRate, 1, ++step, done);
      };
    }
    dataRow.finish = finishSteps;
    rows.push_back(std::move(dataRow));
  }
  measure(rows, seconds);
  batches.reset();
  if (!options.json)
    std::printf("net %s on %s (%s), %d %s\n", manifest.net.c_str(), device.name.c_str(),
                manifest.target.c_str(), threads, threads == 1 ? "thread" : "threads");
  Json entries = report(rows, !options.json);
  if (options.json) {
    Json document = {{"net", manifest.net},   {"target", manifest.target},
                     {"device", device.name}, {"device_reason", device.reason},
                     {"threads", threads},    {"entries", entries}};
    std::puts(document.dump(2).c_str());
  }
  return 0;
}

} // namespace weir
