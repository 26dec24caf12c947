// `train`, `sweep` and `--set`: what the recipe becomes, and what is refused.
#include "Lowered.h"

using namespace weir;
using namespace weir::test;

TEST(Recipe, WritesTheRecipe) {
  std::string text = lowered(net("") + train);
  EXPECT_HAS(text, "batch = 8 : i64");
  EXPECT_HAS(
      text,
      "data = {call = \"images\", deviation = 1.000000e+00 : f64, mean = 0.000000e+00 : "
      "f64, name = \"mnist\", rotate = 0.000000e+00 : f64, scale = 0.000000e+00 : f64, shift = "
      "0.000000e+00 : f64}");
  EXPECT_HAS(text,
             "beta1 = 9.000000e-01 : f64, beta2 = 0.99899999999999999 : f64, call = \"nadam\"");
  EXPECT_HAS(text, "learning_rate = 1.000000e-02 : f64");
  EXPECT_HAS(text, "schedule = {call = \"constant\", warmup = 0 : i64}");
  EXPECT_HAS(text, "seed = 1 : i64");
}

TEST(Recipe, SetReplacesConstantsSettingsAndArguments) {
  std::string source =
      "let classes = 10\nnet n(x: [4, 4, 1]) {\n  return x -> flatten -> dense(classes)\n}\n" +
      train;
  std::string text =
      lowered(source, {.sets = {"classes=7", "batch=16", "optimizer=sgd", "momentum=0.5",
                                "optimizer.learning_rate=1", "data.mean=0.25"},
                       .inferBatches = {}});
  EXPECT_HAS(text, "tensor<16x7xf32>");
  EXPECT_HAS(text, "call = \"sgd\", learning_rate = 1.000000e+00 : f64, momentum = 5.000000e-01");
  EXPECT_HAS(text, "mean = 2.500000e-01");
}

TEST(Recipe, SetErrors) {
  auto set = [](const char *value) {
    return lowered("let classes = 10\n" + net("") + train, {.sets = {value}, .inferBatches = {}});
  };
  EXPECT_EQ(set("clases=7"),
            "--set:1:1: error: there is no constant or setting 'clases' to set; did you "
            "mean 'classes'?\n    clases=7\n    ^~~~~~\n");
  EXPECT_HAS(set("classes"), "--set expects name=value, but got 'classes'");
  EXPECT_HAS(set("classes="), "--set:1:9: error: expects a value");
  EXPECT_HAS(set("batch=0"), "'batch' expects an integer from 1 to 65536, but got 0");
  EXPECT_HAS(set("batch=-1"), "'batch' expects an integer from 1 to 65536, but got -1");
  EXPECT_HAS(set("epochs=-1"), "'epochs' expects an integer from 1 to 1000000, but got -1");
  EXPECT_HAS(set("epochs=0"), "'epochs' expects an integer from 1 to 1000000, but got 0");
  EXPECT_HAS(set("learning_rate=nan"), "--set:1:15: error: 'nan' is not known here");
  EXPECT_HAS(set("learning_rate=0"),
             "'nadam' expects a positive finite number as 'learning_rate', but got 0.0");
  EXPECT_HAS(set("optimizer=nadm"), "there is no optimizer 'nadm'; did you mean 'nadam'?");
  EXPECT_HAS(set("optimizer.beta3=1"), "there is no constant or setting 'optimizer.beta3'");
  EXPECT_HAS(set("beta1=1.5"),
             "'nadam' expects a value from 0 to below 1 for 'beta1', but got 1.5");
}

TEST(Recipe, ChecksTrain) {
  auto with = [](const char *settings) {
    return lowered(net("") + "train {\n" + settings + "\n}\n");
  };
  std::string rest = "data: \"mnist\"\nloss: cross_entropy\n";
  EXPECT_HAS(with("loss: cross_entropy\n"), "'train' expects the setting 'data', but got none");
  EXPECT_HAS(with((rest + "optimizer: adma").c_str()),
             "there is no optimizer 'adma'; did you mean 'adam'?");
  EXPECT_HAS(with((rest + "optimizer: adma").c_str()), "note: known are adadelta, adagrad, adam");
  EXPECT_HAS(with((rest + "optimizer: sgd(momentm: 1)").c_str()),
             "'sgd' has no argument 'momentm'; did you mean 'momentum'?");
  EXPECT_HAS(with((rest + "optimizer: sgd(momentum: 1)").c_str()),
             "t.weir:10:26: error: 'sgd' expects");
  EXPECT_HAS(with((rest + "optimizer: sgd\nbach: 3").c_str()),
             "'train' has no setting 'bach'; did you mean 'batch'?");
  EXPECT_HAS(with((rest + "optimizer: sgd\nbatch: 0.5").c_str()),
             "'batch' expects an integer from 1 to 65536, but got 0.5");
  EXPECT_HAS(with((rest + "optimizer: sgd(learning_rate: -1)").c_str()),
             "expects a positive finite number as 'learning_rate', but got -1.0");
  EXPECT_HAS(with((rest + "optimizer: 3").c_str()),
             "'optimizer' expects a call such as adadelta(…)");
  EXPECT_HAS(with("data: images(\"m\", deviation: 0)\nloss: cross_entropy\noptimizer: sgd"),
             "'images' expects a positive finite number as 'deviation', but got 0.0");
}

