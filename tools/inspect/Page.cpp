//===- Page.cpp - see Page.h -----------------------------------------------------------------===//

#include "tools/inspect/Page.h"

#include "ir/Builders.h"
#include "passes/MemoryMap.h"
#include "tools/Link.h"
#include "tools/LinkConfig.h"
#include "tools/inspect/Drawings.h"
#include "tools/inspect/KernelCost.h"
#include "tools/inspect/PageFiles.h"
#include "tools/inspect/Pieces.h"
#include "tools/inspect/Roofline.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using Json = nlohmann::ordered_json;

namespace weir {
namespace {

/// Locations of the model as numbers: each is told once.
class Places {
public:
  explicit Places(const std::vector<std::pair<std::string, std::string>> &sources) {
    for (const auto &[name, text] : sources)
      files.push_back(name);
  }

  /// The number of a location; -1 for null and for those that lead to no file.
  int64_t number(LocationAttr location) {
    if (!location)
      return -1;
    const auto [entry, isNew] = numbers.try_emplace(Attribute(location), -1);
    if (!isNew)
      return entry->second;
    FileLineColLoc place;
    std::string path;
    Location(location)->walk([&](Location part) {
      if (auto name = dyn_cast<NameLoc>(part))
        path += (path.empty() ? "" : " + ") + name.getName().str();
      if (!place)
        place = dyn_cast<FileLineColLoc>(part);
      return WalkResult::advance();
    });
    if (!place)
      return -1;
    const auto file = llvm::find(files, place.getFilename().str());
    list.push_back({file == files.end() ? -1 : file - files.begin(), place.getLine(),
                    place.getColumn(), path});
    return entry->second = static_cast<int64_t>(list.size()) - 1;
  }

  const Json &all() const { return list; }

private:
  std::vector<std::string> files;
  llvm::DenseMap<Attribute, int64_t> numbers;
  Json list = Json::array();
};

class PageWriter {
public:
  PageWriter(const PageContents &contents, const std::string &cache)
      : contents(contents), places(contents.sources), drawings(cache) {}

  llvm::Expected<std::string> html() {
    Json index = {{"net", contents.net.net},
                  {"version", config::version},
                  {"passes", passes()},
                  {"remarks", remarks()},
                  {"targets", Json::array()}};
    for (const PageTarget &target : contents.targets)
      index["targets"].push_back(describe(target));
    if (llvm::Error error = addProfile(index))
      return std::move(error);
    index["sources"] = Json::array();
    for (const auto &[name, text] : contents.sources)
      index["sources"].push_back({{"name", name}, {"text", text}});
    index["places"] = places.all();
    return fill(index);
  }

private:
  Json passes() {
    std::vector<std::string> graphs;
    for (const RecordedPass &pass : contents.log.passes())
      for (const auto &drawing : pass.drawings)
        graphs.push_back(drawing.dot);
    drawings.draw(graphs);
    Json list = Json::array();
    for (const RecordedPass &pass : contents.log.passes()) {
      Json drawn = Json::array();
      for (const auto &drawing : pass.drawings) {
        auto svg = drawings.find(drawing.dot);
        Json entry = {{"function", drawing.function}};
        if (svg)
          entry["piece"] = pieces.add(*svg);
        else
          entry["reason"] = llvm::toString(svg.takeError());
        drawn.push_back(entry);
      }
      Json lines = Json::array();
      for (LocationAttr location : pass.lines)
        lines.push_back(places.number(location));
      list.push_back({{"name", pass.name},
                      {"summary", pass.summary},
                      {"phase", pass.phase},
                      {"target", pass.target},
                      {"file", pass.file},
                      {"ms", pass.milliseconds},
                      {"ops", pass.ops},
                      {"kernels", pass.kernels},
                      {"text", pieces.add(pass.text)},
                      {"lines", pieces.add(lines.dump())},
                      {"drawings", drawn}});
    }
    return list;
  }

  /// A piece: the texts, and for each remark the pass, the place, the category, whether something
  /// was not done, the function, and the text's number.
  Json remarks() {
    const auto &passes = contents.log.passes();
    llvm::StringMap<size_t> numbers;
    Json texts = Json::array(), list = Json::array();
    size_t pass = 0;
    for (const auto &[i, entry] : llvm::enumerate(contents.log.remarkLog().all())) {
      while (pass + 1 < passes.size() && passes[pass + 1].firstRemark <= i)
        ++pass;
      const auto [text, isNew] = numbers.try_emplace(entry.text, numbers.size());
      if (isNew)
        texts.push_back(entry.text);
      list.push_back({pass, places.number(entry.location), entry.category, entry.isMissed,
                      entry.function, text->second});
    }
    return {{"piece", pieces.add(Json{{"texts", texts}, {"list", list}}.dump())},
            {"count", list.size()}};
  }

