//===- TuningTest.cpp - records of tuning: files, locks, exact and near hits ------------------===//

#include "Harness.h"
#include "kernels/Candidates.h"
#include "kernels/Describe.h"
#include "kernels/TuningLookup.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

using namespace weir;
using namespace weir::test;

namespace {

KernelTarget v4() { return *findTarget("x86-64-v4"); }

TuningRecord recordOf(const std::string &group, double gain = 0.2, unsigned threads = 2) {
  TuningRecord record;
  record.key = {group, v4().halide, "cpu", threads};
  record.name = "name of " + group;
  record.loops = matrixFacts({32, 80, 784}, v4(), LargeOperand::Right);
  record.schedule = *Schedule::parse("v16n5m4k56u2");
  record.defaultMicroseconds = 10;
  record.tunedMicroseconds = 10 * (1 - gain);
  record.pairs = 48;
  record.faster = 45;
  record.candidates = 20;
  record.failed = 1;
  record.time = 1'800'000'000;
  return record;
}

std::string errorOf(llvm::Expected<TuningDatabase> database) {
  return database ? "" : llvm::toString(database.takeError());
}

std::string bytesOf(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void writeBytes(const std::string &path, const std::string &bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

/// A module of one product of `batch` rows, and the group in it.
struct Product {
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  KernelOp kernel;
  std::string group;

  Product(int64_t batch, int64_t features, int64_t units, bool relu = false) {
    context.loadDialect<WeirDialect>();
    module = mlir::ModuleOp::create(mlir::UnknownLoc::get(&context));
    mlir::OpBuilder builder = mlir::OpBuilder::atBlockEnd(module->getBody());
    const mlir::Location location = builder.getUnknownLoc();
    const auto type = [&](int64_t rows, int64_t columns) {
      return mlir::RankedTensorType::get({rows, columns}, builder.getF32Type());
    };
    const auto x = type(batch, features), w = type(features, units), y = type(batch, units);
    mlir::Value a = FillOp::create(builder, location, x, builder.getF64FloatAttr(1));
    mlir::Value b = FillOp::create(builder, location, w, builder.getF64FloatAttr(1));
    kernel = KernelOp::create(builder, location, y, mlir::ValueRange{a, b},
                              builder.getStringAttr("dense"), mlir::StringAttr(), mlir::ArrayAttr(),
                              mlir::ArrayAttr());
    mlir::Block &body = kernel.getBody().emplaceBlock();
    mlir::Value left = body.addArgument(x, location), right = body.addArgument(w, location);
    mlir::OpBuilder inside = mlir::OpBuilder::atBlockEnd(&body);
    mlir::Value sum = DenseOp::create(inside, location, y, left, right, mlir::Value(),
                                      builder.getI64IntegerAttr(units));
    if (relu)
      sum = ReluOp::create(inside, location, y, sum);
    YieldOp::create(inside, location, sum);
    group = kernels::describe(kernel);
  }

  TuningMatch match(const TuningDatabase &database, const std::string &cpu = "cpu",
                    unsigned threads = 2) {
    return matchTuning(database, kernel, group, v4(), cpu, threads);
  }
};

} // namespace

TEST(Tuning, FileAndBack) {
  TemporaryFolder folder;
  const std::string path = folder.path + "/a/b/tuning.db";
  TuningDatabase database;
  database.put(recordOf("b"));
  database.put(recordOf("a"));
  database.put(recordOf("a", 0.3)); // in place of the other one
  ASSERT_FALSE(bool(database.write(path)));
  auto back = TuningDatabase::read(path);
  ASSERT_TRUE(bool(back));
  ASSERT_EQ(back->records().size(), 2u);
  const TuningRecord &record = back->records().front(), expected = recordOf("a", 0.3);
  EXPECT_EQ(record.key, expected.key);
  EXPECT_EQ(record.name, expected.name);
  EXPECT_EQ(record.schedule, expected.schedule);
  EXPECT_EQ(record.loops.text(), expected.loops.text());
  EXPECT_EQ(record.loops.chosen, expected.loops.chosen);
  EXPECT_DOUBLE_EQ(record.gain(), expected.gain());
  EXPECT_EQ(record.faster, 45u);
  EXPECT_EQ(record.time, expected.time);
  // Nothing is left beside it, and the same records give the same bytes.
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path + "/a/b"), {}), 1);
  const std::string bytes = bytesOf(path);
  ASSERT_FALSE(bool(back->write(path)));
  EXPECT_EQ(bytesOf(path), bytes);
}

