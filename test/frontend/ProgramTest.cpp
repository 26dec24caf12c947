// Files: imports, cycles, and what is no source text at all.
#include "Helpers.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sys/stat.h>

using namespace weir;
using namespace weir::test;

namespace {

/// A folder of source files that is removed again.
class ProgramTest : public testing::Test {
protected:
  void SetUp() override {
    folder =
        std::filesystem::temp_directory_path() / ("weir-program-test-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder / "lib");
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  void write(const std::string &name, const std::string &text) {
    std::ofstream(folder / name, std::ios::binary) << text;
  }
  /// The errors of file `name`, without the folder's name.
  std::string errorsOfFile(const std::string &name) {
    Diagnostics diagnostics;
    parseFile((folder / name).string(), diagnostics);
    std::string text = printed(diagnostics), prefix = folder.string() + "/";
    for (size_t i; (i = text.find(prefix)) != std::string::npos;)
      text.erase(i, prefix.size());
    return text;
  }

  std::filesystem::path folder;
};

} // namespace

TEST_F(ProgramTest, ImportsAreRelativeToTheImporter) {
  write("main.weir", "weir 1\nimport \"lib/a.weir\"\n");
  write("lib/a.weir", "weir 1\nimport \"b.weir\"\nfn f(x) {\n  return x\n}\n");
  write("lib/b.weir", "weir 1\nlet hidden = 1\n");
  Diagnostics diagnostics;
  auto program = parseFile((folder / "main.weir").string(), diagnostics);
  EXPECT_EQ(printed(diagnostics), "");
  EXPECT_EQ(program->files.size(), 3u);
  EXPECT_TRUE(program->main().names.contains("f"));
  EXPECT_FALSE(program->main().names.contains("hidden"));
}

TEST_F(ProgramTest, AFileMayBeImportedByTwoWays) {
  write("main.weir", "weir 1\nimport \"a.weir\"\nimport \"b.weir\"\nimport \"./lib/../b.weir\"\n");
  write("a.weir", "weir 1\nimport \"b.weir\"\n");
  write("b.weir", "weir 1\nlet b = 1\n");
  EXPECT_EQ(errorsOfFile("main.weir"), "");
}

TEST_F(ProgramTest, ReportsCycles) {
  write("self.weir", "weir 1\nimport \"self.weir\"\n");
  EXPECT_EQ(errorsOfFile("self.weir"), "self.weir:2:1: error: file imports itself\n"
                                       "    import \"self.weir\"\n"
                                       "    ^~~~~~~~~~~~~~~~~~\n");
  write("a.weir", "weir 1\nimport \"b.weir\"\n");
  write("b.weir", "weir 1\nimport \"a.weir\"\n");
  EXPECT_EQ(errorsOfFile("a.weir"),
            "b.weir:2:1: error: 'a.weir' imports this file again, in a circle\n"
            "    import \"a.weir\"\n"
            "    ^~~~~~~~~~~~~~~\n");
}

TEST_F(ProgramTest, ReportsClashesAndMissingFiles) {
  write("a.weir", "weir 1\nlet n = 1\n");
  write("b.weir", "weir 1\nlet n = 2\n");
  write("main.weir",
        "weir 1\nimport \"a.weir\"\nimport \"b.weir\"\nimport \"c.weir\"\nimport \"lib\"\n");
  EXPECT_EQ(errorsOfFile("main.weir"),
            "main.weir:4:1: error: 'c.weir': cannot read the file: No such file or directory\n"
            "    import \"c.weir\"\n"
            "    ^~~~~~~~~~~~~~~\n"
            "main.weir:5:1: error: 'lib': this is a directory, not a file\n"
            "    import \"lib\"\n"
            "    ^~~~~~~~~~~~\n"
            "main.weir:3:1: error: import brings a second 'n'\n"
            "    import \"b.weir\"\n"
            "    ^~~~~~~~~~~~~~~\n"
            "b.weir:2:5: note: this one\n"
            "a.weir:2:5: note: beside this one\n");
}

TEST(Program, AnImportOfTheFolderItselfIsNamed) {
  EXPECT_EQ(errorsOf("weir 1\nimport \".\"\n"),
            "t.weir:2:1: error: '.': this is a directory, not a file\n"
            "    import \".\"\n"
            "    ^~~~~~~~~~\n");
}

TEST_F(ProgramTest, ALongChainOfImportsEnds) {
  for (int i = 0; i < 300; ++i)
    write(std::to_string(i) + ".weir", "weir 1\nimport \"" + std::to_string(i + 1) + ".weir\"\n");
  EXPECT_NE(errorsOfFile("0.weir").find("program expects at most 256 files"), std::string::npos);
}

TEST_F(ProgramTest, RefusesWhatIsNoText) {
  EXPECT_EQ(errorsOfFile("missing.weir"),
            "missing.weir: error: cannot read the file: No such file or directory\n");
  EXPECT_EQ(errorsOfFile("lib"), "lib: error: this is a directory, not a file\n");
  write("empty.weir", "");
  EXPECT_EQ(errorsOfFile("empty.weir"),
            "empty.weir: error: file expects the line 'weir 1' first, but got nothing\n");
  write("nul.weir", std::string("weir 1\n\0x", 9));
  EXPECT_EQ(errorsOfFile("nul.weir"), "nul.weir: error: file is not text: byte 7 is NUL\n");
  write("latin1.weir", "weir 1 # \xE4\n");
  EXPECT_EQ(errorsOfFile("latin1.weir"),
            "latin1.weir: error: file is not text: byte 9 is not UTF-8\n");
  write("large.weir", "weir 1\n" + std::string(10 << 20, '#'));
  EXPECT_EQ(errorsOfFile("large.weir"),
            "large.weir: error: file expects at most 1 MiB of text, but got more\n");
  EXPECT_EQ(errorsOfFile("/dev/zero"), "/dev/zero: error: this is a device, not a file\n");
  ASSERT_EQ(mkfifo((folder / "pipe.weir").c_str(), 0600), 0); // that nobody writes to
  EXPECT_EQ(errorsOfFile("pipe.weir"), "pipe.weir: error: this is a pipe, not a file\n");
}
