// Program -> module: variables, one function for each inference batch, one training step.
//
// Runs the net's body once for each function through Evaluator and DialectBuilder. Comes last in
// the frontend; passes/ takes over from here.
#include "frontend/DialectBuilder.h"
#include "frontend/Frontend.h"
#include "frontend/Initialisers.h"
#include "frontend/Overrides.h"
#include "frontend/QuantizeBlock.h"
#include "frontend/Recipe.h"
#include "frontend/UnusedLayers.h"

#include "ir/Builders.h"

namespace weir {

using llvm::StringRef;

namespace {

class Lowering {
public:
  Lowering(const Program &program, mlir::MLIRContext &context, const CompileOptions &options,
           Diagnostics &diagnostics)
      : file(program.main()), context(context), options(options), diagnostics(diagnostics),
        evaluator(program, diagnostics) {
    context.loadDialect<WeirDialect, mlir::func::FuncDialect>();
  }

  mlir::OwningOpRef<mlir::ModuleOp> run() {
    std::vector<Override> overrides = parseOverrides(options.sets, diagnostics);
    applyToLets(overrides);
    evaluator.evaluateLets();
    if (file.train)
      recipe = readRecipe(*file.train, evaluator, overrides, diagnostics);
    if (file.sweep)
      checkSweep(*file.sweep, file, recipe ? &*recipe : nullptr, evaluator, diagnostics);
    if (file.quantize)
      quantize = readQuantize(*file.quantize, evaluator, overrides, diagnostics);
    reportUnused(overrides);
    if (!file.net) {
      diagnostics.fileError(file.source->name(), "file expects a net, but has none");
      return nullptr;
    }
    SourceRange netRange = file.net->name.range;
    module = mlir::ModuleOp::create(locationFor(&context, "", netRange));
    variables.module = *module;
    mlir::Builder builder(&context);
    (*module)->setAttr("weir.net", builder.getStringAttr(file.net->name.text));

    if (!readInputShape())
      return nullptr;
    std::vector<int64_t> batches = inferBatches();
    for (int64_t batch : batches)
      if (!buildInference(batch))
        return nullptr;
    if (recipe && !buildTraining())
      return nullptr;
    eraseUnreadVariables(*module);
    if (options.quantize && !file.quantize)
      quantize = readQuantize({file.net->name.range, {}}, evaluator, {}, diagnostics);
    if (quantize) {
      if (!file.train)
        diagnostics.error(file.quantize ? file.quantize->keyword : file.net->name.range,
                          "'quantize' expects a 'train' block, whose data it works with, but the "
                          "file has none");
      checkKeepFloat();
      (*module)->setAttr("weir.quantize", quantizeAttribute(builder));
    }
    if (diagnostics.hasErrors())
      return nullptr;
    return std::move(module);
  }

private:
  // ---- Names of the command line ----

  void applyToLets(llvm::MutableArrayRef<Override> overrides) {
    for (Override &override : overrides) {
      auto known = file.names.find(override.name);
      if (known == file.names.end())
        continue;
      if (auto *let = std::get_if<const ast::Let *>(&known->second)) {
        evaluator.overrideLet(**let, *override.value);
        override.isUsed = true;
      }
    }
  }

  void reportUnused(llvm::ArrayRef<Override> overrides) {
    if ((file.train && !recipe) || (file.quantize && !quantize))
      return; // their names are not known
    for (const Override &override : overrides) {
      if (override.isUsed)
        continue;
      std::vector<StringRef> known;
      if (recipe)
        known = settingNames(&*recipe);
      if (quantize)
        llvm::append_range(known, quantizeNames(&*quantize));
      for (const auto &entry : file.names)
        if (std::holds_alternative<const ast::Let *>(entry.second))
          known.push_back(entry.getKey());
      llvm::sort(known);
      diagnostics
          .error(override.nameRange,
                 "there is no constant or setting '" + override.name + "' to set")
          .suggest(override.name, known);
    }
  }

  // ---- Shapes ----

