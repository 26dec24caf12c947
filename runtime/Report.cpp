// Tables and drawings of a run as HTML; see Report.h.
#include "runtime/Report.h"
#include "runtime/AtomicFile.h"
#include "runtime/Error.h"
#include "runtime/Idx.h"
#include "runtime/Safetensors.h"
#include "runtime/Svg.h"

#include <algorithm>
#include <cstring>
#include <unistd.h>

namespace weir {

using Json = nlohmann::json;
using Number = unsigned long long;

static constexpr const char *firstLines = "<!DOCTYPE html>\n<!-- a report by weir -->\n";

static constexpr const char *style = R"(<style>
:root { --ink: #1c2430; --paper: #ffffff; --faint: #d5dae2; --soft: #5b6675; --first: #1f5fbf;
        --second: #c2500a; --third: #2b7a3d; --on: #ffffff; color-scheme: light dark; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e8ee; --paper: #14181f; --faint: #333c49; --soft: #9aa6b6; --first: #6ea8ff;
          --second: #ffa45c; --third: #6fd08c; --on: #0c0f14; }
}
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
       max-width: 1180px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
table { border-collapse: collapse; } th, td { padding: 0.2rem 0.8rem 0.2rem 0; text-align: left;
       border-bottom: 1px solid var(--faint); vertical-align: top; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; } tr.kept { font-weight: 600; }
.scroll { overflow-x: auto; } .pair { display: flex; flex-wrap: wrap; gap: 1rem; }
.pair svg { flex: 1 1 460px; } .warning { border-left: 4px solid var(--second); padding-left: 0.8rem; }
.soft { color: var(--soft); } code { overflow-wrap: anywhere; }
svg text { fill: var(--ink); font: 12px system-ui, sans-serif; } svg text.head { font-weight: 600; }
svg .grid { stroke: var(--faint); } svg .axis { stroke: var(--soft); }
svg .curve { fill: none; stroke-width: 2; } svg .mark { fill: var(--paper); stroke-width: 2; }
svg .c0 { stroke: var(--first); } svg .c1 { stroke: var(--second); }
svg .curve.c1 { stroke-dasharray: 6 4; } svg .c2 { stroke: var(--third); }
svg .cell { stroke: var(--faint); } svg .right { fill: var(--first); } svg .wrong { fill: var(--second); }
svg text.on { fill: var(--on); }
</style>
)";

void checkReportPath(const std::string &path, const std::string &checkpoint) {
  if (path.empty())
    return;
  if (path == checkpoint)
    fail("--report expects another file than the checkpoint, but got '%s'", path.c_str());
  checkWritable(path);
  if (access(path.c_str(), F_OK) != 0)
    return;
  const Block old = readWholeFile(path, "an old report");
  if (old.size() > 0 && (old.size() < std::strlen(firstLines) ||
                         std::memcmp(old.data(), firstLines, std::strlen(firstLines)) != 0))
    fail("--report '%s' exists and is no report by weir; remove it or choose another name",
         path.c_str());
}

static std::string row(const std::string &head, const std::string &value) {
  return "<tr><th scope=\"row\">" + escaped(head) + "</th><td>" + escaped(value) + "</td></tr>\n";
}

// {"call": "cosine", "warmup": 100} as a person writes it: cosine(warmup: 100).
static std::string settingText(const Json &value) {
  if (value.is_string())
    return value.get<std::string>();
  if (!value.is_object())
    return value.dump();
  std::string list;
  for (const auto &[name, item] : value.items())
    if (name != "call")
      list += (list.empty() ? "" : ", ") + name + ": " + item.dump();
  return value.value("call", "") + (list.empty() ? "" : "(" + list + ")");
}

