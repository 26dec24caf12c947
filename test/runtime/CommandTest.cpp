// The commands as a user meets them: real processes, their exit codes, streams and files.
#include "test/runtime/Support.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

namespace weir::test {

using Json = nlohmann::json;

static std::string program(const char *name) {
  return std::string(WEIR_TEST_PROGRAMS) + "/" + name;
}

class Command : public testing::Test {
protected:
  TemporaryFolder folder;
  Start start{folder.path};

  void SetUp() override {
    mkdir(folder.file("data").c_str(), 0777);
    writeDataSet(folder.file("data"), 400, 100);
  }

  Outcome fake(std::vector<std::string> arguments) {
    return other("fake-net", std::move(arguments));
  }
  Outcome other(const char *name, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), program(name));
    return run(arguments, start);
  }
  Outcome train(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"train", "--data", "data"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return fake(arguments);
  }
  // Expects exit 1, one line on stderr and nothing on stdout.
  void refused(const Outcome &run, const std::string &part) {
    EXPECT_EQ(run.code, 1) << run.err;
    EXPECT_EQ(run.err.rfind("error: ", 0), 0u) << run.err;
    EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
    EXPECT_EQ(run.out, "");
    EXPECT_CONTAINS(run.err, part);
  }
  bool exists(const std::string &name) { return access(folder.file(name).c_str(), F_OK) == 0; }
};

TEST_F(Command, trainsAndReports) {
  Outcome result = train({"--epochs", "3", "--json"});
  ASSERT_EQ(result.code, 0) << result.err;
  Json report = Json::parse(result.out);
  ASSERT_EQ(report["epochs"].size(), 3u);
  for (const char *key : {"train_loss", "train_accuracy", "val_loss", "val_accuracy", "seconds"})
    EXPECT_TRUE(report["epochs"][2][key].is_number()) << key;
  EXPECT_EQ(report["epochs"][0]["steps"], 12); // 400 = 12 x 32 + 16
  EXPECT_EQ(report["epochs"][1]["steps"], 13);
  EXPECT_GT(report["epochs"][2]["val_accuracy"], 0.95);
  EXPECT_LT(report["epochs"][2]["val_loss"], report["epochs"][0]["val_loss"]);
  EXPECT_EQ(report["device"], "cpu");
  EXPECT_CONTAINS(report["device_reason"].get<std::string>(),
                  "auto: this program was compiled for cpu");
  EXPECT_EQ(report["seed"], 1);
  EXPECT_EQ(report["weights_sha256"].get<std::string>().size(), 64u);
  EXPECT_TRUE(exists("fake.safetensors"));
  EXPECT_FALSE(exists("fake.safetensors.lock"));
}

TEST_F(Command, plainTrainingSaysWhatHappens) {
  Outcome result = train({"--epochs", "1", "--threads", "1"});
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.err, "");
  EXPECT_CONTAINS(result.out, "initial weights glorot_uniform, he_normal");
  EXPECT_CONTAINS(
      result.out,
      "an epoch is 12 batches and 16 images more; those open the next epoch's first batch, and "
      "the run's last 16 are not used");
  EXPECT_CONTAINS(result.out, "epoch 1/1: loss ");
  EXPECT_CONTAINS(result.out, "weights_sha256 ");
  EXPECT_EQ(result.out.find('\r'), std::string::npos);
}

TEST_F(Command, drawsABarOnATerminal) {
  start.terminal = true;
  Outcome result = train({"--epochs", "2"});
  EXPECT_EQ(result.code, 0);
  EXPECT_CONTAINS(result.err, "\repoch 1/2 [");
  EXPECT_CONTAINS(result.err, " left");
  EXPECT_CONTAINS(result.err, "\r\x1b[K");
}

static std::string shaOf(const Outcome &result) {
  EXPECT_EQ(result.code, 0) << result.err;
  return result.code == 0 ? Json::parse(result.out)["weights_sha256"].get<std::string>() : "";
}

TEST_F(Command, weightsDependOnTheSeedNotOnThreads) {
  const std::string one = shaOf(train({"--threads", "1", "--json"}));
  EXPECT_EQ(shaOf(train({"--threads", "2", "--json"})), one);
  EXPECT_EQ(shaOf(train({"--threads", "7", "--json"})), one);
  EXPECT_NE(shaOf(train({"--seed", "2", "--json"})), one);
}

