// Tokens, comments, and characters that are neither.
#include "frontend/Lexer.h"
#include "Helpers.h"

#include <gtest/gtest.h>

using namespace weir;
using namespace weir::test;

static std::string tokensOf(std::string source) {
  Diagnostics diagnostics;
  TokenizedFile file = tokenize(diagnostics.sources.add("t.weir", std::move(source)), diagnostics);
  std::string result;
  for (const Token &token : file.tokens)
    if (token.kind != TokenKind::EndOfFile)
      result += (token.startsLine ? "|" : " ") + file.text(token).str();
  for (const Comment &comment : file.comments)
    result += " {" + file.file->text().slice(comment.begin, comment.end).str() + "}";
  return result + printed(diagnostics);
}

TEST(Lexer, LongestPunctuationWins) {
  EXPECT_EQ(tokensOf("a->b - >c//d/e<=f==g"), "|a -> b - > c // d / e <= f == g");
}

TEST(Lexer, NumbersNeedADigitAfterTheDot) {
  EXPECT_EQ(tokensOf("1 1.5 2e-3 x.y 1.z"), "|1 1.5 2e-3 x . y 1 . z");
}

TEST(Lexer, KnowsTheFirstTokenOfALine) { EXPECT_EQ(tokensOf("a b\r\n\tc\n\nd"), "|a b|c|d"); }

TEST(Lexer, KeepsCommentsApart) {
  EXPECT_EQ(tokensOf("# one \na # zwei ä\n"), "|a {# one} {# zwei ä}");
}

TEST(Lexer, SkipsAByteOrderMark) { EXPECT_EQ(tokensOf("\xEF\xBB\xBFweir 1"), "|weir 1"); }

TEST(Lexer, ReportsOneErrorForARunOfStrangeCharacters) {
  EXPECT_EQ(tokensOf("a $$$ b"), "|a b"
                                 "t.weir:1:3: error: '$$$' means nothing in this language\n"
                                 "    a $$$ b\n"
                                 "      ^~~\n");
}

TEST(Lexer, ReportsAnOpenString) {
  EXPECT_EQ(tokensOf("x \"abc\ny"),
            "|x \"abc|y"
            "t.weir:1:3: error: string expects a closing '\"' on the same line\n"
            "    x \"abc\n"
            "      ^~~~\n");
}

TEST(Lexer, ReportsANumberGluedToAName) {
  EXPECT_NE(tokensOf("3x").find("'3x' is neither a number nor a name"), std::string::npos);
}
