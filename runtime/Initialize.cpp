// Initial values by Philox; see Initialize.h.
#include "runtime/Initialize.h"
#include "runtime/Error.h"
#include "runtime/Random.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace weir {

static constexpr uint64_t chunk = 4096;

// 24 random bits as a float in [0, 1), exactly representable.
static float unit(uint32_t word) { return float(word >> 8) * 0x1p-24f; }

static std::array<uint32_t, 4> words(uint64_t group, uint64_t key) {
  return philox({uint32_t(group), uint32_t(group >> 32), 0x77656967u /* "weig" */, 0}, key);
}

template <typename Fill>
static void forGroups(uint64_t elements, ThreadPool &pool, const Fill &fill) {
  pool.forEach(int((elements + chunk - 1) / chunk), [&](int part, int) {
    uint64_t from = uint64_t(part) * chunk, to = std::min(elements, from + chunk);
    for (uint64_t group = from / 4; group * 4 < to; ++group)
      fill(group, std::min<uint64_t>(4, to - group * 4));
  });
}

static void fillUniform(float *values, uint64_t elements, double limit, uint64_t key,
                        ThreadPool &pool) {
  float scale = float(2 * limit), low = float(-limit);
  forGroups(elements, pool, [&](uint64_t group, uint64_t count) {
    std::array<uint32_t, 4> random = words(group, key);
    for (uint64_t i = 0; i < count; ++i)
      values[group * 4 + i] = low + scale * unit(random[i]);
  });
}

// Box and Muller 1958; 1 - u keeps the logarithm finite.
static void fillNormal(float *values, uint64_t elements, double deviation, uint64_t key,
                       ThreadPool &pool) {
  forGroups(elements, pool, [&](uint64_t group, uint64_t count) {
    std::array<uint32_t, 4> random = words(group, key);
    float normal[4];
    for (int pair = 0; pair < 4; pair += 2) {
      float radius = float(deviation) * std::sqrt(-2.0f * std::log(1.0f - unit(random[pair])));
      float angle = 6.28318531f * unit(random[pair + 1]);
      normal[pair] = radius * std::cos(angle);
      normal[pair + 1] = radius * std::sin(angle);
    }
    std::copy_n(normal, count, values + group * 4);
  });
}

// Rows (or columns, if those are fewer) of a Gaussian matrix made orthonormal by Gram and Schmidt,
// twice for rounding. A convolution's weight [kh, kw, cin, cout] is the matrix [kh * kw * cin,
// cout] that its patches are multiplied by.
static void fillOrthogonal(float *values, const Variable &variable, uint64_t key,
                           ThreadPool &pool) {
  uint64_t columns = variable.shape.empty() ? 1 : variable.shape.back();
  uint64_t rows = columns == 0 ? 0 : variable.elements / columns;
  fillNormal(values, variable.elements, 1.0, key, pool);
  uint64_t count = std::min(rows, columns), length = std::max(rows, columns);
  auto index = [&](uint64_t vector, uint64_t i) {
    return rows < columns ? vector * columns + i : i * columns + vector;
  };
  std::vector<double> vectors(count * length);
  for (uint64_t v = 0; v < count; ++v)
    for (uint64_t i = 0; i < length; ++i)
      vectors[v * length + i] = values[index(v, i)];
  for (uint64_t v = 0; v < count; ++v) {
    double *own = &vectors[v * length];
    for (int pass = 0; pass < 2; ++pass)
      for (uint64_t u = 0; u < v; ++u) {
        const double *other = &vectors[u * length];
        double dot = 0;
        for (uint64_t i = 0; i < length; ++i)
          dot += own[i] * other[i];
        for (uint64_t i = 0; i < length; ++i)
          own[i] -= dot * other[i];
      }
    double norm = 0;
    for (uint64_t i = 0; i < length; ++i)
      norm += own[i] * own[i];
    norm = std::sqrt(norm);
    for (uint64_t i = 0; i < length; ++i) {
      own[i] /= norm;
      values[index(v, i)] = float(own[i]);
    }
  }
}

void initialize(const Variable &variable, uint64_t seed, float *values, ThreadPool &pool) {
  const Initializer &how = variable.initializer;
  const std::string &kind = how.kind;
  uint64_t key = hashName(variable.name) ^ (seed * 0x9E3779B97F4A7C15u);
  double in = std::max(1.0, how.fanIn), out = std::max(1.0, how.fanOut);
  if (kind == "zeros")
    std::fill_n(values, variable.elements, 0.0f);
  else if (kind == "ones")
    std::fill_n(values, variable.elements, 1.0f);
  else if (kind == "constant")
    std::fill_n(values, variable.elements, float(how.value));
  else if (kind == "normal")
    fillNormal(values, variable.elements, how.deviation, key, pool);
  else if (kind == "uniform")
    fillUniform(values, variable.elements, how.limit, key, pool);
  else if (kind == "he_normal")
    fillNormal(values, variable.elements, std::sqrt(2 / in), key, pool);
  else if (kind == "he_uniform")
    fillUniform(values, variable.elements, std::sqrt(6 / in), key, pool);
  else if (kind == "glorot_normal")
    fillNormal(values, variable.elements, std::sqrt(2 / (in + out)), key, pool);
  else if (kind == "glorot_uniform")
    fillUniform(values, variable.elements, std::sqrt(6 / (in + out)), key, pool);
  else if (kind == "lecun_normal")
    fillNormal(values, variable.elements, std::sqrt(1 / in), key, pool);
  else if (kind == "lecun_uniform")
    fillUniform(values, variable.elements, std::sqrt(3 / in), key, pool);
  else if (kind == "pytorch_default")
    fillUniform(values, variable.elements, std::sqrt(1 / in), key, pool);
  else if (kind == "orthogonal")
    fillOrthogonal(values, variable, key, pool);
  else
    failInternally("variable '%s' has the unknown initialiser '%s'", variable.name.c_str(),
                   kind.c_str());
}

} // namespace weir