  Json describe(const PageTarget &target) {
    Json groups = Json::array(), functions = Json::array();
    llvm::StringMap<size_t> groupOf;
    for (const CompiledKernel &kernel : target.kernels) {
      groupOf[kernel.symbol] = groups.size();
      groups.push_back({{"symbol", kernel.symbol},
                        {"bytes", kernel.object.size()},
                        {"loops", pieces.add(kernel.loops)},
                        {"assembly", pieces.add(kernel.assembly)}});
    }
    ModuleOp module = target.module;
    for (auto function : module.getOps<func::FuncOp>())
      functions.push_back(describe(function, groupOf, groups));
    std::string memory;
    llvm::raw_string_ostream stream(memory);
    printMemoryMap(module, stream);
    return {{"name", target.target.name},
            {"groups", groups},
            {"functions", functions},
            {"memory", pieces.add(memory)}};
  }

  Json describe(func::FuncOp function, const llvm::StringMap<size_t> &groupOf, Json &groups) {
    Json kernels = Json::array(), buffers = Json::array();
    for (KernelOp kernel : function.getOps<KernelOp>()) {
      const size_t group = groupOf.lookup(kernel.getSymbol().value_or(""));
      const int64_t place = places.number(kernel.getLoc());
      if (!groups[group].contains("place")) { // of the first such kernel
        const KernelCost cost = costOf(kernel);
        groups[group].update({{"place", place},
                              {"operations", cost.operations},
                              {"moved", cost.bytes},
                              {"ops", opsOf(kernel)}});
      }
      kernels.push_back({group, place});
    }
    for (const ArenaBuffer &buffer : arenaBuffers(function))
      buffers.push_back({buffer.offset, buffer.bytes, buffer.first, buffer.last});
    const auto integer = [&](StringRef name) {
      return function->getAttrOfType<IntegerAttr>(name).getInt();
    };
    return {{"name", function.getSymName().str()},
            {"arena", integer("weir.arena_bytes")},
            {"bound", integer("weir.arena_bound")},
            {"kernels", kernels},
            {"buffers", buffers}};
  }

  static Json opsOf(KernelOp kernel) {
    Json ops = Json::array();
    for (Operation &op : kernel.getBody().front().without_terminator()) {
      auto type = dyn_cast<RankedTensorType>(op.getResult(0).getType());
      ops.push_back(op.getName().stripDialect().str() +
                    (type && type.getRank() ? " " + shapeText(type.getShape()) : ""));
    }
    return ops;
  }

  /// Times beside the kernels of the target that was measured, and what the machine could do.
  llvm::Error addProfile(Json &index) {
    if (!contents.profile)
      return llvm::Error::success();
    const Profile &profile = *contents.profile;
    for (auto [target, json] : llvm::zip_equal(contents.targets, index["targets"])) {
      if (target.target.name != profile.target)
        continue;
      ModuleOp module = target.module;
      for (auto [function, entry] :
           llvm::zip_equal(module.getOps<func::FuncOp>(), json["functions"])) {
        auto times = profile.timesOf(function);
        if (!times)
          return times.takeError();
        if (times->empty())
          continue;
        entry["microseconds"] = *times;
        if (target.target.isGpu())
          continue;
        const int64_t block = entry["arena"].get<int64_t>() +
                              module->getAttrOfType<IntegerAttr>("weir.variables_bytes").getInt();
        const Roofline roofline = measureRoofline(block, profile.threads);
        entry["roofline"] = {
            {"gflops", roofline.operations}, {"gbytes", roofline.bytes}, {"block", roofline.block}};
      }
      index["profile"] = {{"file", profile.file},
                          {"threads", profile.threads},
                          {"device", profile.device},
                          {"target", profile.target}};
    }
    return llvm::Error::success();
  }

  std::string fill(const Json &index) const {
    std::string data = index.dump();
    for (size_t at = 0; (at = data.find("</", at)) != std::string::npos;)
      data.replace(at, 2, "<\\/");
    std::string html = page::index;
    const std::pair<StringRef, std::string> parts[] = {{"{{title}}", contents.net.net},
                                                       {"{{style}}", page::style},
                                                       {"{{index}}", data},
                                                       {"{{pieces}}", pieces.html()},
                                                       {"{{script}}", page::script()}};
    for (const auto &[mark, text] : parts)
      if (const size_t at = html.find(mark); at != std::string::npos)
        html.replace(at, mark.size(), text);
    return html;
  }

  const PageContents &contents;
  Places places;
  Drawings drawings;
  Pieces pieces;
};

} // namespace

llvm::Error writePage(const PageContents &contents, const std::string &cacheDirectory) {
  auto html = PageWriter(contents, cacheDirectory).html();
  if (!html)
    return html.takeError();
  return writeFileAtomically(contents.log.folder() + "/index.html", *html);
}

} // namespace weir
