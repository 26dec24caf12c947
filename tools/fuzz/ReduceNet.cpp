//===- ReduceNet.cpp - see ReduceNet.h -------------------------------------------------------===//

#include "tools/fuzz/ReduceNet.h"

#include "tools/fuzz/GenerateNet.h"

#include "llvm/ADT/StringRef.h"

namespace weir {
namespace {

using Simplifications = std::vector<Simplification<std::optional<FuzzNet>>>;

class Simplifier {
public:
  explicit Simplifier(const FuzzNet &net) : net(net) {}

  Simplifications all() {
    if (net.trains())
      add([](FuzzNet &copy) {
        copy.loss = copy.optimizer = {};
        copy.settings.clear();
      });
    for (size_t value = 0; value < net.result; ++value)
      add([value](FuzzNet &copy) {
        copy.result = value;
        dropUnused(copy);
      });
    for (size_t i = net.calls.size(); i-- > 0;)
      for (const size_t input : net.calls[i].inputs)
        add([i, input](FuzzNet &copy) {
          replace(copy, i + 1, input);
          dropUnused(copy);
        });
    for (size_t i = 0; i < net.settings.size(); ++i)
      add([i](FuzzNet &copy) {
        copy.settings.erase(copy.settings.begin() + static_cast<ptrdiff_t>(i));
      });
    if (net.trains() && net.optimizer.op != "sgd")
      add([](FuzzNet &copy) { copy.optimizer = {"sgd", {}, {}}; });
    addArguments();
    addNumbers();
    return std::move(simplifications);
  }

private:
  template <typename Change> void add(Change change) {
    simplifications.push_back([this_ = net, change]() -> std::optional<FuzzNet> {
      FuzzNet copy = this_;
      change(copy);
      return shapeOfResult(copy) ? std::optional(std::move(copy)) : std::nullopt;
    });
  }

  /// Who reads `value` reads `other`.
  static void replace(FuzzNet &copy, size_t value, size_t other) {
    for (FuzzCall &call : copy.calls)
      for (size_t &input : call.inputs)
        input = input == value ? other : input;
    copy.result = copy.result == value ? other : copy.result;
  }

  static void dropUnused(FuzzNet &copy) {
    for (size_t i = copy.calls.size(); i-- > 0;) {
      const size_t value = i + 1;
      bool isUsed = copy.result == value;
      for (const FuzzCall &call : copy.calls)
        for (const size_t input : call.inputs)
          isUsed |= input == value;
      if (isUsed)
        continue;
      copy.calls.erase(copy.calls.begin() + static_cast<ptrdiff_t>(i));
      for (FuzzCall &call : copy.calls)
        for (size_t &input : call.inputs)
          input -= input > value;
      copy.result -= copy.result > value;
    }
  }

  /// The calls of the net, of the loss and the optimizer, by number.
  static FuzzCall &callOf(FuzzNet &copy, size_t i) {
    return i < copy.calls.size()    ? copy.calls[i]
           : i == copy.calls.size() ? copy.loss
                                    : copy.optimizer;
  }

  void addArguments() {
    FuzzNet copy = net;
    for (size_t i = 0; i < net.calls.size() + 2; ++i) {
      const auto &arguments = callOf(copy, i).arguments;
      for (size_t k = 0; k < arguments.size(); ++k) {
        add([i, k](FuzzNet &changed) {
          auto &list = callOf(changed, i).arguments;
          list.erase(list.begin() + static_cast<ptrdiff_t>(k));
        });
        for (const std::string &text : smaller(arguments[k].second))
          add([i, k, text](FuzzNet &changed) { callOf(changed, i).arguments[k].second = text; });
      }
      for (size_t k = 0; callOf(copy, i).op == "concat" && k < callOf(copy, i).inputs.size(); ++k)
        add([i, k](FuzzNet &changed) {
          auto &inputs = callOf(changed, i).inputs;
          inputs.erase(inputs.begin() + static_cast<ptrdiff_t>(k));
          dropUnused(changed);
        });
    }
  }

  void addNumbers() {
    for (size_t i = 0; i < net.image.size(); ++i)
      for (const int64_t size : smallerSizes(net.image[i]))
        add([i, size](FuzzNet &copy) { copy.image[i] = size; });
    for (const int64_t size : smallerSizes(net.classes))
      add([size](FuzzNet &copy) { copy.classes = size; });
    for (const int64_t size : smallerSizes(net.batch))
      if (net.trains())
        add([size](FuzzNet &copy) { copy.batch = size; });
  }

  static std::vector<int64_t> smallerSizes(int64_t size) {
    if (size <= 1)
      return {};
    return size == 2 ? std::vector<int64_t>{1} : std::vector<int64_t>{1, size / 2, size - 1};
  }

  /// "12" -> "1", "6", "11"; "[3, 5]" -> "3", "5".
  static std::vector<std::string> smaller(llvm::StringRef text) {
    std::vector<std::string> result;
    int64_t number = 0;
    if (!text.getAsInteger(10, number)) {
      for (const int64_t size : smallerSizes(number))
        result.push_back(std::to_string(size));
    } else if (text.consume_front("[") && text.consume_back("]")) {
      auto [first, rest] = text.split(", ");
      if (!rest.empty() && !rest.contains(','))
        result = {first.str(), rest.str()};
    }
    return result;
  }

  const FuzzNet &net;
  Simplifications simplifications;
};

} // namespace

Simplifications simplerNets(const std::optional<FuzzNet> &net) { return Simplifier(*net).all(); }

} // namespace weir
