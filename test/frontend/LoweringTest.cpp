// From text to the dialect: values, names, calls, entry points, and what is refused.
#include "Helpers.h"
#include "Mutate.h"
#include "frontend/Frontend.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Verifier.h"

#include <gtest/gtest.h>

#include <fstream>

using namespace weir;
using namespace weir::test;

namespace {

/// The module of `source` as text, without locations, or its errors.
std::string lowered(const std::string &source,
                    CompileOptions options = {.sets = {}, .inferBatches = {2}}) {
  Diagnostics diagnostics;
  auto program = parseText("t.weir", "weir 1\n" + source, diagnostics);
  if (diagnostics.hasErrors())
    return printed(diagnostics);
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  auto module = lowerToDialect(*program, context, options, diagnostics);
  if (!module)
    return printed(diagnostics);
  EXPECT_TRUE(succeeded(mlir::verify(*module)));
  EXPECT_FALSE(diagnostics.hasErrors());
  std::string text;
  llvm::raw_string_ostream os(text);
  module->print(os);
  return text;
}

/// A net around the statements `body` that must leave their result in `x`.
std::string net(const std::string &body, const std::string &before = "") {
  return before + "\nnet n(x: [4, 4, 1]) {\n" + body + "\n  return x -> flatten -> dense(3)\n}\n";
}

const std::string train = R"(
train {
  data: "mnist"
  loss: cross_entropy
  optimizer: nadam(learning_rate: 0.01)
  batch: 8
  epochs: 2
}
)";

#define EXPECT_HAS(text, part)                                                                     \
  do {                                                                                             \
    std::string whole = (text);                                                                    \
    EXPECT_NE(whole.find(part), std::string::npos) << whole;                                       \
  } while (false)

} // namespace

/// Evaluates `expression` at compile time: the error that compares it with a wrong value shows it.
static std::string valueOf(const std::string &expression) {
  std::string errors = lowered("let value = " + expression + "\n" + net("  if str(value) {\n  }"));
  size_t start = errors.find("but got the string \"");
  if (start == std::string::npos)
    return errors;
  start += 20;
  return errors.substr(start, errors.find("\"\n", start) - start);
}

TEST(Evaluator, Arithmetic) {
  EXPECT_EQ(valueOf("1 + 2 * 3 - -4"), "11");
  EXPECT_EQ(valueOf("7 // 2 + -7 // 2"), "-1");
  EXPECT_EQ(valueOf("-7 % 3"), "2");
  EXPECT_EQ(valueOf("6 / 3"), "2");
  EXPECT_EQ(valueOf("1 / 4.0 + 1"), "1.25");
  EXPECT_EQ(valueOf("1e3"), "1000.0");
  EXPECT_EQ(valueOf("[1, 2] + [0.5, true, none]"), "[1, 2, 0.5, true, none]");
  EXPECT_EQ(valueOf("\"a\" + str(3)"), "a3");
  EXPECT_EQ(valueOf("[[1, 2], [3]][-1][0]"), "3");
  EXPECT_EQ(valueOf("1 < 2 and not 2 <= 1 or 1 / 0 == 1"), "true");
  EXPECT_EQ(valueOf("[1, \"a\"] == [1.0, \"a\"]"), "true");
  EXPECT_EQ(valueOf("range(2, 5) + range(1)"), "[2, 3, 4, 0]");
  EXPECT_EQ(valueOf("[len([1, 2]), min(3, 1.5), max([2, 7]), round(2.5), round(-0.2)]"),
            "[2, 1.5, 7, 3, 0]");
  EXPECT_EQ(valueOf("relu"), "relu");
}

