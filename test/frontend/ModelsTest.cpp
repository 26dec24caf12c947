// The models and the examples of docs/language.md: all compile.
#include "Lowered.h"

#include "frontend/Arguments.h"
#include "ir/Dialect.h"

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace weir;
using namespace weir::test;

/// Elements of the variables of one kind.
static int64_t count(mlir::ModuleOp module, llvm::StringRef kind) {
  int64_t elements = 0;
  for (auto variable : module.getOps<VariableOp>())
    elements += variable.getKind() == kind ? variable.getTensorType().getNumElements() : 0;
  return elements;
}

// Figures of the literature: torchvision for the nets at 224x224, the papers' tables else.
TEST(Models, HaveTheParametersOfTheLiterature) {
  const struct {
    const char *name;
    std::vector<std::string> sets;
    int64_t parameters, statistics;
  } models[] = {
      {"mlp_80_60", {}, 68270, 0},
      {"mlp_110_100_90", {}, 107450, 0},
      {"mlp_80_60_50", {}, 71220, 0},
      {"mlp_60_100_80", {}, 62090, 0},
      {"report", {"widths=[110,100,90]"}, 107450, 0},
      {"lenet5", {}, 61706, 0},
      {"squeezenet", {"version=1.0"}, 1248424, 0},
      {"squeezenet", {}, 1235496, 0},
      {"squeezenet", {"bypass=true"}, 1235496, 0},
      {"mobilenet_v2", {}, 3504872, 34112},
      {"mobilenet_v2", {"width_multiplier=0.5"}, 1968680, 18544},
      {"mobilenet_v2", {"width_multiplier=1.4"}, 6108776, 47936},
      {"resnet", {"height=32", "width=32", "channels=3"}, 272474, 1568},
      {"resnet",
       {"depth=18", "height=224", "width=224", "channels=3", "classes=1000"},
       11689512,
       9600},
      {"resnet",
       {"depth=34", "height=224", "width=224", "channels=3", "classes=1000"},
       21797672,
       17024},
  };
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  for (const auto &model : models) {
    Diagnostics diagnostics;
    auto program =
        parseFile(std::string(WEIR_SOURCE_DIR "/models/") + model.name + ".weir", diagnostics);
    ASSERT_TRUE(program) << printed(diagnostics);
    auto module = lowerToDialect(*program, context, {model.sets, {1}}, diagnostics);
    ASSERT_TRUE(module) << printed(diagnostics);
    EXPECT_EQ(count(*module, "parameter"), model.parameters) << model.name;
    EXPECT_EQ(count(*module, "statistic"), model.statistics) << model.name;
  }
}

TEST(Models, AllCompileAndTakeEachInitialiser) {
  int compiled = 0;
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  for (const auto &entry : std::filesystem::directory_iterator(WEIR_SOURCE_DIR "/models")) {
    if (entry.path().extension() != ".weir")
      continue;
    Diagnostics diagnostics;
    auto program = parseFile(entry.path().string(), diagnostics);
    ASSERT_TRUE(program) << printed(diagnostics);
    if (!program->main().net)
      continue; // functions for others
    CompileOptions options{.sets = {}, .inferBatches = {1}};
    bool hasInit = program->main().names.contains("init");
    if (hasInit)
      options.sets = {"init=\"orthogonal\""};
    auto module = lowerToDialect(*program, context, options, diagnostics);
    ASSERT_TRUE(module) << entry.path() << printed(diagnostics);
    EXPECT_TRUE(module->lookupSymbol("train_step")) << entry.path();
    for (auto variable : module->getOps<VariableOp>()) {
      if (hasInit && variable.getSymName().ends_with(".weight"))
        EXPECT_EQ(mlir::cast<mlir::StringAttr>(variable.getInit().get("kind")), "orthogonal")
            << entry.path() << " " << variable.getSymName().str();
    }
    ++compiled;
  }
  EXPECT_GE(compiled, 11);
}

TEST(Models, SqueezeNetKnowsItsVersions) {
  Diagnostics diagnostics;
  auto program = parseFile(WEIR_SOURCE_DIR "/models/squeezenet.weir", diagnostics);
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  EXPECT_FALSE(lowerToDialect(*program, context, {{"version=1.2"}, {1}}, diagnostics));
  EXPECT_HAS(printed(diagnostics), "error: version expects 1.0 or 1.1, but got 1.2\n");
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
      if (program->isWhole && program->main().net)
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

/// Its tables of losses, optimizers, schedules and the like have every call with all arguments and
/// defaults.
TEST(Documentation, HasEveryCallOfARecipe) {
  std::stringstream text;
  text << std::ifstream(WEIR_SOURCE_DIR "/docs/language.md").rdbuf();
  int calls = 0;
  for (const Signature &signature : signatures()) {
    if (signature.category <= Category::Layer)
      continue;
    EXPECT_HAS(text.str(), "`" + callText(signature) + "`");
    ++calls;
  }
  EXPECT_GE(calls, 14);
}
