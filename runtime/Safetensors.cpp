// Reading and writing safetensors; see Safetensors.h.
#include "runtime/Safetensors.h"
#include "runtime/AtomicFile.h"
#include "runtime/Error.h"
#include "runtime/Idx.h"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

namespace weir {

using Json = nlohmann::json;

static constexpr uint64_t headerLimit = 16u << 20;

std::string shapeText(const std::vector<uint64_t> &shape) {
  std::string text;
  for (uint64_t extent : shape)
    text += (text.empty() ? "" : "x") + std::to_string(extent);
  return shape.empty() ? "scalar" : text;
}

static uint64_t bytesOfType(const std::string &type) {
  static const std::map<std::string, uint64_t> sizes = {
      {"BOOL", 1}, {"U8", 1},  {"I8", 1},  {"F8_E4M3", 1}, {"F8_E5M2", 1},
      {"I16", 2},  {"U16", 2}, {"F16", 2}, {"BF16", 2},    {"I32", 4},
      {"U32", 4},  {"F32", 4}, {"F64", 8}, {"I64", 8},     {"U64", 8}};
  auto found = sizes.find(type);
  return found == sizes.end() ? 0 : found->second;
}

namespace {
// Builds the header's JSON and refuses what a parser would silently accept: a name twice, and
// nesting that no header needs.
class HeaderReader : public nlohmann::detail::json_sax_dom_parser<Json> {
  using Base = nlohmann::detail::json_sax_dom_parser<Json>;

public:
  HeaderReader(Json &result, const std::string &path) : Base(result, false), path(path) {}
  bool start_object(std::size_t size) {
    enter();
    names.emplace_back();
    return Base::start_object(size);
  }
  bool end_object() {
    --depth;
    names.pop_back();
    return Base::end_object();
  }
  bool start_array(std::size_t size) {
    enter();
    return Base::start_array(size);
  }
  bool end_array() {
    --depth;
    return Base::end_array();
  }
  bool key(std::string &name) {
    if (!names.back().insert(name).second)
      fail("'%s' is damaged: its header names '%s' twice", path.c_str(), name.c_str());
    return Base::key(name);
  }

private:
  void enter() {
    if (++depth > 8)
      fail("'%s' is damaged: its header is nested too deeply", path.c_str());
  }
  const std::string &path;
  std::vector<std::set<std::string>> names;
  int depth = 0;
};
} // namespace

static Json parseHeader(const std::string &path, const char *begin, const char *end) {
  Json header;
  HeaderReader reader(header, path);
  bool whole = Json::sax_parse(begin, end, &reader);
  if (!whole || !header.is_object())
    fail("'%s' is damaged: its header is no JSON object", path.c_str());
  return header;
}

static bool readNumbers(const Json &list, std::vector<uint64_t> &numbers) {
  if (!list.is_array())
    return false;
  for (const Json &number : list) {
    if (!number.is_number_unsigned())
      return false;
    numbers.push_back(number.get<uint64_t>());
  }
  return true;
}

static StoredTensor readTensor(const std::string &path, const std::string &name, const Json &json,
                               const uint8_t *data, uint64_t dataBytes) {
  StoredTensor tensor;
  std::vector<uint64_t> offsets;
  if (!json.is_object() || !json.contains("dtype") || !json["dtype"].is_string() ||
      !json.contains("shape") || !readNumbers(json["shape"], tensor.shape) ||
      !json.contains("data_offsets") || !readNumbers(json["data_offsets"], offsets) ||
      offsets.size() != 2)
    fail("'%s' is damaged: tensor '%s' lacks dtype, shape or data_offsets", path.c_str(),
         name.c_str());
  tensor.type = json["dtype"].get<std::string>();
  uint64_t bytes = bytesOfType(tensor.type);
  if (bytes == 0)
    fail("'%s' is damaged: tensor '%s' has the unknown dtype '%s'", path.c_str(), name.c_str(),
         tensor.type.c_str());
  for (uint64_t extent : tensor.shape)
    if (__builtin_mul_overflow(bytes, extent, &bytes))
      fail("'%s' is damaged: tensor '%s' has an impossible shape", path.c_str(), name.c_str());
  if (offsets[0] > offsets[1] || offsets[1] > dataBytes)
    fail("'%s' is damaged: tensor '%s' lies outside the file", path.c_str(), name.c_str());
  if (offsets[1] - offsets[0] != bytes)
    fail("'%s' is damaged: tensor '%s' expects %s bytes for %s %s, but got %s", path.c_str(),
         name.c_str(), withCommas(bytes).c_str(), tensor.type.c_str(),
         shapeText(tensor.shape).c_str(), withCommas(offsets[1] - offsets[0]).c_str());
  tensor.bytes = bytes;
  tensor.data = data + offsets[0];
  return tensor;
}

// The format wants the tensors to cover the data without holes and without overlap.
static void checkCover(const std::string &path, const Safetensors &file, const uint8_t *data,
                       uint64_t dataBytes) {
  std::vector<const StoredTensor *> order;
  for (const auto &[name, tensor] : file.tensors)
    order.push_back(&tensor);
  std::sort(order.begin(), order.end(), [](const StoredTensor *a, const StoredTensor *b) {
    return a->data != b->data ? a->data < b->data : a->bytes < b->bytes;
  });
  const uint8_t *at = data;
  for (const StoredTensor *tensor : order) {
    if (tensor->data != at)
      fail("'%s' is damaged: its tensors overlap or leave holes", path.c_str());
    at += tensor->bytes;
  }
  if (at != data + dataBytes)
    fail("'%s' is damaged: it has bytes that belong to no tensor", path.c_str());
}

Safetensors readSafetensors(const std::string &path) {
  Safetensors result;
  result.file = readWholeFile(path, "a checkpoint");
  const uint64_t size = result.file.size();
  if (size < 8)
    fail("'%s' is no safetensors file: it has %llu bytes", path.c_str(), (unsigned long long)size);
  uint64_t headerBytes = 0;
  for (int byte = 7; byte >= 0; --byte)
    headerBytes = headerBytes << 8 | result.file.data()[byte];
  if (headerBytes > size - 8)
    fail("'%s' is truncated or no safetensors file: it promises a header of %s bytes, but has %s",
         path.c_str(), withCommas(headerBytes).c_str(), withCommas(size - 8).c_str());
  if (headerBytes > headerLimit)
    fail("'%s' expects a header of at most %s bytes, but got %s", path.c_str(),
         withCommas(headerLimit).c_str(), withCommas(headerBytes).c_str());
  const char *text = reinterpret_cast<const char *>(result.file.data()) + 8;
  const Json header = parseHeader(path, text, text + headerBytes);
  const uint8_t *data = result.file.data() + 8 + headerBytes;
  const uint64_t dataBytes = size - 8 - headerBytes;
  for (const auto &[name, value] : header.items()) {
    if (name != "__metadata__") {
      result.tensors.emplace(name, readTensor(path, name, value, data, dataBytes));
      continue;
    }
    if (!value.is_object())
      fail("'%s' is damaged: its __metadata__ is no object", path.c_str());
    for (const auto &[key, text] : value.items()) {
      if (!text.is_string())
        fail("'%s' is damaged: '%s' in its __metadata__ is no string", path.c_str(), key.c_str());
      result.metadata[key] = text.get<std::string>();
    }
  }
  checkCover(path, result, data, dataBytes);
  return result;
}

void writeSafetensors(const std::string &path, const std::map<std::string, std::string> &metadata,
                      const std::map<std::string, StoredTensor> &tensors) {
  Json header = Json::object();
  header["__metadata__"] = metadata;
  uint64_t at = 0;
  for (const auto &[name, tensor] : tensors) {
    header[name] = {
        {"dtype", tensor.type}, {"shape", tensor.shape}, {"data_offsets", {at, at + tensor.bytes}}};
    at += tensor.bytes;
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' '); // the data begins at a multiple of 8
  uint8_t length[8];
  for (int byte = 0; byte < 8; ++byte)
    length[byte] = uint8_t(uint64_t(text.size()) >> 8 * byte);
  std::vector<Piece> pieces = {{length, 8}, {text.data(), text.size()}};
  for (const auto &[name, tensor] : tensors)
    pieces.push_back({tensor.data, tensor.bytes});
  writeAtomically(path, pieces);
}

} // namespace weir
