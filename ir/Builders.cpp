//===- Builders.cpp - see Builders.h ---------------------------------------------------------===//

#include "ir/Builders.h"
#include "ir/Signatures.h"

#include "llvm/ADT/ScopeExit.h"

using namespace mlir;

namespace weir {
namespace {

/// The operand segment sizes of an op with optional operands: 1 or 0 for each.
void addSegments(OpBuilder &builder, ArrayRef<Value> operands, OperationName name,
                 SmallVectorImpl<NamedAttribute> &attributes) {
  StringRef segments = "operandSegmentSizes";
  if (!llvm::is_contained(name.getAttributeNames(), segments))
    return;
  auto sizes = llvm::map_to_vector(operands, [](Value v) { return v ? 1 : 0; });
  attributes.push_back(builder.getNamedAttr(segments, builder.getDenseI32ArrayAttr(sizes)));
}

} // namespace

Operation *buildOp(OpBuilder &builder, Location location, StringRef mnemonic,
                   ArrayRef<Value> operands, ArrayRef<NamedAttribute> attributes) {
  MLIRContext *context = builder.getContext();
  OperationName name(("weir." + mnemonic).str(), context);
  std::optional<RegisteredOperationName> registered = name.getRegisteredInfo();
  assert(registered && "signatures name registered ops");

  SmallVector<NamedAttribute> all(attributes);
  addSegments(builder, operands, name, all);
  SmallVector<Value> present;
  llvm::copy_if(operands, std::back_inserter(present), [](Value v) { return bool(v); });
  DictionaryAttr dictionary = builder.getDictionaryAttr(all);

  // Properties as `Op::create` would make them, so that the shape rule sees attributes and
  // defaults.
  std::vector<char> storage(name.getOpPropertyByteSize() + alignof(std::max_align_t));
  void *aligned = storage.data();
  size_t space = storage.size();
  std::align(alignof(std::max_align_t), name.getOpPropertyByteSize(), aligned, space);
  OpaqueProperties properties(aligned);
  if (name.getOpPropertyByteSize()) {
    name.initOpProperties(properties, OpaqueProperties(nullptr));
  } else {
    properties = OpaqueProperties(nullptr);
  }
  llvm::scope_exit destroy([&] {
    if (name.getOpPropertyByteSize())
      name.destroyOpProperties(properties);
  });
  auto emitError = [&] { return mlir::emitError(location) << "'" << mnemonic << "' "; };
  if (name.getOpPropertyByteSize() &&
      failed(registered->setOpPropertiesFromAttribute(name, properties, dictionary, emitError)))
    return nullptr;

  SmallVector<Type> types;
  auto *rule = registered->getInterface<InferTypeOpInterface>();
  assert(rule && "ops built by name infer their types");
  if (failed(rule->inferReturnTypes(context, location, present, dictionary, properties, {}, types)))
    return nullptr;

  OperationState state(location, name);
  state.addOperands(present);
  state.addAttributes(all);
  state.addTypes(types);
  Operation *op = builder.create(state);
  if (failed(registered->verifyInvariants(op))) {
    op->erase();
    return nullptr;
  }
  return op;
}

bool isOptimizer(Operation *op) {
  const Signature *signature = findSignature(op->getName().stripDialect());
  return signature && signature->category == Category::Optimizer;
}

FailureOr<SmallVector<ParameterSpec>> inferParameters(MLIRContext *context, Location location,
                                                      StringRef mnemonic, TypeRange inputs,
                                                      ArrayRef<NamedAttribute> attributes) {
  OperationName name(("weir." + mnemonic).str(), context);
  auto *layer = name.getInterface<LayerOpInterface>();
  if (!layer)
    return SmallVector<ParameterSpec>();
  return layer->inferParameters(inputs, DictionaryAttr::get(context, attributes),
                                [&] { return mlir::emitError(location); });
}

RankedTensorType f32Tensor(MLIRContext *context, ArrayRef<int64_t> shape) {
  return RankedTensorType::get(shape, Float32Type::get(context));
}

std::string numberText(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

std::string shapeText(ArrayRef<int64_t> shape) {
  if (shape.empty())
    return "a scalar";
  std::string text;
  for (int64_t size : shape)
    text += (text.empty() ? "" : "x") + std::to_string(size);
  return text;
}

std::string listText(ArrayRef<int64_t> numbers) {
  std::string text;
  for (int64_t number : numbers)
    text += (text.empty() ? "" : ", ") + std::to_string(number);
  return text;
}

std::string imageShapeText(Type type) {
  ArrayRef<int64_t> shape = cast<RankedTensorType>(type).getShape();
  return shapeText(shape.empty() ? shape : shape.drop_front());
}

} // namespace weir
