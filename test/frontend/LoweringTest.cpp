// From text to the dialect: variables, entry points, locations, errors of layers.
#include "Lowered.h"
#include "Mutate.h"

using namespace weir;
using namespace weir::test;

TEST(Lowering, BuildsVariablesAndEntryPoints) {
  std::string text =
      lowered("fn block(x, width, drop: 0.25) {\n  return x -> dense(width) -> gelu -> "
              "dropout(drop)\n}\n"
              "net tiny(image: [4, 4, 1]) {\n  x = flatten(image)\n"
              "  for w in [5, 6] {\n    x = block(x, w)\n  }\n  return dense(x, 3)\n}\n" +
              train);
  EXPECT_HAS(text, "weir.net = \"tiny\"");
  EXPECT_HAS(text, "weir.variable @block_1.dense_1.weight : tensor<16x5xf32>");
  EXPECT_HAS(text, "weir.variable @block_2.dense_1.bias : tensor<6xf32>");
  EXPECT_HAS(text, "weir.variable @dense_1.weight : tensor<6x3xf32>");
  EXPECT_HAS(text, "func.func @infer_b2(%arg0: tensor<2x4x4x1xf32>) -> tensor<2x3xf32>");
  EXPECT_HAS(text, "func.func @train_step(%arg0: tensor<8x4x4x1xf32>, %arg1: tensor<8xi32>, "
                   "%arg2: tensor<f32>, %arg3: tensor<3xi32>) -> (tensor<f32>, tensor<i32>)");
  EXPECT_HAS(text, "weir.minimize");
  // Each dropout has its own random stream.
  EXPECT_HAS(text, "stream = 1");
  // Initialisers follow the activation.
  EXPECT_HAS(text, "fan_in = 16 : i64, fan_out = 5 : i64, kind = \"he_normal\"");
  EXPECT_HAS(text, "fan_in = 6 : i64, fan_out = 3 : i64, kind = \"glorot_uniform\"");
  EXPECT_EQ(text.find("\"auto\""), std::string::npos);
}

TEST(Lowering, LeavesOutLayersThatNothingUses) {
  const std::string text =
      lowered("net n(image: [4, 4, 1]) {\n  x = flatten(image)\n"
              "  side = x -> dense(5) -> batch_norm -> dropout(0.5)\n  return dense(x, 3)\n}\n" +
              train);
  EXPECT_HAS(text, "weir.unused = [{");
  EXPECT_HAS(text, "layers = 3 : i64, parameters = 95 : i64, results = [\"dropout_1\"]");
  EXPECT_HAS(text, "@dense_2.weight");
  for (const char *gone : {"@dense_1", "batch_stats", "running_average", "weir.dropout"})
    EXPECT_EQ(text.find(gone), std::string::npos) << gone;
}

TEST(Lowering, TellsOnceOfUnusedLayersThatHangTogether) {
  const std::string text =
      lowered("net n(image: [4, 4, 1]) {\n  x = flatten(image)\n  y = dense(x, 5)\n"
              "  a = relu(y)\n  b = tanh(y)\n  alone = gelu(x)\n  return dense(x, 3)\n}\n");
  EXPECT_HAS(text, "layers = 3 : i64, parameters = 85 : i64, results = [\"relu_1\", \"tanh_1\"]");
  EXPECT_HAS(text, "layers = 1 : i64, parameters = 0 : i64, results = [\"gelu_1\"]");
}

TEST(Lowering, KeepsLayersThatAreUsedLater) {
  const std::string text = lowered("net n(image: [4, 4, 1]) {\n  x = flatten(image)\n"
                                   "  y = x -> dense(5)\n  return x -> dense(5) -> add(y)\n}\n");
  EXPECT_HAS(text, "@dense_1.weight");
  EXPECT_EQ(text.find("weir.unused"), std::string::npos);
}

TEST(Lowering, LocationsNameTheLayerAndItsLine) {
  Diagnostics diagnostics;
  auto program = parseText("t.weir", "weir 1\n" + net("  x = relu(x)"), diagnostics);
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  auto module = lowerToDialect(*program, context, {}, diagnostics);
  ASSERT_TRUE(module);
  std::string text;
  llvm::raw_string_ostream os(text);
  module->print(os, mlir::OpPrintingFlags().enableDebugInfo(true, true));
  EXPECT_HAS(text, "weir.relu %arg0 : tensor<1x4x4x1xf32> \"relu_1\"(#loc3)");
  EXPECT_HAS(text, "#loc3 = t.weir:4:7\n");
}

TEST(Lowering, DefaultBatchesAreOneAndTheTrainingBatch) {
  std::string text = lowered(net("") + train, {});
  EXPECT_HAS(text, "@infer_b1(");
  EXPECT_HAS(text, "@infer_b8(");
}

