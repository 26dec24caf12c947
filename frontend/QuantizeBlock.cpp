// Reads the settings of `quantize`. See QuantizeBlock.h.
#include "frontend/QuantizeBlock.h"

#include "llvm/ADT/STLExtras.h"

#include <limits>

namespace weir {

using llvm::StringRef;

namespace {

constexpr CallSetting callSettings[] = {{"calibrate", Category::Part, "training_images"},
                                        {"held_out", Category::Part, "test_images"},
                                        {"method", Category::Calibration, "percentile"},
                                        {"weights", Category::Granularity, "per_channel"}};

struct FlagSetting {
  StringRef name;
  bool QuantizeBlock::*field;
};
constexpr FlagSetting flagSettings[] = {{"equalize", &QuantizeBlock::equalize},
                                        {"correct_bias", &QuantizeBlock::correctBias},
                                        {"aware", &QuantizeBlock::aware}};

constexpr double unlimited = std::numeric_limits<double>::max();
constexpr ArgumentRange argumentRanges[] = {
    {"percent", 50, 100, false, "a percentage from 50 to 100"},
    {"count", 0, unlimited, false, "a number of images, or 0 for all,"},
    {"from", 0, unlimited, false, "the number of an image, 0 or more,"},
};

class Reader : SettingsReader {
public:
  Reader(const ast::Settings &block, Evaluator &evaluator,
         llvm::MutableArrayRef<Override> overrides, Diagnostics &diagnostics)
      : SettingsReader("quantize", block, evaluator, overrides, diagnostics) {}

  std::optional<QuantizeBlock> read() {
    const size_t errorsBefore = diagnostics.errorCount();
    checkNames(quantizeNames(nullptr));
    readCalls(callSettings, result.calls);
    for (const FlagSetting &setting : flagSettings)
      if (const ast::Expression *value = find(setting.name))
        readFlag(setting, *value);
    if (const ast::Expression *value = find("keep_float"))
      readKeepFloat(*value);
    if (const ast::Expression *value = find("float_layers"))
      readFloatLayers(*value);
    if (const ast::Expression *value = find("require"); value && !isNone(*value))
      readRequire(*value);
    overrideArguments(result.calls, quantizeNames(nullptr));
    for (const RecipeCall &call : result.calls)
      checkRanges(call, argumentRanges);
    if (diagnostics.errorCount() == errorsBefore)
      checkImages();
    if (diagnostics.errorCount() != errorsBefore)
      return std::nullopt;
    return std::move(result);
  }

private:
  void readFlag(const FlagSetting &setting, const ast::Expression &expression) {
    Value value = evaluator.evaluateConstant(expression);
    if (auto *flag = value.as<bool>())
      result.*setting.field = *flag;
    else if (value.isValid())
      diagnostics.error(expression.range,
                        "'" + setting.name + "' expects true or false, but got " + describe(value));
  }

  void readKeepFloat(const ast::Expression &expression) {
    Value value = evaluator.evaluateConstant(expression);
    auto *list = value.as<List>();
    auto *literal = std::get_if<ast::ListLiteral>(&expression.node);
    const bool fits =
        list && llvm::all_of(**list, [](const Value &path) { return path.is<std::string>(); });
    if (!fits && value.isValid())
      diagnostics.error(expression.range, "'keep_float' expects a list of layers such as "
                                          "[\"dense_1\"], but got " +
                                              describe(value));
    if (fits)
      for (const auto &[index, path] : llvm::enumerate(**list))
        result.keepFloat.push_back({*path.as<std::string>(),
                                    literal ? literal->elements[index]->range : expression.range});
  }

  void readFloatLayers(const ast::Expression &expression) {
    Value value = evaluator.evaluateConstant(expression);
    if (auto *count = value.as<int64_t>(); count && *count >= 0)
      result.floatLayers = *count;
    else if (value.isValid())
      diagnostics.error(expression.range,
                        "'float_layers' expects a number of layers, 0 or more, but got " +
                            describe(value));
  }

  /// `drop <= 0.3%`: the one form there is, so it is read from the tree.
  void readRequire(const ast::Expression &expression) {
    auto *comparison = std::get_if<ast::BinaryOperation>(&expression.node);
    auto *left = comparison ? std::get_if<ast::NameReference>(&comparison->left->node) : nullptr;
    if (!left || comparison->op != ast::BinaryOperator::LessEqual || left->name != "drop") {
      diagnostics.error(expression.range, "'require' expects a limit such as drop <= 0.3%");
      return;
    }
    Value value = evaluator.evaluateConstant(*comparison->right);
    std::optional<double> drop = value.number();
    if (drop && *drop >= 0 && *drop < 1)
      result.maximumDrop = drop;
    else if (value.isValid())
      diagnostics.error(comparison->right->range,
                        "'require' expects a drop of the accuracy from 0% to below 100%, but got " +
                            describe(value));
  }

  /// Images that the net is measured on are never those that it was calibrated with.
  void checkImages() {
    const RecipeCall &calibrate = result.calls[0], &heldOut = result.calls[1];
    if (calibrate.signature->name != "training_images") {
      diagnostics.error(calibrate.where, "'calibrate' expects training_images(…), but got '" +
                                             calibrate.signature->name +
                                             "', which the net is measured on");
      return;
    }
    if (heldOut.signature->name != calibrate.signature->name)
      return;
    // From the first to behind the last; signed numbers from 0, so that sums fit into unsigned
    // ones.
    auto part = [](const RecipeCall &call) {
      const auto first = static_cast<uint64_t>(*call.find("from")->value.as<int64_t>());
      const auto count = static_cast<uint64_t>(*call.find("count")->value.as<int64_t>());
      return std::pair(first, count == 0 ? std::numeric_limits<uint64_t>::max() : first + count);
    };
    const auto [calibrateFirst, calibrateEnd] = part(calibrate);
    const auto [heldOutFirst, heldOutEnd] = part(heldOut);
    if (std::max(calibrateFirst, heldOutFirst) < std::min(calibrateEnd, heldOutEnd))
      diagnostics
          .error(heldOut.where, "'held_out' expects other images than 'calibrate', but both have "
                                "training image " +
                                    llvm::Twine(std::max(calibrateFirst, heldOutFirst)))
          .note(calibrate.where, find("calibrate")
                                     ? "'calibrate' is here"
                                     : "'calibrate' begins with training image " +
                                           llvm::Twine(calibrateFirst) + " where it is not set");
  }

  QuantizeBlock result;
};

} // namespace

std::optional<QuantizeBlock> readQuantize(const ast::Settings &block, Evaluator &evaluator,
                                          llvm::MutableArrayRef<Override> overrides,
                                          Diagnostics &diagnostics) {
  return Reader(block, evaluator, overrides, diagnostics).read();
}

std::vector<StringRef> quantizeNames(const QuantizeBlock *block) {
  std::vector<StringRef> names = {"keep_float", "float_layers", "require"};
  for (const CallSetting &setting : callSettings)
    names.push_back(setting.name);
  for (const FlagSetting &setting : flagSettings)
    names.push_back(setting.name);
  if (block)
    addArgumentNames(block->calls, names);
  return names;
}

} // namespace weir