  bool readInputShape() {
    const ast::Expression &expression = *file.net->inputShape;
    Value value = evaluator.evaluateConstant(expression);
    auto *sizes = value.as<List>();
    bool fits = sizes && (*sizes)->size() == 3;
    int64_t count = 1;
    if (fits)
      for (const Value &size : **sizes) {
        auto *integer = size.as<int64_t>();
        fits = fits && integer && *integer >= 1 && *integer <= maximumSize;
        inputShape.push_back(fits ? *integer : 1);
        count *= inputShape.back();
      }
    if (fits && count <= maximumPixels)
      return true;
    if (value.isValid())
      diagnostics.error(expression.range, "net expects [height, width, channels] with up to " +
                                              llvm::Twine(maximumPixels) +
                                              " values as its input, but got " + describe(value));
    return false;
  }

  std::vector<int64_t> inferBatches() {
    std::vector<int64_t> batches = options.inferBatches;
    if (batches.empty())
      batches = {1, recipe ? recipe->batch : Recipe().batch};
    llvm::sort(batches);
    batches.erase(llvm::unique(batches), batches.end());
    for (int64_t batch : batches)
      if (batch < 1 || batch > maximumBatch) {
        diagnostics.error({}, "--infer-batch expects integers from 1 to " +
                                  llvm::Twine(maximumBatch) + ", but got " + llvm::Twine(batch));
        return {};
      }
    return batches;
  }

  mlir::RankedTensorType imageType(int64_t batch) {
    llvm::SmallVector<int64_t> shape{batch};
    shape.append(inputShape);
    return f32Tensor(&context, shape);
  }

  mlir::RankedTensorType integerType(llvm::ArrayRef<int64_t> shape) {
    return mlir::RankedTensorType::get(shape, mlir::IntegerType::get(&context, 32));
  }

  // ---- Functions ----

  /// A function of these arguments at the end of the module, with an empty body and no results yet.
  mlir::func::FuncOp addFunction(StringRef name,
                                 llvm::ArrayRef<std::pair<StringRef, mlir::Type>> arguments) {
    mlir::OpBuilder builder = mlir::OpBuilder::atBlockEnd(module->getBody());
    llvm::SmallVector<mlir::Type> types;
    for (const auto &argument : arguments)
      types.push_back(argument.second);
    mlir::Location where = locationFor(&context, "", file.net->name.range);
    auto function =
        mlir::func::FuncOp::create(builder, where, name, builder.getFunctionType(types, {}));
    mlir::Block *block = function.addEntryBlock();
    for (const auto &[argument, value] : llvm::zip(arguments, block->getArguments()))
      value.setLoc(locationFor(&context, argument.first, file.net->input.range));
    return function;
  }

  void finishFunction(mlir::func::FuncOp function, mlir::OpBuilder &builder,
                      mlir::ValueRange results) {
    mlir::func::ReturnOp::create(builder, function.getLoc(), results);
    function.setType(builder.getFunctionType(function.getArgumentTypes(), results.getTypes()));
  }

  /// Runs the net's body into `builder`. Null after errors, or if the result is not a row of
  /// logits.
  mlir::Value buildNet(DialectBuilder &builder) {
    const ast::Net &net = *file.net;
    size_t errorsBefore = diagnostics.errorCount();
    Value result = evaluator.runNet(builder, builder.input(net.input.range, net.input.text));
    if (diagnostics.errorCount() != errorsBefore || !result.isValid())
      return nullptr;
    auto *tensor = result.as<Tensor>();
    if (tensor && tensor->shape.size() == 1) {
      eraseUnusedLayers(builder.function(), builder.value(*tensor));
      return builder.value(*tensor);
    }
    Diagnostic &error = diagnostics.error(
        net.name.range, "net '" + net.name.text +
                            "' expects to return one logit for each class, but got " +
                            describe(result));
    if (tensor)
      error.note(tensor->origin, "it comes from '" + tensor->originName + "' here");
    return nullptr;
  }

  bool buildInference(int64_t batch) {
    std::string name = "infer_b" + std::to_string(batch);
    mlir::func::FuncOp function = addFunction(name, {{file.net->input.text, imageType(batch)}});
    DialectBuilder builder(function, nullptr, variables);
    mlir::Value logits = buildNet(builder);
    if (!logits)
      return false;
    finishFunction(function, builder.opBuilder(), logits);
    chooseInitialisers(function, variables);
    return true;
  }

