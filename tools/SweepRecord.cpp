//===- SweepRecord.cpp - see SweepRecord.h ----------------------------------------------------===//

#include "tools/SweepRecord.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include <fmt/core.h>
#include <fstream>
#include <limits>
#include <map>

namespace weir {

using Json = nlohmann::ordered_json;

/// A number; NaN, which JSON writes as null, where there is none.
static double numberAt(const Json &json, const char *key) {
  auto found = json.find(key);
  return found != json.end() && found->is_number() ? found->get<double>()
                                                   : std::numeric_limits<double>::quiet_NaN();
}

static EpochResult epochFromJson(const Json &json) {
  return {json.value("epoch", int64_t(0)),  numberAt(json, "train_loss"),
          numberAt(json, "train_accuracy"), numberAt(json, "val_loss"),
          numberAt(json, "val_accuracy"),   numberAt(json, "seconds")};
}

static Json toJson(const EpochResult &epoch) {
  return {{"epoch", epoch.epoch},
          {"train_loss", epoch.trainLoss},
          {"train_accuracy", epoch.trainAccuracy},
          {"val_loss", epoch.validationLoss},
          {"val_accuracy", epoch.validationAccuracy},
          {"seconds", epoch.seconds}};
}

std::vector<EpochResult> readEpochs(const std::string &path) {
  std::map<int64_t, EpochResult> found;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const Json json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object() || !json.contains("epoch") || !json["epoch"].is_number_integer())
      continue; // the result at the end, or a line that is being written
    const EpochResult epoch = epochFromJson(json);
    found[epoch.epoch] = epoch;
  }
  std::vector<EpochResult> epochs;
  for (const auto &[number, epoch] : found) {
    if (number != static_cast<int64_t>(epochs.size()) + 1)
      break;
    epochs.push_back(epoch);
  }
  return epochs;
}

void SweepRecord::setEpochs(const std::vector<EpochResult> &epochs, size_t count) {
  last = best = {};
  seconds = 0;
  for (const EpochResult &epoch : llvm::ArrayRef(epochs).take_front(count)) {
    last = epoch;
    seconds += epoch.seconds;
    if (best.epoch == 0 || epoch.validationAccuracy > best.validationAccuracy)
      best = epoch;
  }
}

const char *statusText(SweepRecord::Status status) {
  constexpr const char *texts[] = {"done", "stopped", "failed"};
  return texts[static_cast<size_t>(status)];
}

bool ranksBefore(const SweepRecord &a, const SweepRecord &b) {
  if (a.status != b.status)
    return a.status < b.status;
  // One that was stopped later was better.
  if (a.status == SweepRecord::Status::Stopped && a.last.epoch != b.last.epoch)
    return a.last.epoch > b.last.epoch;
  const EpochResult &left = a.kept(), &right = b.kept();
  if (left.validationAccuracy != right.validationAccuracy)
    return left.validationAccuracy > right.validationAccuracy;
  if (left.validationLoss != right.validationLoss)
    return left.validationLoss < right.validationLoss;
  return a.member.number < b.member.number;
}

Json toJson(const SweepRecord &record) {
  Json settings = Json::object();
  for (const auto &[name, text] : record.member.values) {
    Json value = Json::parse(text, nullptr, /*allow_exceptions=*/false);
    settings[name] = value.is_discarded() ? Json(text) : value;
  }
  Json json = {{"member", record.member.number},
               {"status", statusText(record.status)},
               {"settings", settings},
               {"epochs", record.last.epoch}};
  if (record.last.epoch > 0)
    json.update({{"val_accuracy", record.last.validationAccuracy},
                 {"val_loss", record.last.validationLoss},
                 {"best_val_accuracy", record.best.validationAccuracy},
                 {"best_val_loss", record.best.validationLoss},
                 {"best_epoch", record.best.epoch},
                 {"train_accuracy", record.last.trainAccuracy},
                 {"train_loss", record.last.trainLoss},
                 {"seconds", record.seconds}});
  json["parameters"] = record.parameters;
  if (record.digits > 0)
    json.update({{"digits_right", record.digitsRight}, {"digits", record.digits}});
  if (record.continues)
    json["continues"] = record.continues;
  if (record.status == SweepRecord::Status::Done)
    json.update({{"weights_of", record.keepsBest ? "best" : "last"},
                 {"weights_sha256", record.weightsSha256},
                 {"weights", record.weights},
                 {"program", record.program}});
  if (!record.message.empty())
    json["message"] = record.message;
  return json;
}