TEST_F(Command, resumesBitForBit) {
  const std::string whole = shaOf(train({"--epochs", "5", "--json", "--checkpoint", "whole"}));
  shaOf(train({"--epochs", "2", "--json"}));
  Outcome rest = train({"--epochs", "5", "--json", "--resume", "--threads", "1"});
  EXPECT_EQ(shaOf(rest), whole);
  EXPECT_EQ(Json::parse(rest.out)["epochs"].size(), 3u);
  EXPECT_CONTAINS(rest.err, "resuming after step 25, in epoch 3");
  EXPECT_EQ(readText(folder.file("fake.safetensors")), readText(folder.file("whole")));
  Outcome again = train({"--resume"});
  EXPECT_EQ(again.code, 0);
  EXPECT_CONTAINS(again.out, "already has its 5 epochs");
}

TEST_F(Command, interruptSavesAndResumes) {
  for (int signal : {SIGINT, SIGTERM}) {
    start.trigger = "epoch 2/";
    start.during = [signal](int pid) { kill(pid, signal); };
    Outcome result = train({"--epochs", "100000"});
    start.trigger.clear();
    EXPECT_EQ(result.code, 128 + signal);
    EXPECT_CONTAINS(result.out, "continue with: train --resume --checkpoint fake.safetensors");
    const size_t at = result.out.find("interrupted after step ");
    ASSERT_NE(at, std::string::npos) << result.out;
    std::string digits;
    for (char c : result.out.substr(at + 23, 12))
      if (c >= '0' && c <= '9')
        digits += c;
    const std::string epochs = std::to_string(std::stoul(digits) * 32 / 400 + 2);
    const std::string resumed = shaOf(train({"--resume", "--epochs", epochs, "--json"}));
    EXPECT_EQ(resumed, shaOf(train({"--epochs", epochs, "--json", "--checkpoint", "whole"})));
    EXPECT_EQ(readText(folder.file("fake.safetensors")), readText(folder.file("whole")));
  }
}

TEST_F(Command, refusesBadNumbers) {
  refused(train({"--epochs", "0"}), "--epochs expects 1 to 1,000,000, but got 0");
  refused(train({"--epochs", "-3"}), "but got -3");
  refused(train({"--learning-rate", "nan"}),
          "--learning-rate expects a number above 0, but got nan");
  refused(train({"--learning-rate", "-1"}), "but got -1");
  refused(train({"--learning-rate", "inf"}), "but got inf");
  refused(train({"--threads", "0"}), "--threads expects 1 to 256, but got 0");
  refused(train({"--threads", "-2"}), "but got -2");
  refused(train({"--batch", "64"}), "weir compile fake.weir --set batch=64");
  refused(train({"--device", "cuda"}),
          "--device cuda cannot be used: this program was compiled for cpu");
  refused(train({"--device", "abacus"}), "--device expects auto, cpu, cuda or opencl");
  refused(fake({"bench", "--batch", "5"}), "infer_b1: 1, infer_b8: 8, train_step: 32");
  refused(fake({"bench", "--seconds", "0"}), "--seconds expects");
  EXPECT_FALSE(exists("fake.safetensors"));
}

TEST_F(Command, usageErrorsAreTwo) {
  EXPECT_EQ(fake({}).code, 2);
  EXPECT_EQ(fake({"dance"}).code, 2);
  EXPECT_EQ(fake({"train", "--epochs", "many"}).code, 2);
  EXPECT_EQ(fake({"train", "--seed", "-1"}).code, 2);
  EXPECT_EQ(fake({"predict"}).code, 2);
  EXPECT_EQ(fake({"--help"}).code, 0);
  EXPECT_EQ(fake({"train", "--help"}).code, 0);
}

TEST_F(Command, refusesBadData) {
  refused(fake({"train"}), "no data: give --data DIR");
  refused(fake({"train", "--data", "nowhere"}), "'nowhere' which does not exist");
  const std::string images = folder.file("data/t10k-images-idx3-ubyte"), whole = readText(images);
  writeText(images, whole.substr(0, 5000));
  refused(train(), "data/t10k-images-idx3-ubyte' expects 78,416 bytes");
  refused(fake({"eval", "--data", "data"}), "fake.safetensors");
  writeText(images, whole);
  writeDataSet(folder.file("data"), 20, 10);
  refused(train(), "a batch of 32 is larger than the data: 20 training images");
  EXPECT_FALSE(exists("fake.safetensors"));
}

