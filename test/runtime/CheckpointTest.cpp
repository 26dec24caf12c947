// Files of weights: round trips, lies, other nets, failures while writing, two writers.
#include "runtime/Checkpoint.h"
#include "runtime/AtomicFile.h"
#include "runtime/Safetensors.h"
#include "test/runtime/FakeNet.h"
#include "test/runtime/Support.h"

#include <cstring>
#include <dirent.h>

namespace weir {

using namespace test;

static Bytes container(const std::string &header, size_t dataBytes, uint64_t length) {
  Bytes bytes;
  for (int byte = 0; byte < 8; ++byte)
    bytes.push_back(uint8_t(length >> 8 * byte));
  bytes.insert(bytes.end(), header.begin(), header.end());
  bytes.resize(bytes.size() + dataBytes);
  return bytes;
}

static size_t filesIn(const std::string &path) {
  size_t count = 0;
  DIR *folder = opendir(path.c_str());
  while (dirent *entry = readdir(folder))
    count += entry->d_name[0] != '.';
  closedir(folder);
  return count;
}

class Checkpoint : public testing::Test {
protected:
  TemporaryFolder folder;
  std::string path = folder.file("w.safetensors");

  std::string errorFor(const std::string &header, size_t dataBytes) {
    return errorForBytes(container(header, dataBytes, header.size()));
  }
  std::string errorForBytes(const Bytes &bytes) {
    writeBytes(path, bytes);
    std::string error = errorOf([&] { readSafetensors(path); });
    EXPECT_CONTAINS(error, path);
    return error;
  }
  static Manifest fake(const FakeShape &shape = {}) { return readManifest(makeFakeProgram(shape)); }
};

TEST_F(Checkpoint, safetensorsRoundTrip) {
  const float a[2] = {1, 2}, b[1] = {3};
  writeSafetensors(path, {{"key", "välue \" \n"}},
                   {{"z", {"F32", {2, 1}, reinterpret_cast<const uint8_t *>(a), 8}},
                    {"b", {"F32", {}, reinterpret_cast<const uint8_t *>(b), 4}}});
  Safetensors file = readSafetensors(path);
  EXPECT_EQ(file.metadata.at("key"), "välue \" \n");
  EXPECT_EQ(file.tensors.at("z").shape, (std::vector<uint64_t>{2, 1}));
  EXPECT_EQ(std::memcmp(file.tensors.at("z").data, a, 8), 0);
  EXPECT_EQ(std::memcmp(file.tensors.at("b").data, b, 4), 0);
  EXPECT_EQ(filesIn(folder.path), 1u);
}

TEST_F(Checkpoint, headersThatLie) {
  EXPECT_CONTAINS(errorForBytes({1, 2, 3}), "no safetensors file");
  EXPECT_CONTAINS(errorForBytes(container("{}", 0, ~uint64_t(0))), "promises a header of");
  EXPECT_CONTAINS(errorForBytes(container("{}", 0, 3)), "promises a header of");
  EXPECT_CONTAINS(errorForBytes(container(std::string(17 << 20, ' '), 0, 17 << 20)),
                  "expects a header of at most");
  EXPECT_CONTAINS(errorFor("{", 0), "no JSON object");
  EXPECT_CONTAINS(errorFor("[]", 0), "no JSON object");
  EXPECT_CONTAINS(errorFor(R"({"a":1})", 0), "lacks dtype");
  EXPECT_CONTAINS(errorFor(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}})", 4),
                  "lacks dtype");
  EXPECT_CONTAINS(errorFor(R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", 4),
                  "lacks dtype");
  EXPECT_CONTAINS(errorFor(R"({"a":{"dtype":"F99","shape":[1],"data_offsets":[0,4]}})", 4),
                  "unknown dtype 'F99'");
  EXPECT_CONTAINS(errorFor(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}})", 4),
                  "outside the file");
  EXPECT_CONTAINS(errorFor(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", 4),
                  "outside the file");
  EXPECT_CONTAINS(errorFor(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", 4),
                  "expects 8 bytes for F32 2, but got 4");
  EXPECT_CONTAINS(
      errorFor(R"({"a":{"dtype":"F32","shape":[9223372036854775807,4],"data_offsets":[0,4]}})", 4),
      "impossible shape");
  EXPECT_CONTAINS(errorFor(R"({"__metadata__":{"a":1}})", 0), "is no string");
  EXPECT_CONTAINS(errorFor("{}", 4), "belong to no tensor");
  const std::string a = R"("a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]})";
  EXPECT_CONTAINS(errorFor("{" + a + "," + a + "}", 4), "names 'a' twice");
  EXPECT_CONTAINS(
      errorFor("{" + a + R"(,"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}})", 6),
      "overlap");
  EXPECT_CONTAINS(
      errorFor("{" + a + R"(,"b":{"dtype":"F32","shape":[1],"data_offsets":[5,9]}})", 9), "holes");
  EXPECT_CONTAINS(errorFor(std::string(100000, '['), 0), "nested too deeply");
  std::string objects;
  for (int i = 0; i < 100000; ++i)
    objects += "{\"a\":";
  EXPECT_CONTAINS(errorFor(objects, 0), "nested too deeply");
}