TEST(Tuning, MissingFileIsEmpty) {
  TemporaryFolder folder;
  auto database = TuningDatabase::read(folder.path + "/none");
  ASSERT_TRUE(bool(database));
  EXPECT_TRUE(database->records().empty());
}

TEST(Tuning, TruncationsAndFlippedBitsAreSeen) {
  TemporaryFolder folder;
  const std::string path = folder.path + "/tuning.db";
  TuningDatabase database;
  database.put(recordOf("a"));
  ASSERT_FALSE(bool(database.write(path)));
  const std::string bytes = bytesOf(path);
  for (size_t size = 0; size < bytes.size(); size += size < 20 ? 1 : 11) {
    writeBytes(path, bytes.substr(0, size));
    EXPECT_NE(errorOf(TuningDatabase::read(path)), "") << size;
  }
  for (size_t i = 2; i < bytes.size(); i += 7) { // behind the version
    std::string flipped = bytes;
    flipped[i] = static_cast<char>(flipped[i] ^ 4);
    writeBytes(path, flipped);
    EXPECT_NE(errorOf(TuningDatabase::read(path)), "") << i;
  }
  writeBytes(path, "weir 1\n");
  EXPECT_EQ(errorOf(TuningDatabase::read(path)),
            "tuning database '" + path + "' is truncated, damaged, or none");
}

TEST(Tuning, NewerFormIsRefused) {
  TemporaryFolder folder;
  const std::string path = folder.path + "/tuning.db";
  ASSERT_FALSE(bool(TuningDatabase().write(path)));
  std::string bytes = bytesOf(path);
  ASSERT_EQ(bytes[0], '\x08'); // the field `version`
  bytes[1] = 7;
  writeBytes(path, bytes);
  EXPECT_EQ(errorOf(TuningDatabase::read(path)),
            "tuning database '" + path +
                "' was written by a newer version of weir (its form is 7, this one reads up to 1)");
}

TEST(Tuning, UnwritableFileIsAnError) {
  TemporaryFolder folder;
  writeBytes(folder.path + "/file", "in the way");
  EXPECT_NE(llvm::toString(TuningDatabase().write(folder.path + "/file/tuning.db")), "");
  std::filesystem::create_directory(folder.path + "/tuning.db");
  EXPECT_NE(errorOf(TuningDatabase::read(folder.path + "/tuning.db")), "");
}

TEST(Tuning, OneTunerAtATime) {
  TemporaryFolder folder;
  const std::string path = folder.path + "/tuning.db";
  {
    auto first = TuningLock::take(path);
    ASSERT_TRUE(bool(first));
    auto second = TuningLock::take(path);
    ASSERT_FALSE(bool(second));
    EXPECT_EQ(llvm::toString(second.takeError()),
              "tuning database '" + path +
                  "' is locked by another tuner; wait for it, or name another file with "
                  "--database");
  }
  EXPECT_TRUE(bool(TuningLock::take(path)));
}

TEST(Tuning, MergeKeepsWhatGainedMore) {
  TuningDatabase a, b;
  a.put(recordOf("one", 0.2));
  a.put(recordOf("two", 0.2));
  b.put(recordOf("two", 0.4));
  b.put(recordOf("one", 0.1));
  b.put(recordOf("three", 0.1));
  b.put(recordOf("one", 0.5, /*threads=*/1)); // of another key
  a.merge(b);
  ASSERT_EQ(a.records().size(), 4u);
  const auto gainOf = [&](const std::string &group, unsigned threads = 2) {
    return a.find({group, v4().halide, "cpu", threads})->gain();
  };
  EXPECT_DOUBLE_EQ(gainOf("one"), 0.2);
  EXPECT_DOUBLE_EQ(gainOf("two"), 0.4);
  EXPECT_DOUBLE_EQ(gainOf("three"), 0.1);
  EXPECT_DOUBLE_EQ(gainOf("one", 1), 0.5);
}