TEST_F(Command, losesNoCheckpointToABadRun) {
  shaOf(train({"--epochs", "1", "--json"}));
  const std::string before = readText(folder.file("fake.safetensors"));
  Outcome result = train({"--learning-rate", "1e30"});
  EXPECT_EQ(result.code, 1);
  EXPECT_CONTAINS(result.err, "error: training stopped: the loss of step ");
  EXPECT_CONTAINS(result.err, " (epoch 1) is ");
  EXPECT_CONTAINS(result.err, "layer 'dense_");
  EXPECT_CONTAINS(result.err, "lower the learning rate (1e+30)");
  EXPECT_CONTAINS(result.err, " [E204]\n");
  EXPECT_EQ(readText(folder.file("fake.safetensors")), before);

  start.fileSizeLimit = 20000; // the disk is full
  refused(fake({"eval", "--weights", "none", "--data", "data"}), "no such file");
  result = train({"--epochs", "1"});
  start.fileSizeLimit = 0;
  EXPECT_EQ(result.code, 1);
  EXPECT_CONTAINS(result.err,
                  "cannot write 'fake.safetensors': file too large; the old file is unchanged");
  EXPECT_EQ(readText(folder.file("fake.safetensors")), before);
  EXPECT_EQ(run({"/bin/ls", folder.path}).out,
            "data\nfake.safetensors\n"); // no temporary file, no lock
}

TEST_F(Command, refusesPlacesItCannotWrite) {
  refused(train({"--checkpoint", "/proc/w.safetensors"}), "cannot write '/proc/w.safetensors'");
  refused(train({"--checkpoint", "no/such/folder/w"}),
          "cannot write 'no/such/folder/w': no such file or directory");
  writeText(folder.file("plain"), "x");
  refused(train({"--checkpoint", "plain/w"}), "not a directory");
}

TEST_F(Command, aSecondWriterIsRefused) {
  std::string second;
  start.trigger = "epoch 1/";
  start.during = [&](int pid) {
    Start inside{folder.path};
    Outcome result = run({program("fake-net"), "train", "--data", "data", "--epochs", "1"}, inside);
    EXPECT_EQ(result.code, 1);
    second = result.err;
    kill(pid, SIGINT);
  };
  EXPECT_EQ(train({"--epochs", "100000"}).code, 130);
  EXPECT_CONTAINS(second, "another run is writing 'fake.safetensors'");
}

TEST_F(Command, refusesToResumeWhatDoesNotFit) {
  refused(train({"--resume"}), "cannot resume: 'fake.safetensors' does not exist");
  shaOf(train({"--epochs", "1", "--json"}));
  refused(train({"--resume", "--seed", "9"}), "was trained with seed 1, but --seed is 9");
  refused(other("fake-other-net",
                {"train", "--data", "data", "--resume", "--checkpoint", "fake.safetensors"}),
          "does not fit net 'other': 'dense_1.bias' expects shape 12, but got 16");
  writeDataSet(folder.file("data"), 300, 100);
  refused(train({"--resume"}), "was trained on 400 images, but the data has 300");
  const std::string bytes = readText(folder.file("fake.safetensors"));
  writeText(folder.file("fake.safetensors"), bytes.substr(0, bytes.size() / 2));
  refused(train({"--resume"}), "is damaged");
}

TEST_F(Command, evaluates) {
  shaOf(train({"--epochs", "3", "--json"}));
  Outcome result = fake({"eval", "--data", "data", "--json"});
  ASSERT_EQ(result.code, 0) << result.err;
  Json report = Json::parse(result.out);
  EXPECT_GT(report["accuracy"], 0.95);
  ASSERT_EQ(report["confusion"].size(), 10u);
  int sum = 0;
  for (const Json &row : report["confusion"])
    for (const Json &cell : row)
      sum += cell.get<int>();
  EXPECT_EQ(sum, 100);
  EXPECT_CONTAINS(fake({"eval", "--data", "data"}).out,
                  "confusion (rows: label, columns: prediction)");
  // Another thread count, the same numbers.
  Json again = Json::parse(fake({"eval", "--data", "data", "--json", "--threads", "3"}).out);
  EXPECT_EQ(again["loss"], report["loss"]);
}

