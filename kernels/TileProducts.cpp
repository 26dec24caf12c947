//===- TileProducts.cpp - see TileProducts.h -------------------------------------------------===//
//
// The calls that are made here (tile_zero, tile_load, tile_matmul, tile_store) are those of
// Halide's own extraction of tiles, of release 21; a tile in memory of type AMXTile is 256 values
// whatever its shape, and stays in a register.
//
//===-----------------------------------------------------------------------------------------===//

#include "kernels/TileProducts.h"

#include <stdexcept>

using namespace Halide;
using namespace Halide::Internal;

namespace weir::kernels {
namespace {

constexpr const char *sumsName = "weir_tile_sums";
constexpr int tileColumns = 16, tileValues = 256, bytesOfColumns = 64, group = 4;

/// One block: the sums of `rows` x `columns` results, from zero to memory.
class TileBlock {
public:
  /// `lets` stand between the loops and the store.
  TileBlock(const For *rowLoop, const For *columnLoop, const std::vector<const LetStmt *> &lets,
            const Store *store, const Call *sums)
      : rowLoop(rowLoop), columnLoop(columnLoop), lets(lets), store(store),
        left(loadOf(sums->args[0])), right(loadOf(sums->args[2])), rows(number(sums->args[3])),
        bytes(group * number(sums->args[4])), steps(number(sums->args[5]) / number(sums->args[4])),
        rightStride(group * number(sums->args[6])), high(number(rowLoop->extent) / rows),
        wide(number(columnLoop->extent) / tileColumns) {}

  Stmt lowered() const {
    std::vector<Stmt> zeros, products, stores;
    for (int r = 0; r < high; ++r)
      for (int c = 0; c < wide; ++c) {
        const std::string sums = name("sums", r, c);
        zeros.push_back(
            set(sums, call(Int(32, tileValues), "tile_zero",
                           {IntImm::make(Int(16), rows), IntImm::make(Int(16), bytesOfColumns)})));
        products.push_back(set(sums, call(Int(32, tileValues), "tile_matmul",
                                          {rows, bytesOfColumns, bytes, get(sums),
                                           Variable::make(leftType, name("left", r)),
                                           Variable::make(rightType, name("right", c))})));
        stores.push_back(
            Evaluate::make(call(Int(32), "tile_store",
                                {rows, bytesOfColumns, Variable::make(Handle(), store->name),
                                 simplify(at(store->index, r * rows, c * tileColumns) * 4),
                                 simplify(rowStride(store->index) * 4), get(sums)})));
      }
    Stmt block =
        Block::make({Block::make(zeros), allSteps(Block::make(products)), Block::make(stores)});
    for (int r = 0; r < high; ++r)
      for (int c = 0; c < wide; ++c)
        block = Allocate::make(name("sums", r, c), Int(32, tileValues), MemoryType::AMXTile, {1},
                               const_true(), block);
    return block;
  }

private:
  static const Load *loadOf(const Expr &operand) {
    const auto *load = operand.as<Load>();
    if (!load)
      throw std::runtime_error("an operand of a product in tiles is not in memory");
    return load;
  }
  static int number(const Expr &expression) {
    const auto value = as_const_int(expression);
    if (!value)
      throw std::runtime_error("the loops of a product in tiles have no constant extents");
    return static_cast<int>(*value);
  }

  std::string name(const char *what, int first, int second = 0) const {
    return store->name + "." + what + std::to_string(first) + std::to_string(second);
  }

  /// An index as it is in this row and column of the block.
  Expr at(Expr index, int row, int column) const {
    for (auto let = lets.rbegin(); let != lets.rend(); ++let)
      index = substitute((*let)->name, (*let)->value, index);
    return simplify(substitute(
        {{rowLoop->name, rowLoop->min + row}, {columnLoop->name, columnLoop->min + column}},
        index));
  }
  Expr rowStride(const Expr &index) const { return simplify(at(index, 1, 0) - at(index, 0, 0)); }

  static Expr call(Type type, const char *intrinsic, const std::vector<Expr> &arguments) {
    return Call::make(type, intrinsic, arguments, Call::Intrinsic);
  }
  static Expr wholeTile() { return Ramp::make(0, 1, tileValues); }
  static Expr get(const std::string &tile) {
    return Load::make(Int(32, tileValues), tile, wholeTile(), Buffer<>(), Parameter(),
                      const_true(tileValues), ModulusRemainder());
  }
  static Stmt set(const std::string &tile, const Expr &value) {
    return Store::make(tile, value, wholeTile(), Parameter(), const_true(tileValues),
                       ModulusRemainder());
  }

  /// `products` of each step along the terms, with the step's tiles of both operands.
  Stmt allSteps(Stmt body) const {
    const std::string step = store->name + ".step";
    const Expr k = steps > 1 ? Variable::make(Int(32), step) : Expr(0);
    for (int r = high; r-- > 0;)
      body = LetStmt::make(
          name("left", r),
          call(leftType, "tile_load",
               {rows, bytes, Variable::make(Handle(), left->name),
                simplify(at(left->index, r * rows, 0) + k * bytes), rowStride(left->index)}),
          body);
    for (int c = wide; c-- > 0;)
      body = LetStmt::make(
          name("right", c),
          call(rightType, "tile_load",
               {bytes / group, bytesOfColumns, Variable::make(Handle(), right->name),
                simplify(at(right->index, 0, c * tileColumns) + k * (bytes / group * rightStride)),
                rightStride}),
          body);
    return steps > 1
               ? For::make(step, 0, steps, ForType::Serial, Partition::Auto, DeviceAPI::None, body)
               : body;
  }

  const For *rowLoop, *columnLoop;
  const std::vector<const LetStmt *> &lets;
  const Store *store;
  const Load *left, *right;
  const int rows, bytes, steps, rightStride, high, wide;
  const Type leftType = UInt(8, 1024), rightType = Int(8, 1024);
};

class LowerTileProducts : public IRMutator {
  using IRMutator::visit;

  /// Two loops with nothing else in them than a store of sums are a block.
  Stmt visit(const For *loop) override {
    std::vector<const For *> loops;
    std::vector<const LetStmt *> lets;
    Stmt body = loop;
    while (true)
      if (const auto *inner = body.as<For>()) {
        loops.push_back(inner);
        body = inner->body;
      } else if (const auto *let = body.as<LetStmt>()) {
        lets.push_back(let);
        body = let->body;
      } else {
        break;
      }
    const auto *store = body.as<Store>();
    const auto *sums = store ? store->value.as<Call>() : nullptr;
    if (!sums || sums->name != sumsName || loops.size() != 2)
      return IRMutator::visit(loop);
    return TileBlock(loops[0], loops[1], lets, store, sums).lowered();
  }

  Expr visit(const Call *call) override {
    if (call->name == sumsName)
      throw std::runtime_error("a product in tiles has other loops than over a block of tiles");
    return IRMutator::visit(call);
  }
};

} // namespace

Expr tileSums(const Expr &leftFirst, const Expr &leftLast, const Expr &right,
              const TileTerms &terms) {
  return Call::make(Int(32), sumsName,
                    {leftFirst, leftLast, right, terms.shape.rows, terms.shape.groups, terms.groups,
                     terms.columns},
                    Call::PureExtern);
}

void lowerTileProducts(Pipeline &pipeline) {
  pipeline.add_custom_lowering_pass(new LowerTileProducts);
}

} // namespace weir::kernels