  bool buildTraining() {
    mlir::Type scalar = f32Tensor(&context, {});
    mlir::func::FuncOp function =
        addFunction("train_step", {{"image", imageType(recipe->batch)},
                                   {"label", integerType({recipe->batch})},
                                   {"learning_rate", scalar},
                                   {"rng", integerType({3})}});
    mlir::Value label = function.getArgument(1), rate = function.getArgument(2),
                counter = function.getArgument(3);
    DialectBuilder netBuilder(function, counter, variables);
    mlir::Value logits = buildNet(netBuilder);
    if (!logits)
      return false;
    mlir::OpBuilder &builder = netBuilder.opBuilder();
    mlir::Operation *loss = buildLoss(builder, logits, label, counter);
    if (!loss || !buildUpdate(builder, loss->getResult(0), rate, counter))
      return false;
    finishFunction(function, builder, loss->getResults());
    (*module)->setAttr("weir.recipe", recipeAttribute(builder));
    return true;
  }

  mlir::Operation *buildLoss(mlir::OpBuilder &builder, mlir::Value logits, mlir::Value label,
                             mlir::Value counter) {
    const RecipeCall &call = *recipe->find("loss");
    llvm::SmallVector<mlir::Value> operands;
    for (const Argument &argument : call.signature->arguments)
      if (argument.kind == ArgumentKind::Tensor)
        operands.push_back(logits);
      else if (argument.kind == ArgumentKind::Labels)
        operands.push_back(label);
      else if (argument.kind == ArgumentKind::Counter)
        operands.push_back(counter);
    ErrorCapture errors(&context);
    mlir::Operation *op = buildOp(builder, locationFor(&context, call.signature->name, call.where),
                                  call.signature->name, operands, attributesOf(builder, call));
    if (!op)
      diagnostics.error(culprit(call, errors.message), errors.message);
    return op;
  }

  /// `weir.minimize`, after a trial of the optimizer: its constraints are to fail here, where the
  /// user's numbers are, and not in `differentiate`.
  bool buildUpdate(mlir::OpBuilder &builder, mlir::Value loss, mlir::Value rate,
                   mlir::Value counter) {
    const RecipeCall &call = *recipe->find("optimizer");
    mlir::Location where = locationFor(&context, call.signature->name, call.where);
    std::vector<mlir::NamedAttribute> options = attributesOf(builder, call);
    llvm::SmallVector<mlir::Value> runtime, operands;
    for (const Argument &argument : call.signature->arguments) {
      if (argument.kind == ArgumentKind::Runtime)
        runtime.push_back(rate);
      if (!argument.isAttribute() && argument.kind != ArgumentKind::Stream)
        operands.push_back(argument.kind == ArgumentKind::Counter ? counter : rate);
    }
    ErrorCapture errors(&context);
    mlir::Operation *trial = buildOp(builder, where, call.signature->name, operands, options);
    if (!trial) {
      diagnostics.error(culprit(call, errors.message), errors.message);
      return false;
    }
    trial->erase();
    auto minimize = MinimizeOp::create(builder, where, loss, runtime, counter, call.signature->name,
                                       builder.getDictionaryAttr(options));
    if (recipe->clipNorm)
      minimize->setAttr("weir.clip_norm", builder.getF64FloatAttr(*recipe->clipNorm));
    if (recipe->clipValue)
      minimize->setAttr("weir.clip_value", builder.getF64FloatAttr(*recipe->clipValue));
    return true;
  }

  // ---- Recipe ----

  /// Where to point for an error of an op: at the argument that the message names in quotes.
  static SourceRange culprit(const RecipeCall &call, StringRef message) {
    SourceRange place = call.where;
    for (const RecipeCall::Argument &argument : call.arguments)
      if (message.contains(("'" + argument.name + "'").str()))
        place = argument.where;
    return place;
  }

