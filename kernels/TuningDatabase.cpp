//===- TuningDatabase.cpp - see TuningDatabase.h ---------------------------------------------===//

#include "kernels/TuningDatabase.h"
#include "kernels/Tuning.pb.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SHA256.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/TargetParser/Host.h"
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <tuple>
#include <unistd.h>

using llvm::Error;
using llvm::Expected;
using llvm::StringRef;

namespace weir {
namespace {

/// Of the file's form. Readers refuse what is newer than they are.
constexpr uint32_t fileVersion = 1;

std::string digest(StringRef bytes) {
  const auto hash = llvm::SHA256::hash(llvm::arrayRefFromStringRef(bytes));
  return {hash.begin(), hash.end()};
}

Error damaged(const std::string &path, const llvm::Twine &what) {
  return llvm::createStringError("tuning database '" + path + "' " + what);
}

tuning::Record toMessage(const TuningRecord &record) {
  tuning::Record message;
  tuning::Key &key = *message.mutable_key();
  key.set_group(record.key.group);
  key.set_layout("row_major");
  key.set_target(record.key.target);
  key.set_cpu(record.key.cpu);
  key.set_threads(record.key.threads);
  message.set_name(record.name);
  tuning::Loops &loops = *message.mutable_loops();
  loops.set_template_(templateName(record.loops.kind).str());
  for (const int64_t extent : record.loops.extents)
    loops.add_extent(extent);
  loops.set_inside(record.loops.inside);
  loops.set_terms(record.loops.terms);
  message.set_templates(templatesVersion);
  message.set_schedule(record.schedule.text());
  message.set_default_schedule(record.loops.chosen.text());
  message.set_default_us(record.defaultMicroseconds);
  message.set_tuned_us(record.tunedMicroseconds);
  message.set_pairs(record.pairs);
  message.set_faster(record.faster);
  message.set_candidates(record.candidates);
  message.set_failed(record.failed);
  message.set_time(record.time);
  return message;
}

Expected<TuningRecord> fromMessage(const tuning::Record &message) {
  TuningRecord record;
  record.key = {message.key().group(), message.key().target(), message.key().cpu(),
                message.key().threads()};
  record.name = message.name();
  const std::optional<LoopFacts::Template> kind = findTemplate(message.loops().template_());
  if (!kind)
    return llvm::createStringError("has a template called '" + message.loops().template_() + "'");
  record.loops.kind = *kind;
  record.loops.extents.assign(message.loops().extent().begin(), message.loops().extent().end());
  record.loops.inside = message.loops().inside();
  record.loops.terms = message.loops().terms();
  Expected<Schedule> schedule = Schedule::parse(message.schedule()),
                     chosen = Schedule::parse(message.default_schedule());
  if (!schedule || !chosen)
    return llvm::joinErrors(schedule.takeError(), chosen.takeError());
  record.schedule = *schedule;
  record.loops.chosen = *chosen;
  record.defaultMicroseconds = message.default_us();
  record.tunedMicroseconds = message.tuned_us();
  record.pairs = message.pairs();
  record.faster = message.faster();
  record.candidates = message.candidates();
  record.failed = message.failed();
  record.time = message.time();
  return record;
}

auto order(const TuningRecord &record) {
  return std::tie(record.name, record.key.group, record.key.target, record.key.cpu,
                  record.key.threads);
}

bool comesBefore(const TuningRecord &a, const TuningRecord &b) { return order(a) < order(b); }

} // namespace

Expected<TuningDatabase> TuningDatabase::read(const std::string &path) {
  TuningDatabase database;
  if (llvm::sys::fs::exists(path) && !llvm::sys::fs::is_regular_file(path))
    return damaged(path, "is no regular file");
  auto file = llvm::MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!file) {
    if (file.getError() == std::errc::no_such_file_or_directory)
      return database;
    return damaged(path, "cannot be read: " + file.getError().message());
  }
  const StringRef bytes = (*file)->getBuffer();
  tuning::File whole;
  if (!whole.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) || whole.version() == 0)
    return damaged(path, "is truncated, damaged, or none");
  if (whole.version() > fileVersion)
    return damaged(path, "was written by a newer version of weir (its form is " +
                             llvm::Twine(whole.version()) + ", this one reads up to " +
                             llvm::Twine(fileVersion) + ")");
  tuning::Records records;
  if (whole.sha256() != digest(whole.records()) || !records.ParseFromString(whole.records()))
    return damaged(path, "is truncated or damaged");
  for (const tuning::Record &message : records.record()) {
    if (message.templates() != templatesVersion)
      continue; // its numbers mean something else now
    Expected<TuningRecord> record = fromMessage(message);
    if (!record)
      return damaged(path, llvm::toString(record.takeError()));
    database.put(std::move(*record));
  }
  return database;
}