TEST_F(Command, predicts) {
  shaOf(train({"--epochs", "1", "--json"}));
  Bytes grey(40 * 40, 255);
  for (size_t y = 10; y < 30; ++y)
    grey[y * 40 + 20] = 0;
  writeBytes(folder.file("a.png"), png(40, 40, grey));
  Outcome result = fake({"predict", "a.png", "a.png", "--json", "--show"});
  ASSERT_EQ(result.code, 0) << result.err;
  Json list = Json::parse(result.out);
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0]["file"], "a.png");
  EXPECT_TRUE(list[0]["class"].is_number_integer());
  EXPECT_GT(list[0]["probability"], 0.0999);
  EXPECT_CONTAINS(result.err, "@@");

  // The table keeps its head beside the pictures.
  result = fake({"predict", "a.png", "--show"});
  EXPECT_CONTAINS(result.out, "@@");
  EXPECT_CONTAINS(result.out, "file   class  probability\na.png  ");

  const std::string whole = readText(folder.file("a.png"));
  writeText(folder.file("b.png"), whole.substr(0, 20));
  refused(fake({"predict", "b.png"}), "'b.png' is a damaged PNG image");
  writeText(folder.file("b.png"), "no picture");
  result = fake({"predict", "a.png", "b.png", "c.png", "--json"});
  EXPECT_EQ(result.code, 1);
  EXPECT_EQ(result.out, "");
  EXPECT_CONTAINS(result.err, "error: 'b.png' is not a PNG, JPEG or BMP image");
  EXPECT_CONTAINS(result.err, "error: cannot read 'c.png': no such file");
  refused(fake({"predict", "a.png", "--weights", "a.png"}),
          "'a.png' is truncated or no safetensors file");
}

TEST_F(Command, benchmarksAndDescribes) {
  Outcome result = fake({"bench", "--seconds", "0.05", "--json", "--threads", "1"});
  ASSERT_EQ(result.code, 0) << result.err;
  Json report = Json::parse(result.out);
  std::string names;
  for (const Json &entry : report["entries"]) {
    names += entry["name"].get<std::string>() + " ";
    EXPECT_GT(entry["min_ms"], 0);
    EXPECT_GE(entry["median_ms"], entry["min_ms"]);
    for (const Json &kernel : entry["kernels"])
      EXPECT_GE(kernel["median_ms"], kernel["min_ms"]);
  }
  EXPECT_EQ(names, "infer_b1 infer_b8 train_step train_step_with_data ");
  EXPECT_CONTAINS(fake({"bench", "--seconds", "0.05", "--batch", "8"}).out, "infer_b8_all");

  Json info = Json::parse(fake({"info", "--json"}).out);
  EXPECT_EQ(info["trainable_parameters"], 12730);
  EXPECT_EQ(info["total_parameters"], 12730);
  EXPECT_EQ(info["macs"], 12704);
  EXPECT_EQ(info["arena_bytes"], 5376);
  EXPECT_CONTAINS(fake({"info"}).out, "trainable parameters 12,730");
  EXPECT_CONTAINS(fake({"info"}).out, "initial weights glorot_uniform, he_normal");
}

TEST_F(Command, anotherCpuIsASentence) {
  for (const char *command : {"train", "eval", "bench"})
    refused(other("fake-other-cpu", {command}), "this machine's CPU lacks avx9000");
  EXPECT_EQ(other("fake-other-cpu", {"info"}).code, 0);
  Json devices = Json::parse(other("fake-other-cpu", {"devices", "--json"}).out);
  EXPECT_EQ(devices[0]["usable"], false);
  EXPECT_CONTAINS(devices[0]["reason"].get<std::string>(), "avx9000");
  devices = Json::parse(fake({"devices", "--json"}).out);
  EXPECT_EQ(devices[0]["usable"], true);
  EXPECT_EQ(devices[1]["usable"], false);
  EXPECT_CONTAINS(fake({"devices"}).out, "opencl");
}

TEST_F(Command, aNetWithoutATrainBlock) {
  refused(other("fake-infer-only", {"train", "--data", "data"}), "has no train block");
  EXPECT_EQ(other("fake-infer-only", {"bench", "--seconds", "0.01"}).code, 0);
}

TEST_F(Command, realMnistIfPresent) {
  const char *data = std::getenv("WEIR_DATA");
  if (!data || access((std::string(data) + "/mnist").c_str(), F_OK) != 0)
    GTEST_SKIP() << "WEIR_DATA does not name a folder with mnist";
  start.environment = {std::string("WEIR_DATA=") + data};
  Outcome result = fake({"train", "--epochs", "1", "--json"});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_GT(Json::parse(result.out)["epochs"][0]["val_accuracy"], 0.9);
}

} // namespace weir::test