TEST(Lowering, ExplainsShapes) {
  EXPECT_EQ(
      lowered("fn head(y, n) {\n  return dense(y, n)\n}\n"
              "net n(image: [28, 28, 1]) {\n  x = relu(image)\n  return head(x, 10)\n}\n"),
      R"(t.weir:3:10: error: 'dense' expects an input of one dimension (call 'flatten' before it), but got 28x28x1
    return dense(y, n)
           ^~~~~
t.weir:6:7: note: 'y' is 28x28x1 because of 'relu' here
t.weir:7:10: note: in 'head', called here
)");
}

TEST(Lowering, PointsAtTheArgumentThatIsWrong) {
  EXPECT_HAS(lowered(net("  x = x -> flatten -> dense(0)")),
             "t.weir:4:29: error: 'dense' expects a positive number of units, but got 0\n");
}

TEST(Lowering, ChecksTheNet) {
  EXPECT_EQ(lowered("let a = 1\n"), "t.weir: error: file expects a net, but has none\n");
  EXPECT_HAS(lowered("net n(x: [4, 4, 1]) {\n  return x\n}\n"),
             "net 'n' expects to return one logit for each class, but got a tensor of 4x4x1");
  EXPECT_HAS(lowered("net n(x: [4, 4, 1]) {\n}\n"), "but got none");
  EXPECT_HAS(lowered("net n(x: [0, 4, 1]) {\n  return x\n}\n"),
             "net expects [height, width, channels] with up to 4194304 values as its input, but "
             "got the list [0, 4, 1]");
  EXPECT_HAS(lowered("net n(x: [784]) {\n  return x\n}\n"),
             "net expects [height, width, channels]");
  EXPECT_HAS(lowered(net(""), {.sets = {}, .inferBatches = {0}}),
             "--infer-batch expects integers from 1 to 65536, but got 0");
}

TEST(Lowering, FindsErrorsBehindDeclarationsThatClash) {
  std::string errors = lowered(net("  x = dens(x, 3)") +
                               "let a = 1\nlet a = 2\nnet b(x: [1, 1, 1]) {\n  return x\n}\n");
  EXPECT_HAS(errors, "file expects one net, but got a second one");
  EXPECT_HAS(errors, "'a' is declared twice");
  EXPECT_HAS(errors, "there is no function or op 'dens'");
  // Where text could not be understood, what follows from it is not reported.
  errors = lowered(net("  x = dense(x, (\n  x = missing"));
  EXPECT_HAS(errors, "expects");
  EXPECT_EQ(errors.find("missing' is not known"), std::string::npos);
}

TEST(Fuzz, MutatedProgramsNeverCrashTheLowering) {
  std::mt19937 random(7);
  const std::string programs[] = {
      "weir 1\nlet c = 3\nlet w = [5, 6] + [c]\nfn f(x, width, act: relu, drop: 0.1) {\n"
      "  if drop > 0 and x.rank == 1 { x = dropout(x, drop) }\n  for i in range(2) {\n"
      "    x = x -> dense(width // 2 * 2) -> act\n  }\n  return x + x\n}\n"
      "net n(image: [4, 4, 1]) {\n  x = flatten(image)\n  for v in w {\n    x = f(x, v, act: "
      "gelu)\n  }\n"
      "  return dense(x, max(c, 2))\n}\n" +
          train + "sweep {\n  c: [2, 3]\n}\n",
      "weir 1\nfn f(x, n, k: 3) {\n  y = conv2d(x, n, k, [1, 2], padding: \"same\", groups: 2)\n"
      "    -> batch_norm(0.1, 1e-3) -> relu6\n  a = split(y, 2, axis: -1)\n"
      "  return concat(a[0] - a[1], max_pool2d(y, 2, 1, padding: [1, 0, 0, 1], ceil_mode: "
      "true))\n}\n"
      "net n(image: [6, 5, 4]) {\n  x = f(image, 8)\n"
      "  x = depthwise_conv2d(x, [3, 2], 2, 1, multiplier: 2) -> avg_pool2d(2) -> pad(1)\n"
      "  x = x -> transpose([1, 0, 2]) -> reduce_sum([0], true) -> reduce_mean(-2)\n"
      "  return x -> flatten -> slice(0, 8, 0) -> dense(3)\n}\n"
      "train {\n  data: images(\"m\", shift: 2, scale: 0.1)\n  loss: cross_entropy(0.1)\n"
      "  optimizer: sgd(weight_decay: 0.1)\n  early_stopping: patience(3)\n  clip_norm: 1.5\n"
      "  keep: \"best\"\n  batch: 2\n}\n"};
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  int lowered = 0;
  for (int i = 0; i < 10000; ++i) {
    Diagnostics diagnostics;
    auto tree = parseText("t.weir", mutate(programs[i % 2], random), diagnostics);
    if (!tree->isWhole)
      continue;
    CompileOptions options{.sets = {}, .inferBatches = {1}};
    auto module = lowerToDialect(*tree, context, options, diagnostics);
    ASSERT_EQ(bool(module), !diagnostics.hasErrors());
    if (module) {
      ASSERT_TRUE(succeeded(mlir::verify(*module)));
      ++lowered;
    }
  }
  EXPECT_GT(lowered, 100);
}
