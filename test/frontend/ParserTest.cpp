// Trees of correct sources, messages for wrong ones.
#include "Helpers.h"

#include <gtest/gtest.h>

using namespace weir;
using namespace weir::test;

/// The tree of one expression.
static std::string expression(const std::string &source) {
  std::string tree = treeOf("weir 1\nlet v = " + source + "\n");
  size_t start = tree.find("let v <2:5>\n");
  return start == std::string::npos ? tree : tree.substr(start + 12);
}

TEST(Parser, OperatorsBindAsInArithmetic) {
  EXPECT_EQ(expression("1 + 2 * -3 == 7 and not true"), R"(    binary and
      binary ==
        binary +
          integer 1
          binary *
            integer 2
            unary -
              integer 3
        integer 7
      unary not
        true
)");
  EXPECT_EQ(expression("8 - 4 - 2"), R"(    binary -
      binary -
        integer 8
        integer 4
      integer 2
)");
}

TEST(Parser, PipeBecomesTheFirstArgument) {
  EXPECT_EQ(expression("x -> dense(80, init: \"zeros\") -> relu"), R"(    call relu <2:42>
      call dense <2:14>
        name x
        integer 80
        argument init
          "zeros"
)");
}

TEST(Parser, PipesMayStartALine) {
  EXPECT_EQ(expression("x\n  -> relu\n  -> tanh"), R"(    call tanh <4:6>
      call relu <3:6>
        name x
)");
}

TEST(Parser, BracketsSpanLines) {
  EXPECT_EQ(expression("[\n 1,\n 2,\n][0].rank"), R"(    property rank
      index
        list
          integer 1
          integer 2
        integer 0
)");
}

TEST(Parser, StatementsAndDeclarations) {
  EXPECT_EQ(treeOf("weir 1\n"
                   "fn f(x, n: 3) {\n"
                   "  for a, b in n {\n"
                   "    if a == 1 { x = a } else if b == 2 { g() } else { return }\n"
                   "  }\n"
                   "  return x\n"
                   "}\n"
                   "net m(image: [28, 28, 1]) { return image }\n"
                   "sweep { epochs: [1, 30] }\n"),
            R"(file t.weir
  function f <2:4>
    parameter x
    parameter n
      integer 3
    body
      for a b
        name n
        body
          if
            binary ==
              name a
              integer 1
            then
              assign x
                name a
            binary ==
              name b
              integer 2
            then
              call g <4:42>
            else
              return
      return
        name x
  net m <8:5>
    input image
      list
        integer 28
        integer 28
        integer 1
    body
      return
        name image
  sweep
    setting epochs <9:9>
      list
        integer 1
        integer 30
)");
}

TEST(Parser, ReportsSeveralErrorsInOneRun) {
  EXPECT_EQ(errorsOf("weir 1\n"
                     "let a =\n"
                     "let b = 1 +* 2\n"
                     "fn f(x {\n"
                     "}\n"
                     "fn g(x) {\n"
                     "  y = dense(x, 10\n"
                     "  z = )\n"
                     "  return y z\n"
                     "}\n"),
            R"(t.weir:2:8: error: expects a value, but got the end of the line
    let a =
           ^
t.weir:3:12: error: expects a value, but got '*'
    let b = 1 +* 2
               ^
t.weir:4:8: error: expects ',' or ')', but got '{'
    fn f(x {
           ^
t.weir:4:5: note: '(' was opened here
t.weir:8:3: error: expects ',' or ')', but got 'z'
    z = )
    ^
t.weir:7:12: note: '(' was opened here
t.weir:8:7: error: expects a value, but got ')'
    z = )
        ^
t.weir:9:12: error: expects the end of the line, but got 'z'
    return y z
             ^
)");
}

