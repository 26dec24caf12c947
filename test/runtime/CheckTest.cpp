// PROG check: a net that learns a batch by heart, nets that cannot, and nothing written.
#include "test/runtime/Support.h"

#include <csignal>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

namespace weir::test {

using Json = nlohmann::json;

class Check : public testing::Test {
protected:
  TemporaryFolder folder;
  Start start{folder.path};

  void SetUp() override {
    mkdir(folder.file("data").c_str(), 0777);
    writeDataSet(folder.file("data"), 100, 10);
  }
  Outcome check(std::vector<std::string> more) {
    std::vector<std::string> command = {std::string(WEIR_TEST_PROGRAMS) + "/fake-net", "check",
                                        "--data", "data"};
    command.insert(command.end(), more.begin(), more.end());
    return run(command, start);
  }
};

TEST_F(Check, learnsABatch) {
  Outcome outcome = check({"--json"});
  ASSERT_EQ(outcome.code, 0) << outcome.err << outcome.out;
  Json report = Json::parse(outcome.out);
  EXPECT_EQ(report["learned"], true);
  EXPECT_EQ(report["accuracy"], 1);
  EXPECT_LT(report["loss"], 0.2303);
  EXPECT_GT(report["first_loss"], report["loss"]);
  EXPECT_EQ(report["slow"], false);
  EXPECT_EQ(report["causes"], Json::array());
  EXPECT_EQ(report["warnings"], Json::array());
  // The same steps for any number of threads.
  EXPECT_EQ(Json::parse(check({"--json", "--threads", "3"}).out)["steps"], report["steps"]);
  EXPECT_CONTAINS(check({}).out, "learned 1 batch of 32 images in ");
  EXPECT_CONTAINS(check({"--batches", "3"}).out, "learned 3 batches of 32 images in ");
}

TEST_F(Check, saysWhyNot) {
  Outcome outcome = check({"--learning-rate", "1e-9", "--seconds", "0.3", "--json"});
  EXPECT_EQ(outcome.code, 1);
  Json report = Json::parse(outcome.out);
  EXPECT_EQ(report["learned"], false);
  EXPECT_CONTAINS(report["causes"][0].get<std::string>(),
                  "the learning rate 1e-09 of 'sgd' is too low");
  outcome = check({"--learning-rate", "1e30", "--seconds", "1"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_CONTAINS(outcome.out,
                  "does not learn 1 batch of 32 images: the loss is not finite [E204]");
  EXPECT_CONTAINS(outcome.out, "  1. the learning rate 1e+30 is too high");
}

TEST_F(Check, saysThatItWasSlow) {
  Outcome outcome = check({"--learning-rate", "1e-3", "--seconds", "600"});
  EXPECT_EQ(outcome.code, 0) << outcome.out;
  EXPECT_CONTAINS(outcome.out, "slowly: a recipe that fits needs tens of steps; likely causes:\n"
                               "  1. the learning rate 0.001 of 'sgd' is too low");
}

TEST_F(Check, leavesTheCheckpointAlone) {
  writeText(folder.file("fake.safetensors"), "precious");
  EXPECT_EQ(check({}).code, 0);
  EXPECT_EQ(readText(folder.file("fake.safetensors")), "precious");
  EXPECT_EQ(run({"/bin/ls", folder.path}).out, "data\nfake.safetensors\n");
}

TEST_F(Check, refusesBadNumbers) {
  for (auto [option, value, message] :
       {std::tuple{"--batches", "4", "--batches expects 1 to 3, for the data has 100 images"},
        {"--batches", "0", "but got 0"},
        {"--seconds", "0", "--seconds expects a number above 0"},
        {"--learning-rate", "nan", "--learning-rate expects a number above 0"}}) {
    Outcome outcome = check({option, value});
    EXPECT_EQ(outcome.code, 1);
    EXPECT_CONTAINS(outcome.err, message);
    EXPECT_EQ(outcome.out, "");
  }
  EXPECT_EQ(check({"--resume"}).code, 2);
}

} // namespace weir::test
