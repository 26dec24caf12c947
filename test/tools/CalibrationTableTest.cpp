// Calibration tables: what is written is read again, and what is no such table is refused.
#include "tools/quantize/CalibrationTable.h"

#include "tools/CalibrationTable.pb.h"

#include "gtest/gtest.h"

namespace weir {
namespace {

CalibrationTable example() {
  CalibrationTable table{"mlp",
                         "abc",
                         "training_images(count: 3, from: 0) of \"mnist\"",
                         {},
                         true,
                         {},
                         {{-1, 2}, {0, 1}}};
  for (const char *name : {"image", "dense_1"}) {
    ObservedValue value{name, {}, {0.5, -1.25}, {}};
    value.histogram.add({-1.0f, 0.0f, 2.0f, 0.5f});
    table.values.push_back(std::move(value));
  }
  llvm::cantFail(table.chooseRanges({"min_max", 99.99}));
  return table;
}

std::string errorOf(llvm::StringRef bytes) {
  auto table = parseCalibrationTable(bytes, "t.table");
  return table ? "" : llvm::toString(table.takeError());
}

TEST(CalibrationTable, ReadsWhatItWrote) {
  const CalibrationTable table = example();
  auto read = parseCalibrationTable(toBytes(table), "t");
  ASSERT_TRUE(bool(read)) << llvm::toString(read.takeError());
  EXPECT_EQ(read->net, "mlp");
  EXPECT_EQ(read->images, table.images);
  EXPECT_EQ(read->method, table.method);
  EXPECT_TRUE(read->isEqualized);
  ASSERT_EQ(read->trained.size(), 2u);
  EXPECT_EQ(read->trained[0].high, 2);
  ASSERT_EQ(read->values.size(), 2u);
  const ObservedValue &value = read->values[1], &original = table.values[1];
  EXPECT_EQ(value.name, "dense_1");
  EXPECT_EQ(value.channelMeans, original.channelMeans);
  EXPECT_EQ(value.range.low, -1.0);
  EXPECT_EQ(value.range.high, 2.0);
  EXPECT_EQ(value.histogram.bins, original.histogram.bins);
  EXPECT_EQ(value.histogram.zeros, 1u);
  EXPECT_EQ(toBytes(*read), toBytes(table));
  // Another method works on the histograms of the file.
  EXPECT_FALSE(bool(read->chooseRanges({"percentile", 50})));
  EXPECT_LT(read->values[1].range.high, 2.0);
}

TEST(CalibrationTable, RefusesWhatIsNone) {
  const std::string whole = toBytes(example());
  for (size_t size = 0; size < whole.size(); ++size) {
    const std::string error = errorOf(llvm::StringRef(whole).take_front(size));
    EXPECT_TRUE(error == "'t.table' is no calibration table" ||
                error == "'t.table' is a calibration table that is cut off or damaged; remove it "
                         "to calibrate anew")
        << size << error;
  }
  std::string damaged = whole;
  damaged[damaged.size() / 2] ^= 1;
  EXPECT_NE(errorOf(damaged), "");
  EXPECT_EQ(errorOf("weir 1\n"), "'t.table' is no calibration table");
}

TEST(CalibrationTable, RefusesANewerVersion) {
  calibration::File file;
  file.set_kind("weir calibration table");
  file.set_version(2);
  EXPECT_EQ(errorOf(file.SerializeAsString()),
            "'t.table' is a calibration table of version 2, but this weir reads version 1; remove "
            "it to calibrate anew");
}

TEST(CalibrationTable, RefusesThatOfAnother) {
  const CalibrationTable table = example();
  auto errorFor = [&](auto change) {
    CalibrationTable other = example();
    change(other);
    return llvm::toString(expectSame(table, other, "t"));
  };
  EXPECT_EQ(errorFor([](CalibrationTable &) {}), "");
  EXPECT_EQ(errorFor([](CalibrationTable &other) { other.net = "cnn"; }),
            "the calibration table 't' is of the net 'mlp', but this is 'cnn'; remove it or name "
            "another");
  EXPECT_EQ(errorFor([](CalibrationTable &other) { other.fingerprint = "x"; }),
            "the calibration table 't' is of 'mlp' with other weights or layers; remove it or name "
            "another");
  EXPECT_EQ(errorFor([](CalibrationTable &other) { other.isEqualized = false; }),
            "the calibration table 't' is of the equalized net, but 'equalize' is false; remove it "
            "or name another");
  EXPECT_EQ(errorFor([](CalibrationTable &other) { other.images = "test_images"; }),
            "the calibration table 't' was made of training_images(count: 3, from: 0) of "
            "\"mnist\", but 'calibrate' asks for test_images; remove it or name another");
}

} // namespace
} // namespace weir
