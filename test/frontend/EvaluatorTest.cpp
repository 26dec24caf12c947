// Values and calls while compiling: arithmetic, builtins, functions, limits, and what is refused.
#include "Lowered.h"

using namespace weir;
using namespace weir::test;

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
  EXPECT_EQ(valueOf("[0.3%, 25 %, -1%, 7 %\n3, 50% == 0.5]"), "[0.003, 0.25, -0.01, 1, true]");
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

TEST(Evaluator, OperatorsBetweenTensorsAreLayers) {
  std::string text = lowered(net("  x = relu(x) + x * x - tanh(x) / sigmoid(x)"));
  for (const char *op : {"weir.add", "weir.sub", "weir.mul", "weir.div"})
    EXPECT_HAS(text, op);
}

TEST(Evaluator, SplitIsAListOfSlices) {
  std::string text =
      lowered(net("  x = conv2d(x, 6, 1)\n  a = split(x, 3)\n  b = x -> split(2, axis: 0)\n"
                  "  x = concat(concat(a) -> relu, concat(b, axis: 0))\n  if len(a) != 3 {\n    "
                  "fail(\"\")\n  }"));
  EXPECT_HAS(text, "weir.slice %2 {axis = 2 : i64, begin = 4 : i64, end = 6 : i64}");
  EXPECT_HAS(text, "axis = 0 : i64, begin = 2 : i64, end = 4 : i64");
  EXPECT_HAS(lowered(net("  x = split(x, 3, axis: 1)")),
             "t.weir:4:16: error: 'split' expects a number of parts that divides 4, but got 3\n");
  EXPECT_HAS(lowered(net("  y = relu(x)\n  x = split(y, 0)")),
             "t.weir:4:7: note: its input is 4x4x1 because of 'relu' here\n");
  EXPECT_HAS(lowered(net("  x = split(x, 2, axis: 3)")),
             "'split' expects an axis from -3 to 2, but got 3");
}

TEST(Evaluator, FailEndsTheProgramWithItsMessage) {
  std::string errors =
      lowered(net("  x = f(x, 3)\n  x = missing", "fn f(x, n) {\n  fail(\"n expects 1, but got "
                                                  "\" + str(n))\n  return x\n}\n"));
  EXPECT_EQ(errors, R"(t.weir:3:3: error: n expects 1, but got 3
    fail("n expects 1, but got " + str(n))
    ^~~~
t.weir:8:7: note: in 'f', called here
)");
  EXPECT_HAS(lowered(net("  fail(3)")), "'fail' expects a message, but got 3");
}

TEST(Evaluator, FunctionsAreValues) {
  std::string text = lowered(net("  x = body(x, activation: tanh)",
                                 "fn body(x, activation: relu) {\n  return x -> activation\n}\n"));
  EXPECT_HAS(text, "weir.tanh");
}

TEST(Evaluator, AVariableDoesNotHideAnOp) {
  EXPECT_HAS(lowered(net("  dropout = 0.5\n  x = dropout(x, dropout)")), "weir.dropout");
}

TEST(Evaluator, TablesOfLists) {
  std::string text = lowered(
      net("  x = flatten(x)\n  for width, twice in [[5, true], [6, false]] {\n"
          "    x = dense(x, width)\n    if twice {\n      x = dense(x, width)\n    }\n  }"));
  EXPECT_HAS(text, "@dense_3.weight : tensor<5x6xf32>");
}

TEST(Evaluator, RefusesWrongCalls) {
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
      {"x = x % x", "'%' expects two numbers, but got a tensor of 4x4x1 and a tensor of 4x4x1"},
      {"x = x - 1", "'-' expects two numbers or tensors, but got a tensor of 4x4x1 and 1"},
      {"if x {\n  }", "'if' expects true or false, but got a tensor of 4x4x1"},
      {"for i in 3 {\n  }", "'for' expects a list, but got 3"},
      {"for a, b in [[1, 2], 3] {\n  }", "'for' expects lists of 2 elements, but got 3"},
      {"y = 3\n  x = y(x)", "call expects a function, but 'y' is 3"},
  };
  for (const auto &test : cases)
    EXPECT_HAS(lowered(net(std::string("  ") + test.body)), test.message);
}

TEST(Evaluator, OneMistakeGivesOneMessage) {
  std::string errors = lowered(net("  x = dens(x, 3)\n  x = relu(x)\n  y = len(1)\n  z = y + 1"));
  EXPECT_HAS(errors, "'dens'");
  EXPECT_HAS(errors, "'len' expects a list");
  EXPECT_EQ(llvm::StringRef(errors).count("error:"), 2u);
}

TEST(Evaluator, EvaluationEnds) {
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
