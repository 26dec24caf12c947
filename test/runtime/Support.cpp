// See Support.h.
#include "test/runtime/Support.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <poll.h>
#include <pty.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace weir::test {

TemporaryFolder::TemporaryFolder() {
  const char *base = std::getenv("TMPDIR");
  path = std::string(base && *base ? base : "/tmp") + "/weir-test-XXXXXX";
  if (!mkdtemp(path.data()))
    throw std::runtime_error("cannot make a temporary folder");
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path, ignored);
}

std::string readText(const std::string &path) {
  std::string text;
  if (FILE *file = std::fopen(path.c_str(), "rb")) {
    char buffer[4096];
    for (size_t got; (got = std::fread(buffer, 1, sizeof buffer, file)) > 0;)
      text.append(buffer, got);
    std::fclose(file);
  }
  return text;
}

void writeBytes(const std::string &path, const void *data, size_t size) {
  unlink(path.c_str()); // truncating a file in place makes some file systems wait for the disk
  FILE *file = std::fopen(path.c_str(), "wb");
  ASSERT_NE(file, nullptr) << path;
  EXPECT_EQ(std::fwrite(data, 1, size, file), size);
  std::fclose(file);
}

static void append32(Bytes &bytes, uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8)
    bytes.push_back(uint8_t(value >> shift));
}

Bytes idx(uint32_t magic, const std::vector<uint32_t> &extents, const Bytes &payload) {
  Bytes bytes;
  append32(bytes, magic);
  for (uint32_t extent : extents)
    append32(bytes, extent);
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  return bytes;
}

Bytes learnableImages(uint32_t count, uint32_t seed) {
  Bytes pixels;
  uint32_t state = seed * 2654435761u + 1;
  for (uint32_t i = 0; i < count; ++i)
    for (uint32_t y = 0; y < 28; ++y)
      for (uint32_t x = 0; x < 28; ++x) {
        state = state * 1664525u + 1013904223u;
        uint32_t noise = state >> 26;
        pixels.push_back(uint8_t(y / 2 == i % 10 + 2 ? 180 + noise : noise));
      }
  return pixels;
}

Bytes learnableLabels(uint32_t count) {
  Bytes labels;
  for (uint32_t i = 0; i < count; ++i)
    labels.push_back(uint8_t(i % 10));
  return labels;
}

void writeDataSet(const std::string &folder, uint32_t training, uint32_t test) {
  writeBytes(folder + "/train-images-idx3-ubyte",
             idx(0x803, {training, 28, 28}, learnableImages(training, 1)));
  writeBytes(folder + "/train-labels-idx1-ubyte",
             idx(0x801, {training}, learnableLabels(training)));
  writeBytes(folder + "/t10k-images-idx3-ubyte",
             idx(0x803, {test, 28, 28}, learnableImages(test, 2)));
  writeBytes(folder + "/t10k-labels-idx1-ubyte", idx(0x801, {test}, learnableLabels(test)));
}

static uint32_t crc32(const Bytes &bytes) {
  uint32_t crc = ~0u;
  for (uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit)
      crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
  }
  return ~crc;
}

static void appendChunk(Bytes &file, const char *type, const Bytes &content) {
  append32(file, uint32_t(content.size()));
  Bytes body(type, type + 4);
  body.insert(body.end(), content.begin(), content.end());
  file.insert(file.end(), body.begin(), body.end());
  append32(file, crc32(body));
}

Bytes png(uint32_t width, uint32_t height, const Bytes &grey) {
  Bytes file = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'}, header, packed = {0x78, 1};
  append32(header, width);
  append32(header, height);
  for (uint8_t byte : {8, 0, 0, 0, 0})
    header.push_back(byte);
  appendChunk(file, "IHDR", header);
  uint32_t a = 1, b = 0;
  for (uint32_t y = 0; y * width < grey.size(); ++y) {
    const uint16_t length = uint16_t(width + 1);
    packed.push_back((y + 1) * width >= grey.size());
    for (uint16_t word : {length, uint16_t(~length)})
      packed.push_back(uint8_t(word)), packed.push_back(uint8_t(word >> 8));
    Bytes line = {0};
    line.insert(line.end(), grey.begin() + y * width, grey.begin() + (y + 1) * width);
    for (uint8_t byte : line)
      a = (a + byte) % 65521, b = (b + a) % 65521;
    packed.insert(packed.end(), line.begin(), line.end());
  }
  append32(packed, b << 16 | a);
  appendChunk(file, "IDAT", packed);
  appendChunk(file, "IEND", {});
  return file;
}

[[noreturn]] static void becomeProgram(const std::vector<std::string> &command, const Start &start,
                                       int out, int err) {
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  if (start.fileSizeLimit > 0) {
    rlimit limit{start.fileSizeLimit, start.fileSizeLimit};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  if (chdir(start.folder.c_str()) != 0)
    _exit(126);
  unsetenv("WEIR_DATA");
  for (const std::string &variable : start.environment)
    putenv(const_cast<char *>(variable.c_str()));
  std::vector<char *> arguments;
  for (const std::string &argument : command)
    arguments.push_back(const_cast<char *>(argument.c_str()));
  arguments.push_back(nullptr);
  execv(arguments[0], arguments.data());
  _exit(127);
}

Outcome run(const std::vector<std::string> &command, const Start &start) {
  int out[2], err[2];
  EXPECT_EQ(pipe2(out, O_CLOEXEC), 0);
  if (start.terminal)
    EXPECT_EQ(openpty(&err[0], &err[1], nullptr, nullptr, nullptr), 0);
  else
    EXPECT_EQ(pipe2(err, O_CLOEXEC), 0);
  const pid_t child = fork();
  if (child == 0)
    becomeProgram(command, start, out[1], err[1]);
  close(out[1]);
  close(err[1]);
  Outcome result;
  bool triggered = start.trigger.empty();
  pollfd ends[2] = {{out[0], POLLIN, 0}, {err[0], POLLIN, 0}};
  std::string *texts[2] = {&result.out, &result.err};
  while (ends[0].fd >= 0 || ends[1].fd >= 0) {
    poll(ends, 2, -1);
    for (int i = 0; i < 2; ++i) {
      if (ends[i].fd < 0 || ends[i].revents == 0)
        continue;
      char buffer[4096];
      ssize_t got = read(ends[i].fd, buffer, sizeof buffer);
      if (got > 0) {
        texts[i]->append(buffer, size_t(got));
      } else if (got == 0 || errno != EINTR) {
        close(ends[i].fd);
        ends[i].fd = -1;
      }
    }
    if (!triggered && (result.out + result.err).find(start.trigger) != std::string::npos) {
      triggered = true;
      start.during(child);
    }
  }
  int status = 0;
  waitpid(child, &status, 0);
  result.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

} // namespace weir::test
