// Layers of images in the language: forms of kernels and padding, lists of tensors, statistics,
// initialisers, and what is refused.
#include "Lowered.h"

using namespace weir;
using namespace weir::test;

/// A net of images of 8x8x4 around `body`, which leaves its result in `x`.
static std::string images(const std::string &body) {
  return "net n(image: [8, 8, 4]) {\n  x = image\n  " + body +
         "\n  return x -> global_avg_pool2d -> dense(3)\n}\n";
}

TEST(ImageLayers, SizesAreNumbersOrLists) {
  std::string text = lowered(images("x = conv2d(x, 6, 3, stride: [2, 1], padding: 1)"));
  EXPECT_HAS(text, "kernel = array<i64: 3>");
  EXPECT_HAS(text, "stride = array<i64: 2, 1>");
  EXPECT_HAS(text, "padding = array<i64: 1>");
  EXPECT_HAS(text, "tensor<2x4x8x6xf32>");
  EXPECT_HAS(text, "weir.variable @conv2d_1.weight : tensor<3x3x4x6xf32>");
  text = lowered(images("x = depthwise_conv2d(x, [3, 5], multiplier: 2, use_bias: false)"));
  EXPECT_HAS(text, "weir.variable @depthwise_conv2d_1.weight : tensor<3x5x8xf32>");
  EXPECT_EQ(text.find("depthwise_conv2d_1.bias"), std::string::npos);
}

TEST(ImageLayers, PaddingHasWords) {
  EXPECT_HAS(lowered(images("x = conv2d(x, 6, 3, 2, padding: \"same\")")), "tensor<2x4x4x6xf32>");
  EXPECT_HAS(lowered(images("x = conv2d(x, 6, 3, 2, padding: \"valid\")")), "tensor<2x3x3x6xf32>");
  EXPECT_HAS(lowered(images("x = conv2d(x, 6, 3, padding: [1, 0])")), "tensor<2x8x6x6xf32>");
  EXPECT_HAS(lowered(images("x = conv2d(x, 6, 3, padding: [2, 1, 0, 1])")), "tensor<2x9x7x6xf32>");
  const std::string choices = "'conv2d' expects an integer of at least 0, a list of 1, 2 or 4 of "
                              "them, \"same\" or \"valid\" as 'padding', but got ";
  EXPECT_HAS(lowered(images("x = conv2d(x, 6, 3, padding: \"smae\")")),
             choices + "the string \"smae\"; did you mean 'same'?");
  EXPECT_HAS(lowered(images("x = conv2d(x, 6, 3, padding: -1)")), choices + "-1");
  EXPECT_HAS(lowered(images("x = conv2d(x, 6, 3, padding: [1, 1, 1])")),
             choices + "the list [1, 1, 1]");
}

TEST(ImageLayers, PoolsGiveTheirValues) {
  std::string text = lowered(images("x = max_pool2d(x, 3, 2, ceil_mode: true) -> avg_pool2d(2)"));
  EXPECT_HAS(text, "tensor<2x4x4x4xf32>, tensor<2x4x4x4xi32>");
  EXPECT_HAS(text, "tensor<2x2x2x4xf32>");
}

TEST(ImageLayers, TensorsInARowAreAList) {
  std::string together = lowered(images("x = concat([x, relu(x), tanh(x)])"));
  EXPECT_HAS(together, "tensor<2x8x8x12xf32>");
  EXPECT_EQ(lowered(images("x = concat(x, relu(x), tanh(x))")), together);
  EXPECT_EQ(lowered(images("x = x -> concat(relu(x), tanh(x))")), together);
  EXPECT_EQ(lowered(images("x = [x, relu(x), tanh(x)] -> concat")), together);
  EXPECT_HAS(lowered(images("x = concat(x, x, axis: 0)")), "tensor<2x16x8x4xf32>");
  EXPECT_HAS(lowered(images("x = concat(x, 3.5)")), "'concat' expects an integer");
  EXPECT_HAS(lowered(images("x = concat([x, 3])")),
             "'concat' expects a list of tensors as 'inputs'");
}

TEST(ImageLayers, BatchNormTrainsInTheTrainingStepOnly) {
  std::string text = lowered(images("x = batch_norm(x)") + train);
  EXPECT_HAS(text, "weir.variable @batch_norm_1.scale : tensor<4xf32> {init = {kind = \"ones\"}, "
                   "kind = \"parameter\"}");
  EXPECT_HAS(text, "weir.variable @batch_norm_1.variance : tensor<4xf32> {init = {kind = "
                   "\"ones\"}, kind = \"statistic\"}");
  EXPECT_EQ(llvm::StringRef(text).count("training = true"), 1u);
  EXPECT_LT(text.find("func.func @train_step"), text.find("training = true"));
  EXPECT_HAS(lowered(images("x = batch_norm(x, training: true)")),
             "'batch_norm' has no argument 'training'");
}

