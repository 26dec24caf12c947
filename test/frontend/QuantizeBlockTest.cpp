// `quantize`: what the block becomes, and what is refused.
#include "Lowered.h"

using namespace weir;
using namespace weir::test;

static std::string with(const std::string &settings, std::vector<std::string> sets = {}) {
  return lowered(net("") + train + "quantize {\n" + settings + "\n}\n",
                 {.sets = std::move(sets), .inferBatches = {2}});
}

TEST(QuantizeBlock, WritesTheSettings) {
  std::string text =
      with("calibrate: training_images(500, from: 20)\nmethod: percentile(99.9)\nweights: "
           "per_tensor\nequalize: false\nrequire: drop <= 0.3%\nkeep_float: [\"dense_1\"]");
  EXPECT_HAS(text,
             "weir.quantize = {calibrate = {call = \"training_images\", count = 500 : i64, from = "
             "20 : i64}, correct_bias = true, equalize = false, float_layers = 4 : i64, held_out = "
             "{call = "
             "\"test_images\", count = 0 : i64, from = 0 : i64}, keep_float = [\"dense_1\"], "
             "maximum_drop = 3.000000e-03 : f64, method = {call = \"percentile\", percent = "
             "9.990000e+01 : f64}, weights = {call = \"per_tensor\"}}");
}

TEST(QuantizeBlock, HasDefaults) {
  std::string expected =
      "weir.quantize = {calibrate = {call = \"training_images\", count = 1000 : i64, from = 0 : "
      "i64}, correct_bias = true, equalize = true, float_layers = 4 : i64, held_out = {call = "
      "\"test_images\", count = 0 : "
      "i64, from = 0 : i64}, keep_float = [], method = {call = \"percentile\", percent = "
      "99.989999999999994 : f64}, weights = {call = \"per_channel\"}}";
  EXPECT_HAS(with(""), expected);
  EXPECT_HAS(lowered(net("") + train, {.sets = {}, .inferBatches = {2}, .quantize = true}),
             expected);
  EXPECT_EQ(lowered(net("") + train).find("weir.quantize"), std::string::npos);
}

TEST(QuantizeBlock, TrainsAware) {
  EXPECT_HAS(with("aware: true"), "weir.quantize = {aware = true, ");
  EXPECT_HAS(with("aware: 1"), "'aware' expects true or false, but got 1");
}

TEST(QuantizeBlock, IsOverridden) {
  std::string text = with("method: min_max\nrequire: drop <= 1%",
                          {"method=percentile", "percent=99", "calibrate.count=7",
                           "require=drop <= 2%", "keep_float=[\"dense_1\"]"});
  EXPECT_HAS(text, "method = {call = \"percentile\", percent = 9.900000e+01 : f64}");
  EXPECT_HAS(text, "count = 7 : i64");
  EXPECT_HAS(text, "maximum_drop = 2.000000e-02 : f64");
  EXPECT_EQ(with("require: drop <= 1%", {"require=none"}).find("maximum_drop"), std::string::npos);
  EXPECT_HAS(with("", {"count=7"}), "'count' is an argument of 'calibrate' and of 'held_out'; "
                                    "write 'calibrate.count'");
  EXPECT_HAS(with("", {"methd=entropy"}), "did you mean 'method'?");
}

TEST(QuantizeBlock, ChecksItsSettings) {
  EXPECT_HAS(with("methd: entropy"), "'quantize' has no setting 'methd'; did you mean 'method'?");
  EXPECT_EQ(with("method: entropi"),
            "t.weir:16:9: error: there is no method 'entropi'; did you mean 'entropy'?\n"
            "    method: entropi\n            ^~~~~~~\n"
            "note: known are entropy, mean_square, min_max, percentile\n");
  EXPECT_HAS(with("method: percentile(101)"),
             "'percentile' expects a percentage from 50 to 100 as 'percent', but got 101.0");
  EXPECT_HAS(with("weights: 3"), "'weights' expects a call such as per_channel(…)");
  EXPECT_HAS(with("float_layers: -1"),
             "'float_layers' expects a number of layers, 0 or more, but got -1");
  EXPECT_HAS(with("equalize: 1"), "'equalize' expects true or false, but got 1");
  EXPECT_HAS(with("calibrate: test_images"), "'calibrate' expects training_images(…), but got "
                                             "'test_images', which the net is measured on");
  EXPECT_HAS(with("calibrate: training_images(-1)"),
             "'training_images' expects a number of images, or 0 for all, as 'count', but got -1");
}

TEST(QuantizeBlock, KeepsHeldOutImagesApart) {
  EXPECT_HAS(with("held_out: training_images(0, from: 999)"),
             "'held_out' expects other images than 'calibrate', but both have training image 999");
  EXPECT_HAS(with("held_out: training_images(0, from: 999)"),
             "note: 'calibrate' begins with training image 0 where it is not set");
  EXPECT_HAS(with("calibrate: training_images(7)\nheld_out: training_images(7)"),
             "note: 'calibrate' is here");
  EXPECT_HAS(with("held_out: training_images(0, from: 1000)"), "weir.quantize");
  EXPECT_HAS(with("calibrate: training_images(0, from: 5)\nheld_out: training_images(5)"),
             "weir.quantize");
}

TEST(QuantizeBlock, ReadsTheContract) {
  for (const char *wrong : {"0.3%", "drop < 0.3%", "drop >= 0.3%", "loss <= 0.3%", "\"drop\""})
    EXPECT_HAS(with(std::string("require: ") + wrong),
               "'require' expects a limit such as drop <= 0.3%");
  EXPECT_HAS(with("require: drop <= -1%"),
             "'require' expects a drop of the accuracy from 0% to below 100%, but got -0.01");
  EXPECT_HAS(with("require: drop <= \"a\""), "from 0% to below 100%, but got the string \"a\"");
  EXPECT_HAS(with("require: drop <= 0%"), "maximum_drop = 0.000000e+00");
}

TEST(QuantizeBlock, WantsData) {
  EXPECT_HAS(lowered(net("") + "quantize {}\n"), "t.weir:7:1: error: 'quantize' expects a 'train' "
                                                 "block, whose data it works with");
  EXPECT_HAS(lowered(net(""), {.sets = {}, .inferBatches = {2}, .quantize = true}),
             "error: 'quantize' expects a 'train' block");
}

TEST(QuantizeBlock, KnowsTheLayers) {
  EXPECT_EQ(with("keep_float: [\"dense_1\", \"dense_2\"]"),
            "t.weir:16:25: error: the net has no convolution or dense layer 'dense_2'; did you "
            "mean 'dense_1'?\n"
            "    keep_float: [\"dense_1\", \"dense_2\"]\n"
            "                            ^~~~~~~~~\n");
  EXPECT_HAS(with("keep_float: \"dense_1\""), "'keep_float' expects a list of layers such as "
                                              "[\"dense_1\"], but got the string \"dense_1\"");
  EXPECT_HAS(with("keep_float: [1]"), "'keep_float' expects a list of layers");
}
