// Scans over all variables; see Finite.h.
#include "runtime/Finite.h"
#include "runtime/Error.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace weir {

// Exponent bits all set: infinity or NaN. Whole numbers, so that the compiler makes vector code of
// it.
static uint64_t countNonFinite(const float *values, uint64_t count) {
  uint64_t found = 0;
  for (uint64_t i = 0; i < count; ++i) {
    uint32_t bits;
    std::memcpy(&bits, &values[i], sizeof bits);
    found += (bits & 0x7f800000u) == 0x7f800000u;
  }
  return found;
}

static std::string place(const Net &net, const Variable &variable) {
  const Layer *layer = net.manifest.layerOf(variable);
  if (!layer)
    return format("'%s'", variable.name.c_str());
  return format("'%s' (layer '%s'%s%s)", variable.name.c_str(), layer->path.c_str(),
                layer->source.empty() ? "" : ", ", layer->source.c_str());
}

std::optional<NonFinite> firstNonFinite(const Net &net) {
  std::optional<NonFinite> first;
  const Layer *firstLayer = nullptr;
  for (const Variable &variable : net.manifest.variables) {
    uint64_t count = countNonFinite(net.values(variable), variable.elements);
    if (count == 0)
      continue;
    // Layers lie in one array, so their addresses are in layer order; variables of no layer come
    // last.
    const Layer *layer = net.manifest.layerOf(variable);
    if (first && (!layer || (firstLayer && firstLayer <= layer)))
      continue;
    firstLayer = layer;
    first = NonFinite{&variable,
                      format("%s of %s values of %s are not finite", withCommas(count).c_str(),
                             withCommas(variable.elements).c_str(), place(net, variable).c_str())};
  }
  return first;
}

std::string largestWeight(const Net &net) {
  const Variable *where = nullptr;
  float largest = -1;
  for (const Variable &variable : net.manifest.variables) {
    if (variable.kind != Variable::Kind::Parameter) // a running variance is large by nature
      continue;
    const float *values = net.values(variable);
    for (uint64_t i = 0; i < variable.elements; ++i)
      if (std::fabs(values[i]) > largest) {
        largest = std::fabs(values[i]);
        where = &variable;
      }
  }
  return where
             ? format("the largest weight is %g in %s", double(largest), place(net, *where).c_str())
             : "the net has no weights";
}

} // namespace weir
