//===- Drawings.cpp - see Drawings.h ---------------------------------------------------------===//

#include "tools/inspect/Drawings.h"

#include "kernels/Cache.h"
#include "tools/inspect/Graphviz.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace weir {
namespace {

/// Longer drawings are left out: nobody would wait for the page.
constexpr unsigned mostSeconds = 60;

/// From the element <svg> on: a page has no use for what stands before it.
std::string elementOf(const std::string &svg) {
  const size_t begin = svg.find("<svg");
  return begin == std::string::npos ? svg : svg.substr(begin);
}

} // namespace

void Drawings::draw(llvm::ArrayRef<std::string> graphs) {
  std::vector<llvm::StringMapEntry<Drawing> *> missing;
  for (const std::string &graph : graphs)
    if (auto [entry, isNew] = drawings.try_emplace(graph); isNew)
      missing.push_back(&*entry);
  const KernelCache cache(cacheDirectory);
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t i; (i = next++) < missing.size();) {
      Drawing &drawing = missing[i]->second;
      const std::string graph = missing[i]->first().str();
      const std::string key = KernelCache::key("dot -Tsvg\n" + graph);
      if (!hasGraphviz()) {
        drawing.reason = "there is no 'dot' here: Debian's package 'graphviz' brings it";
      } else if (std::optional<std::string> known = cache.read(key)) {
        drawing.svg = std::move(*known);
      } else if (auto drawn = drawGraph(graph, "svg", mostSeconds)) {
        drawing.svg = elementOf(*drawn);
        cache.write(key, drawing.svg);
      } else {
        drawing.reason = llvm::toString(drawn.takeError());
      }
    }
  };
  const size_t cores = std::max(1u, std::thread::hardware_concurrency());
  std::vector<std::thread> others;
  for (size_t i = 1; i < std::min(cores, missing.size()); ++i)
    others.emplace_back(work);
  work();
  for (std::thread &other : others)
    other.join();
}

llvm::Expected<std::string> Drawings::find(const std::string &graph) const {
  const auto entry = drawings.find(graph);
  if (entry == drawings.end())
    return llvm::createStringError("it was not asked for");
  if (!entry->second.reason.empty())
    return llvm::createStringError(entry->second.reason);
  return entry->second.svg;
}

} // namespace weir