// What ran: the file's recipe, with what the command line changed.
static std::string recipeTable(const RunFacts &facts) {
  const Progress &progress = facts.progress;
  Json recipe = Json::parse(facts.manifest.recipeText);
  if (recipe.contains("optimizer") && recipe["optimizer"].is_object())
    recipe["optimizer"]["learning_rate"] = progress.learningRate;
  recipe["batch"] = progress.batch;
  recipe["epochs"] = progress.epochs;
  recipe["seed"] = progress.seed;
  recipe["keep"] = progress.keepBest ? "best" : "last";
  recipe.erase("early_stopping");
  if (progress.patience > 0)
    recipe["early_stopping"] = format("patience(%llu)", (Number)progress.patience);
  std::string text = "<table>\n";
  for (const auto &[name, value] : recipe.items())
    text += row(name, settingText(value));
  return text + row("initial weights", initializersOf(facts.manifest)) + "</table>\n";
}

static std::string summaryTable(const RunFacts &facts) {
  const Manifest &manifest = facts.manifest;
  const TrainingResult &result = facts.result;
  std::string text = "<table>\n" + row("model", manifest.source) +
                     row("trainable parameters", withCommas(manifest.trainableParameters)) +
                     row("all parameters", withCommas(manifest.totalParameters)) +
                     row("MACs an image", withCommas(manifest.macs));
  if (result.kept)
    text += row("validation accuracy", format("%.4f", result.kept->accuracy)) +
            row("validation loss", format("%.4f", result.kept->loss));
  if (facts.progress.best.epoch > 0)
    text += row("best epoch", std::to_string(facts.progress.best.epoch));
  text += row("ended", result.interrupted    ? "interrupted, can be resumed"
                       : result.stoppedEarly ? "early: no better epoch for as long as the patience"
                                             : "after all epochs");
  return text + row("seconds", format("%.2f", facts.seconds)) +
         row("device", facts.device.name + " (" + facts.device.reason + ")") +
         row("threads", std::to_string(facts.threads)) +
         row("data", facts.directory + ": " + withCommas(facts.trainingImages) + " training and " +
                         withCommas(facts.testImages) + " test images") +
         row("checkpoint", facts.checkpoint) + row("weights_sha256", facts.weightsSha256) +
         "</table>\n";
}

static std::string warningList(const std::vector<Warning> &warnings) {
  std::string text;
  for (const Warning &warning : warnings) {
    text += "<div class=\"warning\"><p><strong>" + escaped(warning.code) + "</strong> " +
            escaped(warning.source) + ": " + escaped(warning.message) + "</p><ol>\n";
    for (const std::string &cause : warning.causes)
      text += "<li>" + escaped(cause) + "</li>\n";
    text += "</ol></div>\n";
  }
  return warnings.empty() ? "<p>None.</p>\n" : text;
}

static std::string cells(const std::vector<std::string> &values, const char *tag, size_t texts) {
  std::string text;
  for (size_t i = 0; i < values.size(); ++i)
    text += format("<%s%s>", tag, i < texts ? "" : " class=\"n\"") + escaped(values[i]) + "</" +
            tag + ">";
  return text + "</tr>\n";
}

static std::string epochTable(const RunFacts &facts) {
  const Progress &progress = facts.progress;
  std::string text = "<div class=\"scroll\"><table>\n<tr>" +
                     cells({"epoch", "steps", "train loss", "train accuracy", "validation loss",
                            "validation accuracy", "learning rate", "seconds"},
                           "th", 0);
  for (const EpochReport &epoch : facts.result.epochs)
    text +=
        (progress.keepBest && epoch.epoch == progress.best.epoch ? "<tr class=\"kept\">" : "<tr>") +
        cells({std::to_string(epoch.epoch), withCommas(epoch.steps),
               format("%.4f", epoch.trainLoss), format("%.4f", epoch.trainAccuracy),
               format("%.4f", epoch.validationLoss), format("%.4f", epoch.validationAccuracy),
               format("%.3g", epoch.learningRate), format("%.2f", epoch.seconds)},
              "td", 0);
  return text + "</table></div>\n";
}

