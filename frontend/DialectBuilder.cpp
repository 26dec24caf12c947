// Makes variables, reads and ops of layer calls. See DialectBuilder.h.
#include "frontend/DialectBuilder.h"
#include "frontend/Initialisers.h"

#include "ir/Builders.h"

namespace weir {

using llvm::StringRef;

namespace {

/// No tensor may have more elements; it also keeps products of two sizes within 64 bits.
constexpr int64_t maximumTensor = std::numeric_limits<int32_t>::max();

bool isTooLarge(mlir::RankedTensorType type) {
  int64_t count = 1;
  for (int64_t size : type.getShape())
    if (llvm::MulOverflow(count, size, count) || count > maximumTensor)
      return true;
  return false;
}

} // namespace

mlir::Attribute attributeFor(mlir::Builder &builder, ArgumentKind kind, const Value &value) {
  switch (kind) {
  case ArgumentKind::Int:
    return builder.getI64IntegerAttr(*value.as<int64_t>());
  case ArgumentKind::Float:
  case ArgumentKind::Runtime:
    return builder.getF64FloatAttr(*value.number());
  case ArgumentKind::Bool:
    return builder.getBoolAttr(*value.as<bool>());
  case ArgumentKind::String:
    return builder.getStringAttr(*value.as<std::string>());
  case ArgumentKind::IntList:
  case ArgumentKind::Padding: {
    llvm::SmallVector<int64_t> integers;
    for (const Value &element : **value.as<List>())
      integers.push_back(*element.as<int64_t>());
    return builder.getDenseI64ArrayAttr(integers);
  }
  default:
    return nullptr;
  }
}

mlir::Location locationFor(mlir::MLIRContext *context, StringRef path, SourceRange range) {
  SourcePosition at = range.file->position(range.begin);
  auto place = mlir::FileLineColLoc::get(context, range.file->name(), at.line, at.column);
  return path.empty() ? mlir::Location(place)
                      : mlir::NameLoc::get(mlir::StringAttr::get(context, path), place);
}

DialectBuilder::DialectBuilder(mlir::func::FuncOp function, mlir::Value counter,
                               NetVariables &variables)
    : builder(mlir::OpBuilder::atBlockEnd(&function.getBody().front())), counter(counter),
      variables(variables), values{function.getArgument(0)} {}

Tensor DialectBuilder::input(SourceRange where, StringRef name) const {
  auto type = mlir::cast<mlir::RankedTensorType>(values.front().getType());
  return {0, llvm::SmallVector<int64_t, 4>(type.getShape().drop_front()), where, name};
}

std::vector<mlir::NamedAttribute> DialectBuilder::attributesOf(const LayerCall &call) {
  std::vector<mlir::NamedAttribute> attributes;
  for (const auto &[argument, bound] : llvm::zip(call.signature.arguments, call.arguments)) {
    mlir::Attribute attribute;
    if (argument.kind == ArgumentKind::Stream)
      attribute = builder.getI64IntegerAttr(streams++);
    else if (argument.kind == ArgumentKind::Training)
      attribute = builder.getBoolAttr(bool(counter)); // only a training step has one
    else if (bound.value)
      attribute = attributeFor(builder, argument.kind, *bound.value);
    if (attribute)
      attributes.push_back(builder.getNamedAttr(argument.name, attribute));
  }
  return attributes;
}

mlir::Value DialectBuilder::readVariable(const LayerCall &call, const ParameterSpec &spec,
                                         mlir::Location location, std::string &error) {
  std::string path = call.path + "." + spec.name;
  VariableOp &variable = variables.byPath[path];
  if (!variable) {
    if (!llvm::is_contained(initialisers(), spec.init)) {
      error = "'" + call.signature.name.str() + "' expects an initialiser as 'init', but got \"" +
              spec.init + "\"";
      if (StringRef nearest = nearestName(spec.init, initialisers()); !nearest.empty())
        error += "; did you mean '" + nearest.str() + "'?";
      return nullptr;
    }
    if (isTooLarge(spec.type)) {
      error = "'" + call.signature.name.str() + "' expects at most 2147483647 weights, but '" +
              spec.name + "' would be " + shapeText(spec.type.getShape());
      return nullptr;
    }
    mlir::NamedAttrList init;
    init.append("kind", builder.getStringAttr(spec.init));
    if (spec.fanIn)
      init.append("fan_in", builder.getI64IntegerAttr(spec.fanIn));
    if (spec.fanOut)
      init.append("fan_out", builder.getI64IntegerAttr(spec.fanOut));
    // Variables stand before all functions, in the order of the layers.
    mlir::OpBuilder::InsertionGuard guard(builder);
    auto functions = variables.module.getOps<mlir::func::FuncOp>();
    builder.setInsertionPoint(*functions.begin());
    variable = VariableOp::create(builder, location, builder.getStringAttr(path), spec.type,
                                  builder.getStringAttr(spec.kind),
                                  init.getDictionary(builder.getContext()));
  }
  return ReadOp::create(builder, location, spec.type, path);
}

std::optional<Tensor> DialectBuilder::build(const LayerCall &call, std::string &error) {
  mlir::MLIRContext *context = builder.getContext();
  mlir::Location location = locationFor(context, call.path, call.where);
  ErrorCapture errors(context);
  auto fail = [&]() -> std::optional<Tensor> {
    if (error.empty())
      error = errors.message.empty() ? "'" + call.signature.name.str() + "' does not fit here"
                                     : errors.message;
    return std::nullopt;
  };

  std::vector<mlir::NamedAttribute> attributes = attributesOf(call);
  llvm::SmallVector<mlir::Value> inputs;
  for (const auto &[argument, bound] : llvm::zip(call.signature.arguments, call.arguments)) {
    if (argument.kind == ArgumentKind::Tensor && bound.value)
      inputs.push_back(values[bound.value->as<Tensor>()->id]);
    if (argument.kind == ArgumentKind::TensorList && bound.value)
      for (const Value &element : **bound.value->as<List>())
        inputs.push_back(values[element.as<Tensor>()->id]);
  }
  auto specs =
      inferParameters(context, location, call.signature.name, mlir::ValueRange(inputs), attributes);
  if (failed(specs))
    return fail();

  // Operands in ODS order; a null value where an optional one is absent.
  llvm::SmallVector<mlir::Value> operands;
  auto *nextInput = inputs.begin();
  for (const auto &[argument, bound] : llvm::zip(call.signature.arguments, call.arguments)) {
    if (argument.kind == ArgumentKind::Tensor) {
      operands.push_back(bound.value ? *nextInput++ : nullptr);
    } else if (argument.kind == ArgumentKind::TensorList && bound.value) {
      for (size_t i = 0; i < (*bound.value->as<List>())->size(); ++i)
        operands.push_back(*nextInput++);
    } else if (argument.kind == ArgumentKind::Counter) {
      operands.push_back(counter);
    } else if (argument.kind == ArgumentKind::Parameter) {
      auto spec = llvm::find_if(*specs, [&](auto &s) { return s.name == argument.name; });
      operands.push_back(spec == specs->end() ? nullptr
                                              : readVariable(call, *spec, location, error));
      if (!error.empty())
        return fail();
    }
  }
  mlir::Operation *op = buildOp(builder, location, call.signature.name, operands, attributes);
  if (!op)
    return fail();
  auto type = mlir::cast<mlir::RankedTensorType>(op->getResult(0).getType());
  if (isTooLarge(type)) {
    error = "'" + call.signature.name.str() +
            "' expects a result of at most 2147483647 values, but got " +
            shapeText(type.getShape());
    return fail();
  }
  values.push_back(op->getResult(0));
  return Tensor{static_cast<unsigned>(values.size() - 1),
                llvm::SmallVector<int64_t, 4>(type.getShape().drop_front()),
                {},
                {}};
}

} // namespace weir