Error TuningDatabase::write(const std::string &path) const {
  tuning::Records records;
  for (const TuningRecord &record : all)
    *records.add_record() = toMessage(record);
  tuning::File whole;
  whole.set_version(fileVersion);
  whole.set_records(records.SerializeAsString());
  whole.set_sha256(digest(whole.records()));
  const auto failed = [&](std::error_code error) {
    return llvm::createStringError("cannot write '" + path + "': " + error.message());
  };
  if (const StringRef folder = llvm::sys::path::parent_path(path); !folder.empty())
    if (std::error_code error = llvm::sys::fs::create_directories(folder))
      return failed(error);
  Expected<llvm::sys::fs::TempFile> file =
      llvm::sys::fs::TempFile::create(path + "-%%%%%%%%.tmp", 0666);
  if (!file)
    return failed(llvm::errorToErrorCode(file.takeError()));
  llvm::raw_fd_ostream stream(file->FD, /*shouldClose=*/false);
  stream << whole.SerializeAsString();
  stream.flush();
  const std::error_code error = stream.error();
  stream.clear_error();
  if (error) {
    llvm::consumeError(file->discard());
    return failed(error);
  }
  if (Error problem = file->keep(path))
    return llvm::createStringError("cannot write '" + path +
                                   "': " + llvm::toString(std::move(problem)));
  return Error::success();
}

const TuningRecord *TuningDatabase::find(const TuningKey &key) const {
  const auto found =
      llvm::find_if(all, [&](const TuningRecord &record) { return record.key == key; });
  return found == all.end() ? nullptr : &*found;
}

void TuningDatabase::put(TuningRecord record) {
  llvm::erase_if(all, [&](const TuningRecord &other) { return other.key == record.key; });
  all.insert(llvm::upper_bound(all, record, comesBefore), std::move(record));
}

void TuningDatabase::merge(const TuningDatabase &other) {
  for (const TuningRecord &record : other.all) {
    const TuningRecord *own = find(record.key);
    if (!own || std::pair(record.gain(), record.time) > std::pair(own->gain(), own->time))
      put(record);
  }
}

Expected<TuningLock> TuningLock::take(const std::string &path) {
  const std::string lock = path + ".lock";
  if (const StringRef folder = llvm::sys::path::parent_path(path); !folder.empty())
    if (std::error_code error = llvm::sys::fs::create_directories(folder))
      return llvm::createStringError("cannot write '" + path + "': " + error.message());
  const int file = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (file < 0)
    return llvm::createStringError("cannot write '" + lock + "': " + std::strerror(errno));
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    const int error = errno;
    ::close(file);
    if (error == EWOULDBLOCK)
      return llvm::createStringError("tuning database '" + path +
                                     "' is locked by another tuner; wait for it, or name another "
                                     "file with --database");
    return llvm::createStringError("cannot lock '" + lock + "': " + std::strerror(error));
  }
  return TuningLock(file);
}

TuningLock::TuningLock(TuningLock &&other) noexcept : file(std::exchange(other.file, -1)) {}

TuningLock::~TuningLock() {
  if (file >= 0)
    ::close(file);
}

std::string defaultTuningPath(const std::string &cacheFolder) {
  const char *named = std::getenv("WEIR_TUNING");
  if (named && *named)
    return named;
  return cacheFolder.empty() ? "" : cacheFolder + "/tuning.db";
}

std::string cpuName() {
  if (auto info = llvm::MemoryBuffer::getFileAsStream("/proc/cpuinfo")) {
    llvm::SmallVector<StringRef> lines;
    (*info)->getBuffer().split(lines, '\n');
    for (StringRef line : lines)
      if (line.consume_front("model name"))
        return line.ltrim(" \t:").rtrim().str();
  }
  return llvm::sys::getHostCPUName().str();
}

} // namespace weir
