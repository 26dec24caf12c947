//===- CalibrationTable.cpp - see CalibrationTable.h -----------------------------------------===//

#include "tools/quantize/CalibrationTable.h"

#include "tools/CalibrationTable.pb.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/SHA256.h"

#include <cmath>
#include <fmt/core.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

namespace weir {

namespace {
constexpr const char *fileKind = "weir calibration table";
constexpr uint32_t tableVersion = 1;
} // namespace

llvm::Error CalibrationTable::chooseRanges(const CalibrationMethod &wanted) {
  method = wanted;
  for (ObservedValue &value : values) {
    // Pixels have bounds and no outliers; MNIST's many background pixels, which are not 0 once
    // normalized, would be all that entropy keeps of an image.
    const CalibrationMethod whole{"min_max", method.percent};
    auto range =
        chooseRange(value.histogram, &value == &values.front() ? whole : method, value.name);
    if (!range)
      return range.takeError();
    value.range = *range;
  }
  return llvm::Error::success();
}

static std::string sha256(llvm::StringRef bytes) {
  const auto hash = llvm::SHA256::hash(llvm::arrayRefFromStringRef(bytes));
  return {hash.begin(), hash.end()};
}

//===------------------------------------------------------------------------------------------===//
// Writing
//===------------------------------------------------------------------------------------------===//

static std::string deterministicBytes(const google::protobuf::MessageLite &message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

static void write(const ObservedValue &value, calibration::Value &message) {
  message.set_name(value.name);
  message.set_low(value.range.low);
  message.set_high(value.range.high);
  message.set_count(value.histogram.count);
  message.set_zeros(value.histogram.zeros);
  message.set_minimum(value.histogram.minimum);
  message.set_maximum(value.histogram.maximum);
  message.set_exponent(value.histogram.exponent);
  message.set_first_bin(value.histogram.firstBin);
  message.mutable_bins()->Add(value.histogram.bins.begin(), value.histogram.bins.end());
  message.mutable_channel_means()->Add(value.channelMeans.begin(), value.channelMeans.end());
}

std::string toBytes(const CalibrationTable &table) {
  calibration::Table message;
  message.set_net(table.net);
  message.set_fingerprint(table.fingerprint);
  message.set_images(table.images);
  message.set_method(table.method.name);
  message.set_percent(table.method.percent);
  for (const ObservedValue &value : table.values)
    write(value, *message.add_values());
  message.set_equalized(table.isEqualized);
  for (const ValueRange &range : table.trained) {
    calibration::Range *written = message.add_trained();
    written->set_low(range.low);
    written->set_high(range.high);
  }
  calibration::File file;
  file.set_kind(fileKind);
  file.set_version(tableVersion);
  file.set_table(deterministicBytes(message));
  file.set_sha256(sha256(file.table()));
  return deterministicBytes(file);
}

//===------------------------------------------------------------------------------------------===//
// Reading
//===------------------------------------------------------------------------------------------===//

static ObservedValue read(const calibration::Value &message) {
  ObservedValue value;
  value.name = message.name();
  value.range = {message.low(), message.high()};
  value.histogram.count = message.count();
  value.histogram.zeros = message.zeros();
  value.histogram.minimum = message.minimum();
  value.histogram.maximum = message.maximum();
  value.histogram.exponent = message.exponent();
  value.histogram.firstBin = message.first_bin();
  value.histogram.bins.assign(message.bins().begin(), message.bins().end());
  value.channelMeans.assign(message.channel_means().begin(), message.channel_means().end());
  return value;
}

llvm::Expected<CalibrationTable> parseCalibrationTable(llvm::StringRef bytes,
                                                       llvm::StringRef path) {
  auto fail = [&](const std::string &what) {
    return llvm::createStringError(fmt::format("'{}' {}", path.str(), what));
  };
  calibration::File file;
  const bool whole = file.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  if (file.kind() != fileKind)
    return fail("is no calibration table");
  if (file.version() > tableVersion)
    return fail(fmt::format("is a calibration table of version {}, but this weir reads version {}; "
                            "remove it to calibrate anew",
                            file.version(), tableVersion));
  calibration::Table message;
  if (!whole || file.version() != tableVersion || file.sha256() != sha256(file.table()) ||
      !message.ParseFromString(file.table()))
    return fail("is a calibration table that is cut off or damaged; remove it to calibrate anew");
  CalibrationTable table{message.net(),
                         message.fingerprint(),
                         message.images(),
                         {message.method(), message.percent()},
                         message.equalized(),
                         {},
                         {}};
  for (const calibration::Range &range : message.trained())
    table.trained.push_back({range.low(), range.high()});
  for (const calibration::Value &value : message.values())
    table.values.push_back(read(value));
  return table;
}

llvm::Error expectSame(const CalibrationTable &table, const CalibrationTable &wanted,
                       llvm::StringRef path) {
  auto fail = [&](const std::string &what) {
    return llvm::createStringError(
        fmt::format("the calibration table '{}' {}; remove it or name another", path.str(), what));
  };
  if (table.net != wanted.net)
    return fail(fmt::format("is of the net '{}', but this is '{}'", table.net, wanted.net));
  if (table.fingerprint != wanted.fingerprint)
    return fail(fmt::format("is of '{}' with other weights or layers", table.net));
  if (table.images != wanted.images)
    return fail(
        fmt::format("was made of {}, but 'calibrate' asks for {}", table.images, wanted.images));
  if (table.isEqualized != wanted.isEqualized)
    return fail(table.isEqualized ? "is of the equalized net, but 'equalize' is false"
                                  : "is of a net that was not equalized, but 'equalize' is true");
  return llvm::Error::success();
}

} // namespace weir
