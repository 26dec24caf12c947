//===- SweepStore.cpp - see SweepStore.h ------------------------------------------------------===//

#include "tools/SweepStore.h"
#include "tools/Link.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <cstring>
#include <fcntl.h>
#include <fmt/core.h>
#include <fstream>
#include <sys/file.h>
#include <unistd.h>

using llvm::Error;

namespace weir {

using Json = nlohmann::ordered_json;

static Error failure(const char *what, const std::string &path, int error) {
  return llvm::createStringError(
      fmt::format("cannot {} '{}': {}", what, path, std::strerror(error)));
}

SweepStore::~SweepStore() {
  for (int file : {journal, lockFile})
    if (file >= 0)
      ::close(file);
}

Error SweepStore::lock() {
  const std::string path = folder + "/sweep.lock";
  lockFile = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (lockFile < 0)
    return failure("write", path, errno);
  if (::flock(lockFile, LOCK_EX | LOCK_NB) == 0)
    return Error::success();
  if (errno != EWOULDBLOCK)
    return failure("lock", path, errno);
  return llvm::createStringError("another sweep is running in '" + folder +
                                 "'; wait for it or give another --out");
}

/// What processes that were killed left half-written.
static void removeLeftovers(const std::string &folder, llvm::StringRef mark) {
  std::error_code error;
  std::vector<std::string> found;
  for (llvm::sys::fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error))
    if (llvm::sys::path::filename(entry->path()).contains(mark))
      found.push_back(entry->path());
  for (const std::string &path : found)
    removeQuietly(path);
}

/// The first key in which two descriptions of a sweep differ.
static std::string difference(const Json &a, const Json &b) {
  for (const auto &[key, value] : a.items())
    if (!b.contains(key) || b[key] != value)
      return key;
  return "version";
}

Error SweepStore::open(const Json &wanted, const std::vector<SweepSetting> &wantedSettings) {
  namespace fs = llvm::sys::fs;
  const std::string description = folder + "/sweep.json";
  auto noSweep = [&] {
    return llvm::createStringError("'" + folder +
                                   "' is no sweep's folder; give another --out or remove it");
  };
  if (fs::exists(folder) && !fs::exists(folder + "/sweep.lock")) {
    std::error_code error;
    if (!fs::is_directory(folder) ||
        fs::directory_iterator(folder, error) != fs::directory_iterator())
      return noSweep();
  }
  for (const char *name : {"", "/members", "/programs"})
    if (std::error_code error = fs::create_directories(folder + name))
      return llvm::createStringError("cannot write '" + folder + name + "': " + error.message());
  if (Error error = lock())
    return error;
  identity = wanted;
  settings = wantedSettings;
  if (!fs::exists(description)) {
    if (fs::exists(folder + "/journal.jsonl"))
      return noSweep();
    if (Error error = writeFileAtomically(description, identity.dump(2) + "\n"))
      return error;
  }
  std::ifstream file(description);
  const Json there = Json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (!there.is_object())
    return llvm::createStringError("'" + description + "' is damaged; give another --out");
  if (there != identity)
    return llvm::createStringError("'" + folder + "' holds another sweep (its '" +
                                   difference(identity, there) +
                                   "' is another); give another --out or remove it");
  removeLeftovers(folder + "/members", ".safetensors.");
  removeLeftovers(folder + "/programs", ".");
  return readJournal();
}

// A line that was cut when the sweep was killed is no record; the next one starts a new line.
Error SweepStore::readJournal() {
  const std::string path = folder + "/journal.jsonl";
  {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
      try {
        SweepRecord record = recordFromJournal(Json::parse(line));
        known[record.member.number] = std::move(record);
      } catch (const Json::exception &) {
        continue;
      }
    }
  }
  journal = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (journal < 0)
    return failure("write", path, errno);
  char last = '\n';
  if (const off_t size = ::lseek(journal, 0, SEEK_END);
      size > 0 && ::pread(journal, &last, 1, size - 1) == 1 && last != '\n' &&
      ::write(journal, "\n", 1) != 1)
    return failure("write", path, errno);
  return Error::success();
}

Error SweepStore::add(SweepRecord record) {
  const std::string line = toJournal(record).dump() + "\n";
  if (::write(journal, line.data(), line.size()) != static_cast<ssize_t>(line.size()) ||
      ::fdatasync(journal) != 0)
    return failure("write", folder + "/journal.jsonl", errno);
  known[record.member.number] = std::move(record);
  // Results of many thousand members take a while to write: never more than a twentieth of the
  // time.
  return Clock::now() - written >= 20 * writingTook ? writeResults() : Error::success();
}

Json SweepStore::results() const {
  Json members = Json::array();
  for (const SweepRecord *record : ranked())
    members.push_back(toJson(*record));
  return {{"sweep", identity}, {"results", members}};
}

Error SweepStore::writeResults() {
  const Clock::time_point began = Clock::now();
  std::string table = csvHeader(settings);
  size_t rank = 0;
  for (const SweepRecord *record : ranked())
    table += csvLine(++rank, *record);
  if (Error error = writeFileAtomically(folder + "/results.csv", table))
    return error;
  if (Error error = writeFileAtomically(folder + "/results.json", results().dump(2) + "\n"))
    return error;
  written = Clock::now();
  writingTook = written - began;
  return Error::success();
}

const SweepRecord *SweepStore::find(uint64_t member) const {
  auto found = known.find(member);
  return found == known.end() ? nullptr : &found->second;
}

std::vector<const SweepRecord *> SweepStore::ranked() const {
  std::vector<const SweepRecord *> all;
  for (const auto &entry : known)
    all.push_back(&entry.second);
  llvm::sort(all, [](const SweepRecord *a, const SweepRecord *b) { return ranksBefore(*a, *b); });
  return all;
}

std::string SweepStore::memberPath(uint64_t number) const {
  return fmt::format("{}/members/{:04}", folder, number);
}

std::string SweepStore::programPath(uint64_t program) const {
  return fmt::format("{}/programs/{}", folder, program + 1);
}

void SweepStore::removeMember(uint64_t number) const {
  for (const char *kind : {".safetensors", ".safetensors.lock", ".jsonl", ".log"})
    removeQuietly(memberPath(number) + kind);
}

} // namespace weir