TEST_F(Checkpoint, everyTruncationAndBitFlipIsSurvived) {
  FakeShape shape;
  shape.height = shape.width = 2;
  shape.hidden = 2;
  const Manifest manifest = fake(shape);
  Net net(manifest, 1);
  net.initialize(1);
  saveCheckpoint(path, net, {});
  const std::string whole = readText(path), good = weightsSha256(net);
  for (size_t length = 0; length < whole.size(); length += 3) {
    writeBytes(path, whole.data(), length);
    EXPECT_THROW(loadCheckpoint(path, net), UserError) << length;
  }
  for (size_t at = 0; at < whole.size(); ++at) {
    std::string flipped = whole;
    flipped[at] = char(flipped[at] ^ 1 << at % 8);
    writeText(path, flipped);
    try {
      loadCheckpoint(path, net); // a flip in optimizer state or a free text is a valid file
    } catch (const UserError &) {
    }
    EXPECT_EQ(weightsSha256(net), good) << at;
  }
}

TEST_F(Checkpoint, progressAndBitsComeBack) {
  const Manifest manifest = fake();
  Net net(manifest, 1), other(manifest, 1);
  net.initialize(1);
  for (const Variable &variable : manifest.variables) // optimizer state too
    net.values(variable)[0] += 0.1f;
  saveCheckpoint(path, net, {123, 30, ~uint64_t(0), 32, 60000, 0.001, 12.3456789, 77, 9});
  Progress progress = loadCheckpoint(path, other).progress;
  EXPECT_EQ(progress.step, 123u);
  EXPECT_EQ(progress.seed, ~uint64_t(0));
  EXPECT_EQ(progress.learningRate, 0.001);
  EXPECT_EQ(progress.lossSum, 12.3456789);
  EXPECT_EQ(progress.epochSteps, 9u);
  EXPECT_EQ(std::memcmp(net.block().data(), other.block().data(), manifest.variablesBytes), 0);
}

TEST_F(Checkpoint, anotherNetIsRefusedWithTheDifferences) {
  FakeShape shape;
  {
    const Manifest manifest = fake();
    Net net(manifest, 1);
    saveCheckpoint(path, net, {});
  }
  shape.hidden = 12;
  const Manifest manifest = fake(shape);
  Net net(manifest, 1);
  net.initialize(3);
  const std::string before = weightsSha256(net);
  std::string error = errorOf([&] { loadWeights(path, net); });
  EXPECT_CONTAINS(error, "does not fit net 'fake': 'dense_1.bias' expects shape 12, but got 16");
  EXPECT_CONTAINS(error, "'dense_1.weight' expects shape 784x12, but got 784x16");
  EXPECT_EQ(weightsSha256(net), before);
  EXPECT_CONTAINS(errorOf([&] { loadCheckpoint(path, net); }), "; and ");

  const float one = 1;
  writeSafetensors(path, {}, {{"x", {"F32", {1}, reinterpret_cast<const uint8_t *>(&one), 4}}});
  error = errorOf([&] { loadWeights(path, net); });
  EXPECT_CONTAINS(error, "tensor 'dense_1.bias' is missing");
}

TEST_F(Checkpoint, weightsAloneLoadButDoNotResume) {
  const Manifest manifest = fake();
  Net net(manifest, 1), other(manifest, 1);
  net.initialize(1);
  saveWeights(path, net);
  loadWeights(path, other);
  EXPECT_EQ(weightsSha256(net), weightsSha256(other));
  EXPECT_CONTAINS(errorOf([&] { loadCheckpoint(path, other); }), "cannot be resumed");
  std::string bytes = readText(path);
  bytes[bytes.size() - 2] ^= 4;
  writeText(path, bytes);
  EXPECT_CONTAINS(errorOf([&] { loadWeights(path, other); }), "SHA-256");
  // Another type of the same size.
  bytes = readText(path);
  bytes.replace(bytes.find("\"F32\""), 5, "\"U32\"");
  writeText(path, bytes);
  EXPECT_CONTAINS(errorOf([&] { loadWeights(path, other); }), "expects dtype F32, but got U32");
}

TEST_F(Checkpoint, failedWritesKeepTheOldFile) {
  writeText(path, "old");
  EXPECT_CONTAINS(errorOf([&] { writeAtomically(folder.file("no/such/file"), {}); }),
                  "no such file or directory");
  EXPECT_CONTAINS(errorOf([&] { writeAtomically(path + "/below", {}); }), "not a directory");
  EXPECT_CONTAINS(errorOf([&] { writeAtomically("/proc/weir-test", {}); }),
                  "cannot write '/proc/weir-test'");
  EXPECT_CONTAINS(errorOf([&] { writeAtomically("/dev/full", {}); }), "not a regular file");
  EXPECT_CONTAINS(errorOf([&] { writeAtomically(folder.path, {}); }), "not a regular file");
  EXPECT_EQ(readText(path), "old");
  writeAtomically(path, {{"ne", 2}, {"w", 1}});
  EXPECT_EQ(readText(path), "new");
  EXPECT_EQ(filesIn(folder.path), 1u);
}

TEST_F(Checkpoint, oneWriterAtATime) {
  {
    FileLock lock(path);
    EXPECT_CONTAINS(errorOf([&] { FileLock second(path); }), "another run is writing");
    FileLock other(folder.file("other"));
  }
  FileLock again(path);
  EXPECT_CONTAINS(errorOf([&] { FileLock none(folder.file("no/such")); }), "cannot write");
}

} // namespace weir
