// `weir fmt`: layout, comments, and that it changes nothing else.
#include "Helpers.h"
#include "frontend/Lexer.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace weir;
using namespace weir::test;

TEST(Formatter, KnowsPercentFromRemainder) {
  EXPECT_EQ(formatted("weir 1\nlet a = [5 %, 7%3, 2 %]\nlet b = 0.3 %\nlet c = 1 < 2%\n"),
            "weir 1\nlet a = [5%, 7 % 3, 2%]\nlet b = 0.3%\nlet c = 1 < 2%\n");
}

TEST(Formatter, LaysOut) {
  EXPECT_EQ(formatted("weir   1\n"
                      "# constants\n"
                      "let a=[1,-2 , 3 - 4]   # first\n"
                      "let longer = -a[ 0 ]+x.rank # second\n"
                      "\n\n\n"
                      "let c = 1\n"
                      "# about f\n"
                      "fn f( x,n :3 ){ return g (x)\n"
                      "      ->relu ->dense( 1,\n"
                      " init:\"a  b\"\n"
                      "    )}\n"
                      "fn e() { }\n"
                      "net m(i:[1]) {\n\n"
                      "if true{ x=1 } else\n if false {\n"
                      "x = 2 # two\n"
                      "\n"
                      "}\n"
                      "else { # none\n"
                      "x = 3 }\n"
                      "# the end\n"
                      "}"),
            "weir 1\n"
            "# constants\n"
            "let a = [1, -2, 3 - 4]       # first\n"
            "let longer = -a[0] + x.rank  # second\n"
            "\n"
            "let c = 1\n"
            "\n"
            "# about f\n"
            "fn f(x, n: 3) {\n"
            "  return g(x)\n"
            "    -> relu -> dense(1,\n"
            "      init: \"a  b\"\n"
            "    )\n"
            "}\n"
            "\n"
            "fn e() {}\n"
            "\n"
            "net m(i: [1]) {\n"
            "  if true {\n"
            "    x = 1\n"
            "  } else if false {\n"
            "    x = 2  # two\n"
            "  } else {  # none\n"
            "    x = 3\n"
            "  }\n"
            "  # the end\n"
            "}\n");
}

TEST(Formatter, RefusesSyntaxErrors) {
  EXPECT_NE(formatted("weir 1\nlet a =\n").find("error: expects a value"), std::string::npos);
}

TEST(Formatter, WritesUnixLineEnds) {
  EXPECT_EQ(formatted("weir 1\r\n# a\r\nlet a = 1"), "weir 1\n# a\nlet a = 1\n");
}

/// The tokens and comments of a text, without their layout.
static std::string contentOf(const std::string &source) {
  Diagnostics diagnostics;
  TokenizedFile file = tokenize(diagnostics.sources.add("t.weir", source), diagnostics);
  std::string content;
  for (const Token &token : file.tokens)
    content += file.text(token).str() + "\n";
  for (const Comment &comment : file.comments)
    content += file.file->text().slice(comment.begin, comment.end).str() + "\n";
  return content;
}

TEST(Formatter, IsIdempotentAndLosesNothing) {
  int count = 0;
  for (const auto &entry : std::filesystem::directory_iterator(WEIR_SOURCE_DIR "/models")) {
    if (entry.path().extension() != ".weir")
      continue;
    std::stringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    // Also with its layout destroyed as far as the language allows.
    std::string squeezed = text.str();
    for (size_t i; (i = squeezed.find("\n  ")) != std::string::npos;)
      squeezed.erase(i + 1, 2);
    for (const std::string &source : {text.str(), squeezed}) {
      std::string once = formatted(source);
      EXPECT_EQ(formatted(once), once) << entry.path();
      EXPECT_EQ(contentOf(once), contentOf(source)) << entry.path();
    }
    EXPECT_EQ(formatted(text.str()), text.str()) << entry.path() << " is not formatted";
    ++count;
  }
  EXPECT_GE(count, 5);
}
