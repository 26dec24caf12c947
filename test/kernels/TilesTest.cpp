//===- TilesTest.cpp - products of 8-bit integers in AMX tiles -------------------------------===//
//
// Which products are made of tiles, what the code of a block of tiles is (each operand's tile
// loaded once, no sum spilled, tiles configured once), and that all blocks give the reference's
// bytes: natively or emulated. QuantizedTest.cpp has them beside the other instruction sets.
//
//===-----------------------------------------------------------------------------------------===//

#include "Product.h"
#include "TileEmulator.h"

#include "kernels/Candidates.h"

#include "llvm/ADT/StringRef.h"
#include <gtest/gtest.h>

using namespace weir::test;
using weir::Schedule;

namespace {

constexpr const char *amx = "x86-64-v4-amx";

/// How often the assembly has these instructions.
struct Counts {
  size_t configurations, loads, products, stores;
  bool operator==(const Counts &) const = default;
};
std::ostream &operator<<(std::ostream &out, const Counts &counts) {
  return out << counts.configurations << " ldtilecfg, " << counts.loads << " tileloadd, "
             << counts.products << " tdpbusd, " << counts.stores << " tilestored";
}
Counts countsOf(llvm::StringRef assembly) {
  return {assembly.count("\tldtilecfg"), assembly.count("\ttileloadd"), assembly.count("\ttdpbusd"),
          assembly.count("\ttilestored")};
}

TEST(Tiles, BlocksLoadEachOperandOnce) {
  const std::pair<Extents, Counts> cases[] = {
      {{56, 192, 32}, {1, 4, 4, 4}},  // two tiles of 14 rows by two, three steps
      {{13, 320, 48}, {1, 4, 3, 3}},  // one of 13 rows by three
      {{39, 320, 16}, {1, 4, 3, 3}},  // three by one
      {{16, 16, 10}, {1, 2, 1, 1}},   // one, and one step
      {{128, 64, 256}, {1, 4, 4, 4}}, // in tasks, each of which configures its core's tiles
  };
  for (const auto &[extents, counts] : cases) {
    const Product product(extents, 4);
    SCOPED_TRACE(product.name);
    Kernels kernels;
    kernels.wantText = true;
    kernels.add("product", product.ofValues());
    ASSERT_NO_FATAL_FAILURE(kernels.compile(amx));
    EXPECT_EQ(countsOf(kernels.compiled()[0].assembly), counts);
    EXPECT_TRUE(llvm::StringRef(kernels.compiled()[0].symbol).ends_with("__amx"));
    if (!provideTiles())
      continue;
    kernels.check("product", product.operands, 0, 0);
  }
}

/// The others are the kernels of VNNI, with their names.
TEST(Tiles, OtherProductsAreThoseOfVnni) {
  for (const Extents &extents : {Extents{1, 1280, 40}, Extents{196, 9, 16}, Extents{3, 256, 64}}) {
    const Product product(extents, 4);
    SCOPED_TRACE(product.name);
    Kernels kernels;
    kernels.wantText = true;
    kernels.add("product", product.ofValues());
    ASSERT_NO_FATAL_FAILURE(kernels.compile(amx));
    EXPECT_TRUE(llvm::StringRef(kernels.compiled()[0].symbol).ends_with("__vnni"));
    EXPECT_EQ(countsOf(kernels.compiled()[0].assembly), Counts());
    EXPECT_NE(kernels.compiled()[0].assembly.find("vpdpbusd"), std::string::npos);
  }
}

/// What a tuner may choose.
TEST(Tiles, EverySchedulesBytesAreTheReferences) {
  if (!provideTiles())
    GTEST_SKIP() << "this machine has no AVX-512 VNNI";
  const Product product({52, 72, 96}, 4);
  const weir::KernelTarget target = *weir::findTarget(amx);
  const weir::LoopFacts facts = weir::dotFacts({52, 96, 18}, 4, target);
  ASSERT_EQ(facts.kind, weir::LoopFacts::Template::Tiles);
  const std::vector<Schedule> schedules = weir::enumerateSchedules(facts, target, 2, 4);
  EXPECT_EQ(schedules.size(), 4u);
  for (const Schedule &schedule : schedules) {
    SCOPED_TRACE(schedule.text());
    Kernels kernels;
    kernels.add("product", product.ofValues());
    ASSERT_NO_FATAL_FAILURE(kernels.compile(amx, &schedule));
    EXPECT_EQ(kernels.loops("product", amx).kind, facts.kind);
    kernels.check("product", product.operands, 0, 0);
  }
  EXPECT_TRUE(weir::lackingHere(target).empty() || emulatedTileProducts() > 0);
}

} // namespace
