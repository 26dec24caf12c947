// The report page and its drawings: well formed, self-contained, never over another file.
#include "runtime/Report.h"
#include "runtime/Svg.h"
#include "test/runtime/FakeNet.h"
#include "test/runtime/Support.h"

#include <algorithm>
#include <cmath>
#include <sys/stat.h>
#include <unistd.h>

namespace weir {

using namespace test;

// Every tag is closed in order; returns the first that is not, or "".
static std::string firstUnclosed(const std::string &page) {
  std::vector<std::string> open;
  for (size_t at = page.find('<'); at != std::string::npos; at = page.find('<', at + 1)) {
    const size_t end = page.find('>', at);
    if (end == std::string::npos)
      return page.substr(at, 40);
    const std::string tag = page.substr(at + 1, end - at - 1);
    const std::string name = tag.substr(0, tag.find_first_of(" \n/", 1));
    if (tag[0] == '!' || tag.back() == '/' || name == "meta")
      continue;
    if (tag[0] != '/')
      open.push_back(name);
    else if (open.empty() || "/" + open.back() != tag)
      return tag;
    else
      open.pop_back();
  }
  return open.empty() ? "" : open.back();
}

TEST(Svg, ticksAreRoundAndSpanTheValues) {
  for (auto [low, high] : {std::pair{0.0, 1.0},
                           {0.1968, 0.312},
                           {0.97, 0.9834},
                           {-3.0, 12345.0},
                           {2.3, 2.3},
                           {0.0, 0.0},
                           {1e-9, 2e-9}}) {
    const std::vector<double> ticks = roundTicks(low, high, 7);
    EXPECT_GE(ticks.size(), 2u);
    EXPECT_LE(ticks.size(), 8u);
    EXPECT_LE(ticks.front(), low + 1e-9);
    EXPECT_GE(ticks.back(), high - 1e-9);
    const double step = ticks[1] - ticks[0],
                 digit = step / std::pow(10, std::floor(std::log10(step) + 1e-9));
    EXPECT_TRUE(std::fabs(digit - 1) < 1e-6 || std::fabs(digit - 2) < 1e-6 ||
                std::fabs(digit - 5) < 1e-6)
        << step;
  }
}

TEST(Svg, lineChartsHaveMarksTitlesAndALegend) {
  const Chart chart{
      "Loss", "epoch", "cross-entropy", 3, {{"training", {2, 1, 0.5}}, {"a<b", {2, 1.5, 1}}}};
  const std::string text = lineChart(chart);
  EXPECT_EQ(firstUnclosed(text), "");
  EXPECT_CONTAINS(text, "role=\"img\"");
  EXPECT_CONTAINS(text, "<title>Loss</title>");
  EXPECT_CONTAINS(text, "<title>training, epoch 5: 0.5000</title>");
  EXPECT_CONTAINS(text, ">a&lt;b</text>");
  EXPECT_CONTAINS(text, ">cross-entropy</text>");
  EXPECT_EQ(lineChart({"Loss", "epoch", "y", 1, {{"none", {}}}}), "");
  EXPECT_EQ(lineChart({"Loss", "epoch", "y", 1, {{"one", {NAN}}}}), "");
  EXPECT_EQ(firstUnclosed(lineChart({"Loss", "epoch", "y", 1, {{"one", {1.0}}}})), "");
  EXPECT_EQ(text.find("nan"), std::string::npos);
}

TEST(Svg, confusionIsShadedByShare) {
  const std::string text = confusionChart({8, 2, 0, 5}, 2);
  EXPECT_EQ(firstUnclosed(text), "");
  EXPECT_CONTAINS(text, "<title>label 0, prediction 1: 2 of 10</title>");
  EXPECT_CONTAINS(text, "fill-opacity=\"0.800\"");
  EXPECT_CONTAINS(text, "fill-opacity=\"1.000\"");
  EXPECT_EQ(confusionChart(std::vector<uint64_t>(41 * 41), 41), "") << "too many to draw";
}

class Page : public testing::Test {
protected:
  TemporaryFolder folder;
  void SetUp() override {
    mkdir(folder.file("data").c_str(), 0777);
    writeDataSet(folder.file("data"), 200, 60);
  }
  Outcome train(std::vector<std::string> more) {
    std::vector<std::string> command = {std::string(WEIR_TEST_PROGRAMS) + "/fake-net", "train",
                                        "--data", "data"};
    command.insert(command.end(), more.begin(), more.end());
    return run(command, {folder.path});
  }
};

TEST_F(Page, holdsTheWholeRun) {
  Outcome outcome = train({"--epochs", "3", "--keep", "best", "--report=r.html"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_CONTAINS(outcome.out, "report 'r.html'");
  const std::string page = readText(folder.file("r.html"));
  EXPECT_EQ(page.rfind("<!DOCTYPE html>\n<!-- a report by weir -->\n", 0), 0u);
  EXPECT_EQ(firstUnclosed(page), "");
  for (const char *part :
       {"<h1>Training of fake</h1>", "auto: this program was compiled for cpu",
        "sgd(learning_rate: 0.05, momentum: 0.5)", "<td>dense_1</td>", "fake.weir:4:7",
        "<title>Loss</title>", "<title>Accuracy</title>", "Confusion matrix", "weights_sha256",
        "prefers-color-scheme: dark", "<p>None.</p>", "tr class=\"kept\""})
    EXPECT_CONTAINS(page, part);
  for (const char *outside : {"href=", "src=", "<script", "url("}) // nothing is fetched
    EXPECT_EQ(page.find(outside), std::string::npos) << outside;
  // An older report is replaced, also by that of a run that had nothing to do.
  outcome = train({"--resume", "--report=r.html"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_CONTAINS(readText(folder.file("r.html")), "No epoch was trained in this run.");
  EXPECT_CONTAINS(readText(folder.file("r.html")), "Confusion matrix");
}

TEST_F(Page, showsWarnings) {
  train({"--epochs", "36", "--learning-rate", "1e-9", "--report", "r.html"});
  EXPECT_CONTAINS(readText(folder.file("r.html")), "<strong>W202</strong> fake.weir:");
}

TEST_F(Page, refusesPlacesBeforeTraining) {
  writeText(folder.file("net.weir"), "weir 1\n");
  mkdir(folder.file("folder").c_str(), 0777);
  for (auto [path, message] :
       {std::pair{"no/such/r.html", "cannot write 'no/such/r.html': no such file or directory"},
        {"folder", "cannot write 'folder': it is not a regular file"},
        {"net.weir", "--report 'net.weir' exists and is no report by weir"},
        {"fake.safetensors", "--report expects another file than the checkpoint"}}) {
    Outcome outcome = train({"--report", path});
    EXPECT_EQ(outcome.code, 1);
    EXPECT_CONTAINS(outcome.err, message);
    EXPECT_EQ(outcome.out, "");
  }
  EXPECT_EQ(readText(folder.file("net.weir")), "weir 1\n");
  EXPECT_EQ(run({"/bin/ls", folder.path}).out, "data\nfolder\nnet.weir\n");
}

} // namespace weir
