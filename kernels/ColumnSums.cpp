//===- ColumnSums.cpp - see ColumnSums.h -----------------------------------------------------===//

#include "kernels/ColumnSums.h"
#include "kernels/TileLoops.h"

#include <map>
#include <stdexcept>

using namespace Halide;
using namespace Halide::Internal;

namespace weir::kernels {
namespace {

constexpr const char *addingName = "weir_adding_to", *sumName = "weir_sum_of";

std::vector<Expr> argumentsOf(const ColumnSums &sums, std::vector<Expr> more) {
  more.insert(more.begin(), {sums.number, sums.columns, sums.terms});
  return more;
}

int number(const Expr &argument) {
  const auto *broadcast = argument.as<Broadcast>();
  return static_cast<int>(*as_const_int(broadcast ? broadcast->value : argument));
}

/// The arguments of a call as it is after vectorization.
struct SumsCall {
  explicit SumsCall(const Call *call)
      : sums{number(call->args[0]), number(call->args[1]), number(call->args[2])},
        rest(call->args.begin() + 3, call->args.end()) {}

  std::string memory() const { return "column_sums" + std::to_string(sums.number); }

  ColumnSums sums;
  std::vector<Expr> rest;
};

/// The sums' memory: for each slot, each term's columns.
class SumsMemory {
public:
  SumsMemory(std::string name, const ColumnSums &sums, int vectorWidth)
      : name(std::move(name)), sums(sums), vectorWidth(vectorWidth) {}

  int slots = 0;
  bool complete = false;

  int ofSlot() const { return sums.columns * sums.terms; }

  Expr load(const Expr &index) const {
    const Expr simple = simplify(index);
    return Load::make(Float(32, simple.type().lanes()), name, simple, Buffer<>(), Parameter(),
                      const_true(simple.type().lanes()), ModulusRemainder());
  }
  Stmt store(const Expr &index, const Expr &value) const {
    return Store::make(name, value, simplify(index), Parameter(), const_true(value.type().lanes()),
                       ModulusRemainder());
  }
  Expr index(const Expr &slot, int term, const Expr &column) const {
    const Expr base = slot * ofSlot() + term * sums.columns;
    const int lanes = column.type().lanes();
    return (lanes == 1 ? base : Broadcast::make(base, lanes)) + column;
  }

  Stmt clear(const Expr &slot) const {
    return vectors("clear", [&](const Expr &place) {
      return store(ramp(slot * ofSlot() + place), make_zero(Float(32, vectorWidth)));
    });
  }
  /// The other slots added to the first, in their order.
  Stmt addUp() const {
    if (slots == 1)
      return Evaluate::make(0);
    const std::string slot = name + ".slot";
    const Expr other = Variable::make(Int(32), slot);
    return loop(slot, 1, slots - 1, vectors("total", [&](const Expr &place) {
                  return store(ramp(place),
                               load(ramp(place)) + load(ramp(other * ofSlot() + place)));
                }));
  }
  Stmt around(const Stmt &body) const {
    const int64_t bytes = int64_t(slots) * ofSlot() * int64_t(sizeof(float));
    return Allocate::make(name, Float(32),
                          bytes <= mostStackBytes ? MemoryType::Stack : MemoryType::Heap,
                          {slots * ofSlot()}, const_true(), body);
  }

private:
  static Stmt loop(const std::string &variable, const Expr &min, int extent, const Stmt &body) {
    return For::make(variable, min, extent, ForType::Serial, Partition::Never, DeviceAPI::None,
                     body);
  }
  Expr ramp(const Expr &base) const { return Ramp::make(base, 1, vectorWidth); }
  template <typename Body> Stmt vectors(const char *what, Body body) const {
    const std::string variable = name + "." + what;
    return loop(variable, 0, ofSlot() / vectorWidth,
                body(Variable::make(Int(32), variable) * vectorWidth));
  }

  const std::string name;
  const ColumnSums sums;
  const int vectorWidth;
};

class LowerColumnSums : public IRMutator {
public:
  explicit LowerColumnSums(int vectorWidth) : vectorWidth(vectorWidth) {}

  Stmt mutate(const Stmt &statement) override {
    if (inside)
      return IRMutator::mutate(statement);
    inside = true;
    Stmt lowered = IRMutator::mutate(statement);
    for (const auto &[number, memory] : memories)
      lowered = memory.around(lowered);
    inside = false;
    memories.clear();
    return lowered;
  }
  using IRMutator::mutate;

private:
  using IRMutator::visit;