TEST(Tuning, ExactNearAndNone) {
  Product tuned(32, 784, 80);
  TuningRecord record = recordOf(tuned.group);
  TuningDatabase database;
  database.put(record);

  const TuningMatch exact = tuned.match(database);
  EXPECT_EQ(exact.kind, TuningMatch::Kind::Exact);
  EXPECT_EQ(exact.schedule, record.schedule);

  const TuningMatch threads = tuned.match(database, "cpu", 1);
  EXPECT_EQ(threads.kind, TuningMatch::Kind::Near);
  EXPECT_EQ(threads.how, "from matrix 80x32x784 at 2 threads");
  EXPECT_EQ(tuned.match(database, "other").how, "from matrix 80x32x784 on cpu");

  // Another batch and other widths: made to fit.
  Product batch(18, 784, 80);
  const TuningMatch near = batch.match(database);
  EXPECT_EQ(near.kind, TuningMatch::Kind::Near);
  EXPECT_EQ(near.schedule.text(), "v16n5m3k56u2");
  EXPECT_EQ(Product(32, 784, 40).match(database).schedule.text(), "v16n3m4k56u2");

  // Too far away, or other ops around the product.
  EXPECT_EQ(Product(12, 784, 80).match(database).kind, TuningMatch::Kind::None);
  EXPECT_EQ(Product(32, 784, 80, /*relu=*/true).match(database).kind, TuningMatch::Kind::None);
  // Of several the nearest.
  Product other(16, 784, 80);
  TuningRecord second = recordOf(other.group);
  second.loops = matrixFacts({16, 80, 784}, v4(), LargeOperand::Right);
  database.put(second);
  EXPECT_EQ(batch.match(database).how, "from matrix 80x16x784");

  // A withdrawn record leaves the group to the model, near ones or not, and is near to nobody.
  TuningDatabase pinned;
  record.schedule = record.loops.chosen;
  record.tunedMicroseconds = record.defaultMicroseconds;
  pinned.put(record);
  EXPECT_EQ(batch.match(pinned).kind, TuningMatch::Kind::None);
  pinned.put(second);
  EXPECT_EQ(tuned.match(pinned).kind, TuningMatch::Kind::None);
  EXPECT_NE(tuned.match(pinned).how, "");

  // What gained little is not carried over, but used where it was measured.
  TuningDatabase small;
  small.put(recordOf(tuned.group, 0.03));
  EXPECT_EQ(tuned.match(small).kind, TuningMatch::Kind::Exact);
  EXPECT_EQ(batch.match(small).kind, TuningMatch::Kind::None);
  EXPECT_EQ(batch.match(TuningDatabase()).kind, TuningMatch::Kind::None);
}

TEST(Tuning, RecordsOfGpus) {
  const KernelTarget opencl = *findTarget("opencl");
  Product tuned(32, 784, 80), batch(48, 784, 80);
  TuningRecord record = recordOf(tuned.group, 0.2, /*threads=*/0);
  record.key.target = opencl.halide;
  record.key.cpu = "a GPU";
  record.loops = matrixFacts({32, 80, 784}, opencl, LargeOperand::Right);
  record.schedule = neighbours(record.loops.chosen, record.loops, opencl, 0).front();
  TuningDatabase database;
  database.put(record);
  const auto match = [&](const Product &product, const KernelTarget &target,
                         const std::string &device) {
    return matchTuning(database, product.kernel, product.group, target, device, 0);
  };
  EXPECT_EQ(match(tuned, opencl, "a GPU").kind, TuningMatch::Kind::Exact);
  EXPECT_EQ(match(tuned, opencl, "a GPU").schedule, record.schedule);
  EXPECT_EQ(match(tuned, opencl, "another").how, "from gpu-matrix 80x32x784 on a GPU");
  EXPECT_EQ(match(batch, opencl, "a GPU").how, "from gpu-matrix 80x32x784");
  EXPECT_EQ(match(tuned, *findTarget("cuda"), "a GPU").kind, TuningMatch::Kind::None);
  EXPECT_EQ(tuned.match(database).kind, TuningMatch::Kind::None);
}

TEST(Tuning, GroupsWithoutScales) {
  EXPECT_EQ(withoutScales("tensor<2x3x!quant.uniform<u8:f32, 0.5:7>> a 0 "
                          "tensor<3x!quant.uniform<i8<-127:127>:f32:0, {0.25,1.5,2.0:1}>>"),
            "tensor<2x3x!quant.uniform<u8:f32>> a 0 "
            "tensor<3x!quant.uniform<i8<-127:127>:f32:0>>");
  EXPECT_EQ(withoutScales("weir.dense tensor<32x784xf32>"), "weir.dense tensor<32x784xf32>");
}

TEST(Tuning, GroupsWithoutExtents) {
  EXPECT_EQ(withoutExtents("weir.dense tensor<32x784xf32> {a = 3 : i32}, tensor<f32>"),
            "weir.dense tensor<xxf32> {a = 3 : i32}, tensor<f32>");
  // Nor does it matter where rows lie.
  EXPECT_EQ(withoutExtents("tensor<4x64xf32> pitch=128\nweir.yield 3 result=1 pitch=96\n"),
            "tensor<xxf32>\nweir.yield 3\n");
}