Json toJournal(const SweepRecord &record) {
  Json json = toJson(record);
  Json texts = Json::array();
  for (const auto &value : record.member.values)
    texts.push_back({value.first, value.second});
  json["texts"] = texts;
  json["last"] = toJson(record.last);
  json["best"] = toJson(record.best);
  json["keeps_best"] = record.keepsBest;
  json["trained_epochs"] = record.trainedEpochs;
  return json;
}

SweepRecord recordFromJournal(const Json &json) {
  SweepRecord record;
  record.member.number = json.at("member");
  for (const Json &value : json.at("texts"))
    record.member.values.push_back({value.at(0), value.at(1)});
  record.status = llvm::StringSwitch<SweepRecord::Status>(json.at("status").get<std::string>())
                      .Case("done", SweepRecord::Status::Done)
                      .Case("stopped", SweepRecord::Status::Stopped)
                      .Default(SweepRecord::Status::Failed);
  record.last = epochFromJson(json.at("last"));
  record.best = epochFromJson(json.at("best"));
  record.keepsBest = json.at("keeps_best");
  record.trainedEpochs = json.at("trained_epochs");
  record.continues = json.value("continues", uint64_t(0));
  record.seconds = json.value("seconds", 0.0);
  record.parameters = json.at("parameters");
  record.digitsRight = json.value("digits_right", 0);
  record.digits = json.value("digits", 0);
  record.weightsSha256 = json.value("weights_sha256", "");
  record.program = json.value("program", "");
  record.weights = json.value("weights", "");
  record.message = json.value("message", "");
  return record;
}

static std::string csvField(const std::string &text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos)
    return text;
  std::string quoted = "\"";
  for (char c : text)
    quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

std::string csvHeader(const std::vector<SweepSetting> &settings) {
  std::string line = "rank,member,status";
  for (const SweepSetting &setting : settings)
    line += "," + csvField(setting.name);
  return line + ",epochs_done,val_accuracy,val_loss,best_val_accuracy,best_val_loss,best_epoch,"
                "train_accuracy,train_loss,seconds,parameters,digits_right,digits,weights_of,"
                "weights_sha256,weights,program,message\n";
}

std::string csvLine(size_t rank, const SweepRecord &record) {
  std::string line = fmt::format("{},{},{}", rank, record.member.number, statusText(record.status));
  for (const auto &value : record.member.values)
    line += "," + csvField(value.second);
  const EpochResult &last = record.last, &best = record.best;
  line += fmt::format(",{}", last.epoch);
  line += last.epoch > 0
              ? fmt::format(",{},{},{},{},{},{},{},{:.3f}", last.validationAccuracy,
                            last.validationLoss, best.validationAccuracy, best.validationLoss,
                            best.epoch, last.trainAccuracy, last.trainLoss, record.seconds)
              : ",,,,,,,,";
  line += fmt::format(",{}", record.parameters);
  line += record.digits > 0 ? fmt::format(",{},{}", record.digitsRight, record.digits) : ",,";
  const bool isDone = record.status == SweepRecord::Status::Done;
  line += isDone ? (record.keepsBest ? ",best" : ",last") : ",";
  for (const std::string &text :
       {record.weightsSha256, record.weights, record.program, record.message})
    line += "," + csvField(text);
  return line + "\n";
}

std::string describe(const SweepMember &member, const std::vector<SweepSetting> &settings) {
  std::string text;
  for (const auto &[setting, value] : llvm::zip_equal(settings, member.values))
    if (setting.values.size() > 1)
      text += (text.empty() ? "" : ", ") + value.first + " " + value.second;
  return text;
}

} // namespace weir