static std::string curves(const std::vector<EpochReport> &epochs) {
  Chart loss{"Loss", "epoch", "cross-entropy", 1, {{"training", {}}, {"validation", {}}}};
  Chart accuracy{"Accuracy", "epoch", "share of images", 1, {{"training", {}}, {"validation", {}}}};
  for (const EpochReport &epoch : epochs) {
    loss.curves[0].values.push_back(epoch.trainLoss);
    loss.curves[1].values.push_back(epoch.validationLoss);
    accuracy.curves[0].values.push_back(epoch.trainAccuracy);
    accuracy.curves[1].values.push_back(epoch.validationAccuracy);
  }
  if (!epochs.empty())
    loss.first = accuracy.first = epochs.front().epoch;
  return "<div class=\"pair\">\n" + lineChart(loss) + lineChart(accuracy) + "</div>\n";
}

// The commonest wrong answers, for nets with more classes than a drawing shows.
static std::string confusionList(const std::vector<uint64_t> &confusion, uint64_t classes) {
  std::vector<std::pair<uint64_t, uint64_t>> wrong; // count, place
  for (uint64_t i = 0; i < confusion.size(); ++i)
    if (confusion[i] > 0 && i / classes != i % classes)
      wrong.push_back({confusion[i], i});
  std::sort(wrong.rbegin(), wrong.rend());
  wrong.resize(std::min<size_t>(wrong.size(), 20));
  std::string text = "<table>\n<tr>" + cells({"label", "prediction", "images"}, "th", 0);
  for (auto [count, place] : wrong)
    text += "<tr>" + cells({std::to_string(place / classes), std::to_string(place % classes),
                            withCommas(count)},
                           "td", 0);
  return text + "</table>\n";
}

static std::string layerTable(const Manifest &manifest) {
  std::string text = "<div class=\"scroll\"><table>\n<tr>" +
                     cells({"layer", "op", "source", "output", "parameters", "MACs"}, "th", 3);
  for (const Layer &layer : manifest.layers)
    text += "<tr>" + cells({layer.path, layer.op, layer.source, shapeText(layer.outputShape),
                            withCommas(layer.parameters), withCommas(layer.macs)},
                           "td", 3);
  return text + "</table></div>\n";
}

std::string reportPage(const RunFacts &facts) {
  const Manifest &manifest = facts.manifest;
  const std::string title = escaped("Training of " + manifest.net);
  std::string page = std::string(firstLines) +
                     "<html lang=\"en\"><head><meta charset=\"utf-8\">\n<meta name=\"viewport\" "
                     "content=\"width=device-width, initial-scale=1\">\n<title>" +
                     title + "</title>\n" + style + "</head><body>\n<h1>" + title + "</h1>\n";
  page += summaryTable(facts);
  page += "<h2>Recipe</h2>\n" + recipeTable(facts);
  page += "<h2>Warnings</h2>\n" + warningList(facts.result.warnings);
  page += "<h2>Training</h2>\n";
  if (facts.result.epochs.empty())
    page += "<p>No epoch was trained in this run.</p>\n";
  else if (uint64_t before = facts.result.epochs.front().epoch - 1)
    page += format("<p class=\"soft\">Resumed; the %llu epochs before are not shown.</p>\n",
                   (Number)before);
  page += curves(facts.result.epochs) + epochTable(facts);
  if (const std::optional<Evaluation> &kept = facts.result.kept) {
    const uint64_t classes = uint64_t(manifest.classes);
    page += "<h2>Confusion</h2>\n<p class=\"soft\">Test images by label (rows) and prediction "
            "(columns), with the weights that were kept.</p>\n";
    page += classes <= mostShownClasses ? confusionChart(kept->confusion, classes)
                                        : confusionList(kept->confusion, classes);
  }
  return page + "<h2>Layers</h2>\n" + layerTable(manifest) + "</body></html>\n";
}

void writeReport(const std::string &path, const RunFacts &facts) {
  const std::string page = reportPage(facts);
  writeAtomically(path, {{page.data(), page.size()}});
}

} // namespace weir