TEST(Evaluator, ArithmeticErrors) {
  const struct {
    const char *expression, *message;
  } cases[] = {
      {"7 / 2",
       "t.weir:2:15: error: '/' expects integers that divide evenly (or '//' to round down), "
       "but got 7 / 2"},
      {"1 // 0", "'//' expects a divisor other than 0"},
      {"9223372036854775807 + 1", "'+' expects a result of at most 64 bits"},
      {"1e308 * 10", "'*' expects a finite result"},
      {"1 + \"a\"",
       "'+' expects two numbers, strings, lists or tensors, but got 1 and the string \"a\""},
      {"[1][1]", "index expects to be less than the list's length 1, but got 1"},
      {"not 1", "'not' expects true or false, but got 1"},
      {"missing", "'missing' is not known here"},
      {"valeu + 1", "'valeu' is not known here; did you mean 'value'?"},
      {"value", "'value' needs its own value"},
      {"range(1000000000000)", "'range' expects at most 1048576 elements"},
      {"len(1, 2)", "'len' expects 1 argument, but got 2"},
      {"max([])", "'max' expects at least one number"},
      {"\"a\".rank", "'.rank' expects a tensor before it"},
      {"adam()",
       "there is no function or op 'adam' that a net can call; 'adam' belongs into 'train'"},
      {"rnage(3)", "there is no function or op 'rnage'; did you mean 'range'?"},
  };
  for (const auto &test : cases)
    EXPECT_HAS(lowered(std::string("let value = ") + test.expression + "\n" + net("")),
               test.message);
}

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

