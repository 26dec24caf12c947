//===- TuneFiles.cpp - see TuneFiles.h -------------------------------------------------------===//

#include "tools/tune/TuneFiles.h"

#include "kernels/TuningDatabase.h"

#include "llvm/Support/FileSystem.h"
#include <fmt/core.h>
#include <memory>
#include <nlohmann/json.hpp>

namespace weir {
namespace {

struct FileOptions {
  std::vector<std::string> files;
  std::string output;
  bool json = false;
};

/// Unlike a compilation, who names a file wants it to be there.
llvm::Expected<TuningDatabase> readExisting(const std::string &path) {
  if (!llvm::sys::fs::exists(path))
    return llvm::createStringError("there is no tuning database '" + path + "'");
  return TuningDatabase::read(path);
}

int merge(const FileOptions &options) {
  TuningDatabase all;
  for (const std::string &file : options.files) {
    auto database = readExisting(file);
    if (!database)
      return fail(database.takeError());
    all.merge(*database);
  }
  auto lock = TuningLock::take(options.output);
  if (!lock)
    return fail(lock.takeError());
  if (llvm::Error error = all.write(options.output))
    return fail(std::move(error));
  fmt::print("{} records in '{}'\n", all.records().size(), options.output);
  return Done;
}

nlohmann::ordered_json toJson(const TuningRecord &record) {
  return {{"name", record.name},
          {"loops", record.loops.text()},
          {"target", record.key.target},
          {"cpu", record.key.cpu},
          {"threads", record.key.threads},
          {"schedule", record.schedule.text()},
          {"default_schedule", record.loops.chosen.text()},
          {"default_us", record.defaultMicroseconds},
          {"tuned_us", record.tunedMicroseconds},
          {"gain", record.gain()},
          {"pairs", record.pairs},
          {"faster", record.faster},
          {"candidates", record.candidates},
          {"failed", record.failed},
          {"time", record.time},
          {"group", record.key.group}};
}

int exportRecords(const FileOptions &options) {
  auto database = readExisting(options.files.front());
  if (!database)
    return fail(database.takeError());
  if (options.json) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const TuningRecord &record : database->records())
      list.push_back(toJson(record));
    fmt::print("{}\n", list.dump(2));
    return Done;
  }
  size_t width = 5, scheduleWidth = 8;
  for (const TuningRecord &record : database->records()) {
    width = std::max(width, record.name.size());
    scheduleWidth =
        std::max({scheduleWidth, record.schedule.text().size(), record.loops.chosen.text().size()});
  }
  fmt::print("{:<{}}  {:>7}  {:<{}}  {:<{}}  {:>10}  {:>10}  {:>6}  {}\n", "group", width,
             "threads", "default", scheduleWidth, "schedule", scheduleWidth, "default us",
             "tuned us", "less", "cpu");
  for (const TuningRecord &record : database->records())
    fmt::print("{:<{}}  {:>7}  {:<{}}  {:<{}}  {:>10.2f}  {:>10.2f}  {:>4.0f} %  {}\n", record.name,
               width, record.key.threads ? std::to_string(record.key.threads) : "-",
               record.loops.chosen.text(), scheduleWidth, record.schedule.text(), scheduleWidth,
               record.defaultMicroseconds, record.tunedMicroseconds, 100 * record.gain(),
               record.key.cpu);
  return Done;
}

} // namespace

void addTuneFileCommands(CLI::App &tune, Action &action) {
  auto merging = std::make_shared<FileOptions>(), exporting = std::make_shared<FileOptions>();
  CLI::App *command = tune.add_subcommand("merge", "the records of several files in one");
  command->add_option("FILES", merging->files, "tuning databases")->required();
  command->add_option("-o", merging->output, "where the result goes")->required();
  command->callback([merging, &action] { action = [merging] { return merge(*merging); }; });
  command = tune.add_subcommand("export", "the records of a file as a table or JSON");
  command->add_option("FILE", exporting->files, "a tuning database")->required()->expected(1);
  command->add_flag("--json", exporting->json, "one JSON document");
  command->callback(
      [exporting, &action] { action = [exporting] { return exportRecords(*exporting); }; });
}

} // namespace weir