  /// Slots are those of a parallel loop's turns.
  Stmt visit(const For *loop) override {
    if (loop->for_type != ForType::Parallel || parallel)
      return IRMutator::visit(loop);
    parallel = loop;
    firstSlots.clear();
    Stmt body = mutate(loop->body);
    for (const auto &[number, first] : firstSlots) {
      SumsMemory &memory = memories.at(number);
      const auto turns = as_const_int(loop->extent);
      if (!turns)
        throw std::runtime_error("column sums in a parallel loop of unknown extent");
      memory.slots = first + static_cast<int>(*turns);
      body = Block::make(memory.clear(slotOf(number)), body);
    }
    firstSlots.clear();
    parallel = nullptr;
    return For::make(loop->name, loop->min, loop->extent, loop->for_type, loop->partition_policy,
                     loop->device_api, body);
  }

  /// Sums are complete behind the outermost loops that make their terms.
  Stmt visit(const ProducerConsumer *node) override {
    if (!node->is_producer || producing)
      return IRMutator::visit(node);
    producing = true;
    serial.clear();
    Stmt lowered = IRMutator::visit(node);
    producing = false;
    for (auto &[number, memory] : memories) {
      if (memory.complete)
        continue;
      memory.complete = true;
      if (serial.count(number))
        lowered = Block::make(memory.clear(serial[number]), lowered);
      lowered = Block::make(lowered, memory.addUp());
    }
    return lowered;
  }

  Stmt visit(const Store *store) override {
    std::vector<const Let *> lets;
    Expr value = store->value;
    while (const auto *let = value.as<Let>()) {
      lets.push_back(let);
      value = let->body;
    }
    const auto *call = value.as<Call>();
    if (!call || call->name != addingName)
      return IRMutator::visit(store);
    const SumsCall adding(call);
    const Expr column = mutate(adding.rest[0]);
    SumsMemory &memory =
        memories.try_emplace(adding.sums.number, adding.memory(), adding.sums, vectorWidth)
            .first->second;
    const Expr slot = slotOf(adding.sums.number);
    std::vector<Stmt> statements{Store::make(store->name, mutate(adding.rest[1]), store->index,
                                             store->param, store->predicate, store->alignment)};
    for (int term = 0; term < adding.sums.terms; ++term) {
      const Expr index = memory.index(slot, term, column);
      statements.push_back(
          memory.store(index, memory.load(index) + mutate(adding.rest[2 + size_t(term)])));
    }
    Stmt block = Block::make(statements);
    for (auto let = lets.rbegin(); let != lets.rend(); ++let)
      block = LetStmt::make((*let)->name, mutate((*let)->value), block);
    return block;
  }

  Expr visit(const Call *call) override {
    if (call->name == addingName)
      throw std::runtime_error("a value that column sums are made of is not stored");
    if (call->name != sumName)
      return IRMutator::visit(call);
    const SumsCall sum(call);
    const auto memory = memories.find(sum.sums.number);
    if (memory == memories.end() || !memory->second.complete)
      throw std::runtime_error("column sums are read before they are complete");
    return memory->second.load(memory->second.index(0, number(sum.rest[0]), mutate(sum.rest[1])));
  }

  Expr slotOf(int number) {
    const auto next = [&] {
      SumsMemory &memory = memories.at(number);
      return memory.slots;
    };
    if (parallel) {
      const int first = firstSlots.try_emplace(number, next()).first->second;
      return first + Variable::make(Int(32), parallel->name) - parallel->min;
    }
    if (const auto [slot, isNew] = serial.try_emplace(number, next()); isNew)
      ++memories.at(number).slots;
    return serial.at(number);
  }

  const int vectorWidth;
  bool inside = false, producing = false;
  const For *parallel = nullptr;
  std::map<int, SumsMemory> memories;
  std::map<int, int> firstSlots; ///< in the parallel loop
  std::map<int, int> serial;     ///< slots outside of parallel loops
};

} // namespace

Expr addingTo(const ColumnSums &sums, const Expr &value, const Expr &column,
              const std::vector<Expr> &terms) {
  std::vector<Expr> arguments{column, value};
  arguments.insert(arguments.end(), terms.begin(), terms.end());
  return Call::make(value.type(), addingName, argumentsOf(sums, arguments), Call::PureExtern);
}

Expr sumOf(const ColumnSums &sums, int term, const Expr &column) {
  return Call::make(Float(32), sumName, argumentsOf(sums, {term, column}), Call::PureExtern);
}

void lowerColumnSums(Pipeline &pipeline, int vectorWidth) {
  pipeline.add_custom_lowering_pass(new LowerColumnSums(vectorWidth));
}

} // namespace weir::kernels