TEST(Lowering, WritesTheRecipe) {
  std::string text = lowered(net("") + train);
  EXPECT_HAS(text, "batch = 8 : i64");
  EXPECT_HAS(text,
             "data = {call = \"images\", deviation = 1.000000e+00 : f64, mean = 0.000000e+00 : "
             "f64, name = \"mnist\"}");
  EXPECT_HAS(text,
             "beta1 = 9.000000e-01 : f64, beta2 = 0.99899999999999999 : f64, call = \"nadam\"");
  EXPECT_HAS(text, "learning_rate = 1.000000e-02 : f64");
  EXPECT_HAS(text, "schedule = {call = \"constant\", warmup = 0 : i64}");
  EXPECT_HAS(text, "seed = 1 : i64");
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

TEST(Lowering, TensorsAddAndMultiply) {
  std::string text = lowered(net("  x = relu(x) + x * x"));
  EXPECT_HAS(text, "weir.add");
  EXPECT_HAS(text, "weir.mul");
}

TEST(Lowering, FunctionsAreValues) {
  std::string text = lowered(net("  x = body(x, activation: tanh)",
                                 "fn body(x, activation: relu) {\n  return x -> activation\n}\n"));
  EXPECT_HAS(text, "weir.tanh");
}

TEST(Lowering, AVariableDoesNotHideAnOp) {
  EXPECT_HAS(lowered(net("  dropout = 0.5\n  x = dropout(x, dropout)")), "weir.dropout");
}

TEST(Lowering, TablesOfLists) {
  std::string text = lowered(
      net("  x = flatten(x)\n  for width, twice in [[5, true], [6, false]] {\n"
          "    x = dense(x, width)\n    if twice {\n      x = dense(x, width)\n    }\n  }"));
  EXPECT_HAS(text, "@dense_3.weight : tensor<5x6xf32>");
}

TEST(Lowering, SetReplacesConstantsSettingsAndArguments) {
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

TEST(Lowering, SetErrors) {
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
  EXPECT_HAS(set("epochs=-1"), "'epochs' expects an integer from 0 to 1000000, but got -1");
  EXPECT_HAS(set("learning_rate=nan"), "--set:1:15: error: 'nan' is not known here");
  EXPECT_HAS(set("learning_rate=0"),
             "'nadam' expects a positive finite number as 'learning_rate', but got 0.0");
  EXPECT_HAS(set("optimizer=nadm"), "there is no optimizer 'nadm'; did you mean 'nadam'?");
  EXPECT_HAS(set("optimizer.beta3=1"), "there is no constant or setting 'optimizer.beta3'");
  EXPECT_HAS(set("beta1=1.5"),
             "'nadam' expects a value from 0 to below 1 for 'beta1', but got 1.5");
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

TEST(Lowering, RefusesWrongCalls) {
  const struct {
    const char *body, *message;
  } cases[] = {
      {"x = dens(x, 3)", "there is no function or op 'dens'; did you mean 'dense'?"},
      {"x = dense(x, unit: 3)", "'dense' has no argument 'unit'; did you mean 'units'?"},
      {"x = dense(x)", "'dense' expects the argument 'units', but got none"},
      {"x = relu(x, 1)", "'relu' expects at most 1 arguments, but got more"},
      {"x = dense(x, 1.5)",
       "'dense' expects an integer of at most 31 bits as 'units', but got 1.5"},
      {"x = dense(x, 4294967296)", "as 'units', but got 4294967296"},
      {"x = relu(3)", "'relu' expects a tensor as 'x', but got 3"},
      {"x = dropout(x, rate: \"a\")",
       "'dropout' expects a number as 'rate', but got the string \"a\""},
      {"x = dropout(x, stream: 3)", "'dropout' has no argument 'stream'"},
      {"x = dense(x, weight: x, units: 3)", "'dense' has no argument 'weight'"},
      {"x = x -> flatten -> dense(3, init: \"he_norml\")",
       "'dense' expects an initialiser as 'init', but got \"he_norml\"; did you mean 'he_normal'?"},
      {"x = x -> flatten -> dense(2000000000) -> dense(2000000000)",
       "expects at most 2147483647 weights"},
      {"x = x.chanels", "a tensor has no property 'chanels'; did you mean 'channels'?"},
      {"y = x -> flatten\n  z = y.height", "'.height' expects an image, but got a tensor of 16"},
      {"x -> relu", "statement expects its value to be used, as in x = x -> relu"},
      {"x = x - x", "'-' expects two numbers, but got a tensor of 4x4x1 and a tensor of 4x4x1"},
      {"if x {\n  }", "'if' expects true or false, but got a tensor of 4x4x1"},
      {"for i in 3 {\n  }", "'for' expects a list, but got 3"},
      {"for a, b in [[1, 2], 3] {\n  }", "'for' expects lists of 2 elements, but got 3"},
      {"y = 3\n  x = y(x)", "call expects a function, but 'y' is 3"},
  };
  for (const auto &test : cases)
    EXPECT_HAS(lowered(net(std::string("  ") + test.body)), test.message);
}

TEST(Lowering, OneMistakeGivesOneMessage) {
  std::string errors = lowered(net("  x = dens(x, 3)\n  x = relu(x)\n  y = len(1)\n  z = y + 1"));
  EXPECT_HAS(errors, "'dens'");
  EXPECT_HAS(errors, "'len' expects a list");
  EXPECT_EQ(llvm::StringRef(errors).count("error:"), 2u);
}

TEST(Lowering, EvaluationEnds) {
  EXPECT_HAS(
      lowered(net("  x = f(x)", "fn f(x) {\n  return f(x)\n}\n")),
      "calls expect to be nested at most 256 deep, but 'f' goes deeper; does it call itself?");
  EXPECT_HAS(lowered(net("  for i in range(1000000) {\n    for j in range(1000000) {\n    }\n  }")),
             "program expects to be evaluated in at most 1000000 steps");
  EXPECT_HAS(lowered(net("  a = [1]\n  for i in range(60) {\n    a = a + a\n  }")), "expects");
  std::string minus(200, '-');
  EXPECT_HAS(lowered("fn f(n) {\n  return " + minus + "f(n)\n}\nlet a = f(1)\n" + net("")),
             "program expects at most 1200 levels of nested evaluation");
  // Recursion that ends is fine.
  EXPECT_HAS(
      lowered(net("  x = f(x, 200)", "fn f(x, n) {\n  if n == 0 {\n    return x\n  }\n  return "
                                     "f(relu(x), n - 1)\n}\n")),
      "weir.relu");
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

TEST(Lowering, ChecksTrain) {
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

TEST(Lowering, ChecksSweep) {
  auto with = [](const char *settings) {
    return lowered("let drop = 0.1\n" + net("") + train + "sweep {\n" + settings + "\n}\n");
  };
  EXPECT_HAS(with("drop: [0.1, 0.2]\nlearning_rate: [1, 2]\noptimizer: [nadam, sgd(momentum: "
                  "0.9)]\nepochs: [1]"),
             "func.func @train_step");
  EXPECT_HAS(with("dorp: [1]"),
             "there is no constant or setting 'dorp' to sweep over; did you mean 'drop'?");
  EXPECT_HAS(with("drop: []"), "'sweep' expects a list of one value or more for 'drop'");
  EXPECT_HAS(with("optimizer: [adma]"), "there is no optimizer 'adma'");
}

TEST(Lowering, Models) {
  const struct {
    const char *name;
    int64_t parameters;
  } models[] = {{"mlp_80_60", 68270},
                {"mlp_110_100_90", 107450},
                {"mlp_80_60_50", 71220},
                {"mlp_60_100_80", 62090}};
  for (const auto &model : models) {
    Diagnostics diagnostics;
    auto program =
        parseFile(std::string(WEIR_SOURCE_DIR "/models/") + model.name + ".weir", diagnostics);
    ASSERT_TRUE(program) << printed(diagnostics);
    mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
    auto module = lowerToDialect(*program, context, {}, diagnostics);
    ASSERT_TRUE(module) << printed(diagnostics);
    int64_t parameters = 0;
    module->walk([&](mlir::Operation *op) {
      if (op->getName().getStringRef() == "weir.variable")
        parameters +=
            mlir::cast<mlir::RankedTensorType>(op->getAttrOfType<mlir::TypeAttr>("type").getValue())
                .getNumElements();
    });
    EXPECT_EQ(parameters, model.parameters) << model.name;
  }
}

TEST(Fuzz, MutatedProgramsNeverCrashTheLowering) {
  std::mt19937 random(7);
  const std::string program =
      "weir 1\nlet c = 3\nlet w = [5, 6] + [c]\nfn f(x, width, act: relu, drop: 0.1) {\n"
      "  if drop > 0 and x.rank == 1 { x = dropout(x, drop) }\n  for i in range(2) {\n"
      "    x = x -> dense(width // 2 * 2) -> act\n  }\n  return x + x\n}\n"
      "net n(image: [4, 4, 1]) {\n  x = flatten(image)\n  for v in w {\n    x = f(x, v, act: "
      "gelu)\n  }\n"
      "  return dense(x, max(c, 2))\n}\n" +
      train + "sweep {\n  c: [2, 3]\n}\n";
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  int lowered = 0;
  for (int i = 0; i < 10000; ++i) {
    Diagnostics diagnostics;
    auto tree = parseText("t.weir", mutate(program, random), diagnostics);
    if (diagnostics.hasErrors())
      continue;
    CompileOptions options{.sets = {}, .inferBatches = {1}};
    auto module = lowerToDialect(*tree, context, options, diagnostics);
    ASSERT_EQ(bool(module), !diagnostics.hasErrors());
    if (module) {
      ASSERT_TRUE(succeeded(mlir::verify(*module)));
      ++lowered;
    }
  }
  EXPECT_GT(lowered, 80);
}

/// Every example of the language's documentation is a program; those with a net are lowered.
TEST(Documentation, EveryExampleCompiles) {
  std::ifstream file(WEIR_SOURCE_DIR "/docs/language.md");
  std::string line, example;
  int lineNumber = 0, start = 0, lowered = 0;
  bool inside = false;
  while (std::getline(file, line)) {
    ++lineNumber;
    if (line == "```weir") {
      inside = true;
      example.clear();
      start = lineNumber;
    } else if (inside && line == "```") {
      inside = false;
      Diagnostics diagnostics;
      // As if it stood beside the models, which it may import.
      auto program = parseText(WEIR_SOURCE_DIR "/models/example.weir", example, diagnostics);
      mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
      if (!diagnostics.hasErrors() && program->main().net)
        lowered += bool(lowerToDialect(*program, context, {}, diagnostics));
      EXPECT_FALSE(diagnostics.hasErrors()) << "docs/language.md:" << start << "\n"
                                            << printed(diagnostics);
      EXPECT_EQ(formatted(example), example) << "docs/language.md:" << start << " is not formatted";
    } else if (inside) {
      example += line + "\n";
    }
  }
  EXPECT_GE(lowered, 5);
}