  static std::vector<mlir::NamedAttribute> attributesOf(mlir::Builder &builder,
                                                        const RecipeCall &call) {
    std::vector<mlir::NamedAttribute> attributes;
    for (const RecipeCall::Argument &argument : call.arguments)
      if (const Argument *known = call.signature->find(argument.name); known->isAttribute())
        attributes.push_back(builder.getNamedAttr(
            argument.name, attributeFor(builder, known->kind, argument.value)));
    return attributes;
  }

  /// `{call = "adam", beta1 = …}` for each setting.
  static mlir::NamedAttrList callAttributes(mlir::Builder &builder,
                                            llvm::ArrayRef<RecipeCall> calls) {
    mlir::NamedAttrList all;
    for (const RecipeCall &call : calls) {
      mlir::NamedAttrList attributes;
      attributes.append("call", builder.getStringAttr(call.signature->name));
      for (const RecipeCall::Argument &argument : call.arguments)
        attributes.append(
            argument.name,
            attributeFor(builder, call.signature->find(argument.name)->kind, argument.value));
      all.append(call.setting, attributes.getDictionary(builder.getContext()));
    }
    return all;
  }

  mlir::DictionaryAttr recipeAttribute(mlir::Builder &builder) {
    mlir::NamedAttrList all = callAttributes(builder, recipe->calls);
    all.append("batch", builder.getI64IntegerAttr(recipe->batch));
    all.append("epochs", builder.getI64IntegerAttr(recipe->epochs));
    all.append("seed", builder.getI64IntegerAttr(recipe->seed));
    all.append("keep", builder.getStringAttr(recipe->keep));
    if (recipe->clipNorm)
      all.append("clip_norm", builder.getF64FloatAttr(*recipe->clipNorm));
    if (recipe->clipValue)
      all.append("clip_value", builder.getF64FloatAttr(*recipe->clipValue));
    return all.getDictionary(&context);
  }

  mlir::DictionaryAttr quantizeAttribute(mlir::Builder &builder) {
    mlir::NamedAttrList all = callAttributes(builder, quantize->calls);
    all.append("equalize", builder.getBoolAttr(quantize->equalize));
    all.append("correct_bias", builder.getBoolAttr(quantize->correctBias));
    if (quantize->aware)
      all.append("aware", builder.getBoolAttr(true));
    all.append("float_layers", builder.getI64IntegerAttr(quantize->floatLayers));
    llvm::SmallVector<mlir::Attribute> layers;
    for (const QuantizeBlock::Layer &layer : quantize->keepFloat)
      layers.push_back(builder.getStringAttr(layer.path));
    all.append("keep_float", builder.getArrayAttr(layers));
    if (quantize->maximumDrop)
      all.append("maximum_drop", builder.getF64FloatAttr(*quantize->maximumDrop));
    return all.getDictionary(&context);
  }

  /// Layers that stay in float are layers with weights of this net.
  void checkKeepFloat() {
    llvm::SmallVector<StringRef> known;
    auto infer = *module->getOps<mlir::func::FuncOp>().begin();
    for (mlir::Operation &op : infer.getBody().front())
      if (mlir::isa<Conv2dOp, DepthwiseConv2dOp, DenseOp>(op))
        if (auto location = mlir::dyn_cast<mlir::NameLoc>(op.getLoc()))
          known.push_back(location.getName().getValue());
    for (const QuantizeBlock::Layer &layer : quantize->keepFloat)
      if (!llvm::is_contained(known, layer.path))
        diagnostics
            .error(layer.where, "the net has no convolution or dense layer '" + layer.path + "'")
            .suggest(layer.path, known);
  }

  static constexpr int64_t maximumSize = 16384, maximumPixels = 1 << 22;

  const ast::File &file;
  mlir::MLIRContext &context;
  const CompileOptions &options;
  Diagnostics &diagnostics;
  Evaluator evaluator;
  std::optional<Recipe> recipe;
  std::optional<QuantizeBlock> quantize;
  llvm::SmallVector<int64_t> inputShape;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  NetVariables variables;
};

} // namespace

mlir::OwningOpRef<mlir::ModuleOp> lowerToDialect(const Program &program, mlir::MLIRContext &context,
                                                 const CompileOptions &options,
                                                 Diagnostics &diagnostics) {
  return Lowering(program, context, options, diagnostics).run();
}

} // namespace weir