TEST(ImageLayers, InitialisersSuitWhatFollows) {
  auto kindOf = [](const std::string &body, const std::string &name = "conv2d_1") {
    std::string text = lowered(images("y = conv2d(x, 4, 1)\n  " + body));
    size_t variable = text.find("@" + name + ".weight");
    size_t start = text.find("kind = \"", variable) + 8;
    return variable == std::string::npos ? text : text.substr(start, text.find('"', start) - start);
  };
  for (const char *op : {"relu", "relu6", "leaky_relu", "elu", "gelu", "swish", "hard_swish"})
    EXPECT_EQ(kindOf("x = y -> " + std::string(op)), "he_normal") << op;
  for (const char *op : {"tanh", "sigmoid", "softmax", "log_softmax"})
    EXPECT_EQ(kindOf("x = y -> " + std::string(op)), "glorot_uniform") << op;
  // Through what neither rectifies nor saturates.
  EXPECT_EQ(kindOf("x = y -> batch_norm -> dropout(0.1) -> max_pool2d(2) -> relu"), "he_normal");
  EXPECT_EQ(kindOf("x = relu(concat(x, bias_add(y)))"), "he_normal");
  EXPECT_EQ(kindOf("x = y + x -> flatten -> reshape([8, 8, 4]) -> relu"), "he_normal");
  EXPECT_EQ(kindOf("x = y -> batch_norm -> tanh"), "glorot_uniform");
  // Linear: He only before a batch norm, whose output does not depend on the scale.
  EXPECT_EQ(kindOf("x = y -> conv2d(4, 1) -> relu"), "glorot_uniform");
  EXPECT_EQ(kindOf("x = y -> batch_norm -> conv2d(4, 1) -> relu"), "he_normal");
  // Logits; SqueezeNet's last convolution is rectified before the average.
  EXPECT_EQ(kindOf("x = relu(y)", "dense_1"), "glorot_uniform");
  // As many paths as there are: each op is looked at once.
  EXPECT_EQ(kindOf("for i in range(60) {\n    y = y + y\n  }\n  x = relu(y)"), "he_normal");
  // What is written stands.
  EXPECT_HAS(lowered(images("x = conv2d(x, 4, 1, init: \"pytorch_default\") -> relu")),
             "fan_in = 4 : i64, fan_out = 4 : i64, kind = \"pytorch_default\"");
}

TEST(ImageLayers, RefusesWithTheShapesAndWhereTheyComeFrom) {
  EXPECT_EQ(
      lowered(images("x = max_pool2d(x, 4)\n  x = conv2d(x, 6, 5, padding: 1)")),
      R"(t.weir:5:20: error: 'conv2d' expects a kernel that fits into the padded image of 4x4, but got 5x5
    x = conv2d(x, 6, 5, padding: 1)
                     ^
t.weir:4:7: note: 'x' is 2x2x4 because of 'max_pool2d' here
)");
  EXPECT_EQ(
      lowered(images("x = conv2d(x, 24, 1)\n  x = conv2d(x, 48, 3, groups: 5)")),
      R"(t.weir:5:32: error: 'conv2d' expects channels divisible by groups, but got channels = 24, groups = 5
    x = conv2d(x, 48, 3, groups: 5)
                                 ^
t.weir:4:7: note: 'x' is 8x8x24 because of 'conv2d' here
)");
  EXPECT_EQ(
      lowered(images("y = max_pool2d(x, 2)\n  x = concat(x, y)")),
      R"(t.weir:5:7: error: 'concat' expects equal sizes but for axis -1, but got 8x8x4 and 4x4x4
    x = concat(x, y)
        ^~~~~~
t.weir:2:7: note: input 1 is 8x8x4 because of 'image' here
t.weir:4:7: note: input 2 is 4x4x4 because of 'max_pool2d' here
)");
  EXPECT_EQ(lowered(images("x = x -> flatten -> conv2d(3, 1)")),
            R"(t.weir:4:23: error: 'conv2d' expects images of height x width x channels, but got 256
    x = x -> flatten -> conv2d(3, 1)
                        ^~~~~~
t.weir:4:12: note: its input is 256 because of 'flatten' here
)");
}

TEST(ImageLayers, BatchNormExpectsMoreThanOneValueWhileTraining) {
  std::string source = images("x = max_pool2d(x, 8) -> batch_norm");
  const CompileOptions one{.sets = {"batch=1"}, .inferBatches = {1}};
  EXPECT_EQ(
      lowered(source + train, one),
      R"(t.weir:4:27: error: 'batch_norm' expects at least two values per channel while training, but got a batch of 1 of 1x1 maps
    x = max_pool2d(x, 8) -> batch_norm
                            ^~~~~~~~~~
t.weir:4:7: note: its input is 1x1x4 because of 'max_pool2d' here
)");
  EXPECT_HAS(lowered(source + train), "func.func @train_step"); // batches of 8
  EXPECT_HAS(lowered(source, {.sets = {}, .inferBatches = {1}}), "func.func @infer_b1");
}

TEST(ImageLayers, WindowsStayWithinWhatKernelsCanBeMadeOf) {
  EXPECT_HAS(lowered(images("x = avg_pool2d(x, 40, padding: 20)")),
             "'avg_pool2d' expects a kernel of at most 1024 positions, but got 40x40");
  EXPECT_HAS(lowered(images("x = depthwise_conv2d(x, 300, padding: 150)")),
             "'depthwise_conv2d' expects a kernel of at most 1024 positions, but got 300x300");
  EXPECT_HAS(lowered(images("x = conv2d(x, 4, 10000, padding: 5000)")),
             "'conv2d' expects at most 2147483647 values in its windows");
}