TEST(Parser, AnUnclosedBlockDoesNotSwallowTheNextFunction) {
  EXPECT_EQ(errorsOf("weir 1\n"
                     "fn f(x) {\n"
                     "  if x {\n"
                     "    return 1\n"
                     "}\n"
                     "fn g(x) {\n"
                     "  return =\n"
                     "}\n"),
            R"(t.weir:6:1: error: 'block' expects '}', but got 'fn'
    fn g(x) {
    ^~
t.weir:2:9: note: '{' was opened here
t.weir:7:10: error: expects a value, but got '='
    return =
           ^
)");
}

TEST(Parser, AsksForTheVersion) {
  EXPECT_EQ(errorsOf(""), "t.weir: error: file expects the line 'weir 1' first, but got nothing\n");
  EXPECT_NE(errorsOf("let a = 1").find("first, but got 'let'"), std::string::npos);
  EXPECT_NE(errorsOf("weir 2").find("but got version 2"), std::string::npos);
}

TEST(Parser, SuggestsATopLevelWord) {
  EXPECT_NE(errorsOf("weir 1\ntrian {\n}\n").find("but got 'trian'; did you mean 'train'?"),
            std::string::npos);
}

struct BadSource {
  const char *source, *message;
};

TEST(Parser, RefusesWhatMakesNoSense) {
  const BadSource cases[] = {
      {"let a = 1 < 2 < 3", "comparisons cannot be chained"},
      {"let a = f(x)(y)", "only a name can be called"},
      {"let a = f(b: 1, 2)", "expects a named argument after a named one"},
      {"let a = f(b: 1, b: 2)", "argument 'b' is given twice"},
      {"let a = 99999999999999999999", "integer expects at most 64 bits"},
      {"let a = 1e999", "number expects at most 1.8e308"},
      {"let a = \"\\q\"", "string knows the escapes"},
      {"let train = 1", "'let' expects a name, but got 'train'"},
      {"let a = 1\nlet a = 2", "'a' is declared twice"},
      {"let relu = 1", "'relu' is the name of an op"},
      {"fn f(a, a) {\n}", "parameter 'a' is declared twice"},
      {"fn f(a: 1, b) {\n}", "parameter 'b' expects a default"},
      {"net a(x: [1]) {\n}\nnet b(x: [1]) {\n}", "file expects one net"},
      {"net a(x) {\n}", "net expects one input with its shape"},
      {"train {\n a: 1\n a: 2\n}", "setting 'a' is given twice"},
      {"train {\n}\ntrain {\n}", "file expects one 'train' block"},
      {"}", "'}' closes nothing"},
      {"import mlp", "'import' expects the path of a file"},
      {"weir 1", "the version is given once"},
      {"let a = 'x'", "strings are written in double quotes"},
      {"let a = 1;", "need no ';'"},
  };
  for (const BadSource &bad : cases) {
    std::string errors = errorsOf(std::string("weir 1\n") + bad.source + "\n");
    EXPECT_NE(errors.find(bad.message), std::string::npos) << bad.source << "\n" << errors;
  }
}

TEST(Parser, BoundsNesting) {
  auto repeat = [](const char *text, int count) {
    std::string result;
    for (int i = 0; i < count; ++i)
      result += text;
    return result;
  };
  std::string message = "nesting expects at most 256 levels, but got more";
  for (int depth : {1000, 200000}) {
    for (const char *opening : {"(", "[", "-", "not ", "f(", "1 + ", "x -> f(", "a["})
      EXPECT_NE(errorsOf("weir 1\nlet a = " + repeat(opening, depth)).find(message),
                std::string::npos)
          << opening;
    EXPECT_NE(errorsOf("weir 1\nfn f(x) {\n" + repeat("if x {\n", depth)).find(message),
              std::string::npos);
    EXPECT_NE(errorsOf("weir 1\nlet a = 1" + repeat(" + 1", depth)).find(message),
              std::string::npos);
    EXPECT_NE(errorsOf("weir 1\nlet a = x" + repeat(" -> f", depth)).find(message),
              std::string::npos);
  }
  EXPECT_EQ(errorsOf("weir 1\nlet a = " + repeat("[", 200) + repeat("]", 200) + "\n"), "");
}