TEST(Recipe, ChecksSweep) {
  auto with = [](const char *settings) {
    return lowered("let drop = 0.1\n" + net("") + train + "sweep {\n" + settings + "\n}\n");
  };
  EXPECT_HAS(with("drop: [0.1, 0.2]\nlearning_rate: [1, 2]\noptimizer: [nadam, sgd(momentum: "
                  "0.9)]\nepochs: [1]"),
             "func.func @train_step");
  EXPECT_HAS(with("dorp: [1]"),
             "there is no constant or setting 'dorp' to sweep over; did you mean 'drop'?");
  EXPECT_HAS(with("drop: []"),
             "'sweep' expects a list of one value or more for 'drop', but got an empty list");
  EXPECT_HAS(with("drop: 0.1"),
             "'sweep' expects a list of one value or more for 'drop', but got no list");
  EXPECT_HAS(with("early_stopping: [none, patience(2)]\nclip_norm: [none, 1.0]"),
             "func.func @train_step");
  EXPECT_HAS(with("early_stopping: [patiense(2)]"),
             "there is no early_stopping 'patiense'; did you mean 'patience'?");
  EXPECT_HAS(with("optimizer: [adma]"), "there is no optimizer 'adma'");
}

/// The training step's module with `settings` beside the required ones.
static std::string withSettings(const std::string &settings, std::vector<std::string> sets = {}) {
  return lowered(net("") +
                     "train {\n  data: images(\"mnist\", shift: 2.0, rotate: 10, scale: 0.1)\n"
                     "  loss: cross_entropy(label_smoothing: 0.1)\n  optimizer: sgd\n" +
                     settings + "\n}\n",
                 {.sets = std::move(sets), .inferBatches = {}});
}

TEST(Recipe, CarriesHowTrainingIsBoundedAndStopped) {
  std::string text = withSettings("  clip_norm: 1\n  clip_value: 0.5\n"
                                  "  early_stopping: patience(5)\n  keep: \"best\"");
  EXPECT_HAS(text, "clip_norm = 1.000000e+00 : f64, clip_value = 5.000000e-01 : f64");
  EXPECT_HAS(text, "early_stopping = {call = \"patience\", epochs = 5 : i64}");
  EXPECT_HAS(text, "keep = \"best\"");
  EXPECT_HAS(text, "label_smoothing = 1.000000e-01 : f64");
  EXPECT_HAS(text, "rotate = 1.000000e+01 : f64, scale = 1.000000e-01 : f64, shift = 2.000000e+00");
  // differentiate reads them beside the op.
  EXPECT_HAS(text, "weir.clip_norm = 1.000000e+00 : f64, weir.clip_value = 5.000000e-01 : f64}");
}

TEST(Recipe, BoundsAndStoppingAreOptional) {
  std::string text = withSettings("");
  EXPECT_HAS(text, "keep = \"last\"");
  for (const char *absent : {"clip_norm", "clip_value", "early_stopping"})
    EXPECT_EQ(text.find(absent), std::string::npos) << absent;
  // `none` takes them back, also from the command line.
  text = withSettings("  clip_norm: 1.0\n  clip_value: none\n  early_stopping: patience(5)",
                      {"clip_norm=none", "early_stopping=none"});
  for (const char *absent : {"clip_norm", "clip_value", "early_stopping"})
    EXPECT_EQ(text.find(absent), std::string::npos) << absent;
}

TEST(Recipe, SetReachesAllOfIt) {
  std::string text =
      withSettings("", {"clip_norm=2.0", "early_stopping=patience(3)", "keep=\"best\"", "shift=1",
                        "label_smoothing=0.2", "weight_decay=0.5", "epochs=4"});
  EXPECT_HAS(text, "weir.clip_norm = 2.000000e+00");
  EXPECT_HAS(text, "early_stopping = {call = \"patience\", epochs = 3 : i64}");
  EXPECT_HAS(text, "epochs = 4 : i64, keep = \"best\""); // not patience's argument
  EXPECT_HAS(text, "label_smoothing = 2.000000e-01");
  EXPECT_HAS(text, "shift = 1.000000e+00");
  EXPECT_HAS(text, "weight_decay = 5.000000e-01");
  EXPECT_HAS(withSettings("  early_stopping: patience(3)", {"early_stopping.epochs=7"}),
             "early_stopping = {call = \"patience\", epochs = 7 : i64}");
}

TEST(Recipe, RefusesWhatCannotBe) {
  EXPECT_HAS(withSettings("  clip_norm: 0"), "'clip_norm' expects a positive number, but got 0\n");
  EXPECT_HAS(withSettings("  clip_value: -1.5"),
             "'clip_value' expects a positive number, but got -1.5\n");
  EXPECT_HAS(withSettings("  clip_nrm: 1"),
             "'train' has no setting 'clip_nrm'; did you mean 'clip_norm'?");
  EXPECT_HAS(
      withSettings("  keep: \"bets\""),
      "'keep' expects \"last\" or \"best\", but got the string \"bets\"; did you mean 'best'?");
  EXPECT_HAS(withSettings("  early_stopping: patience(0)"),
             "'patience' expects 1 or more as 'epochs', but got 0");
  EXPECT_HAS(withSettings("  early_stopping: 5"),
             "'early_stopping' expects a call such as patience(…)");
  EXPECT_HAS(withSettings("", {"rotate=181"}),
             "'images' expects an angle from 0 to 180 degrees as 'rotate', but got 181.0");
  EXPECT_HAS(withSettings("", {"scale=1"}),
             "'images' expects a share from 0 to 0.9 as 'scale', but got 1.0");
  EXPECT_HAS(withSettings("", {"shift=-1"}), "as 'shift', but got -1.0");
  EXPECT_HAS(withSettings("", {"label_smoothing=1"}),
             "--set:1:17: error: 'cross_entropy' expects a value from 0 to below 1 for "
             "'label_smoothing', but got 1");
}
