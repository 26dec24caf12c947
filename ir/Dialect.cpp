//===- Dialect.cpp - registration, and the ops that frame a program --------------------------===//

#include "ir/Dialect.h"
#include "ir/Signatures.h"
#include "ir/Values.h"

#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

#include "ir/Interfaces.cpp.inc"
#include "ir/WeirDialect.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "ir/WeirAttributes.cpp.inc"

#define GET_OP_CLASSES
#include "ir/WeirOps.cpp.inc"

namespace weir {

void WeirDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "ir/WeirAttributes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "ir/WeirOps.cpp.inc"
      >();
}

LogicalResult StorageAttr::verify(function_ref<InFlightDiagnostic()> emitError, StringRef space,
                                  int64_t offset, int64_t pitch) {
  constexpr StringLiteral spaces[] = {"argument", "result", "variables", "arena"};
  if (!llvm::is_contained(spaces, space)) // C1
    return emitError() << "'storage' expects argument, result, variables or arena, but got '"
                       << space << "'";
  if (offset < 0) // C2
    return emitError() << "'storage' expects an offset of at least 0, but got " << offset;
  if (pitch < 0) // C2
    return emitError() << "'storage' expects a pitch of at least 0, but got " << pitch;
  return success();
}

void VariableOp::build(OpBuilder &builder, OperationState &state, StringRef name, Type type,
                       StringRef kind, DictionaryAttr init) {
  build(builder, state, builder.getStringAttr(name), TypeAttr::get(type),
        builder.getStringAttr(kind), init, ElementsAttr(), IntegerAttr());
}

LogicalResult VariableOp::verify() {
  const std::optional<ElementsAttr> value = getValue();
  if (!value)
    return success();
  const RankedTensorType type = storageType(getTensorType());
  if (value->getShapedType() != type) // C1
    return emitOpError("expects a value of type ") << type << ", but got " << value->getType();
  return success();
}

/// C1 and C2 of `read` and `assign`.
static LogicalResult verifyVariableUse(Operation *op, FlatSymbolRefAttr symbol, Type type,
                                       SymbolTableCollection &symbols) {
  auto variable = symbols.lookupNearestSymbolFrom<VariableOp>(op, symbol);
  if (!variable)
    return op->emitOpError() << "expects a variable, but there is no '" << symbol.getValue() << "'";
  if (variable.getType() != type) {
    InFlightDiagnostic error = op->emitOpError()
                               << "expects type " << variable.getType() << " of variable '"
                               << symbol.getValue() << "', but got " << type;
    error.attachNote(variable.getLoc()) << "the variable stands here";
    return error;
  }
  return success();
}

LogicalResult ReadOp::verifySymbolUses(SymbolTableCollection &symbols) {
  return verifyVariableUse(*this, getVariableAttr(), getValue().getType(), symbols);
}

LogicalResult AssignOp::verifySymbolUses(SymbolTableCollection &symbols) {
  return verifyVariableUse(*this, getVariableAttr(), getValue().getType(), symbols);
}

LogicalResult MinimizeOp::verify() {
  if (cast<RankedTensorType>(getLoss().getType()).getRank() != 0) // C1
    return emitOpError("expects a scalar loss, but got ") << getLoss().getType();
  const Signature *signature = findSignature(getOptimizer());
  if (!signature || signature->category != Category::Optimizer) // C2
    return emitOpError("expects the name of an optimizer, but got '") << getOptimizer() << "'";
  const auto scalars = llvm::count_if(signature->arguments, [](const Argument &argument) {
    return argument.kind == ArgumentKind::Runtime;
  });
  if (static_cast<int64_t>(getRuntime().size()) != scalars) // C3
    return emitOpError("expects as many scalars as '")
           << getOptimizer() << "' takes (" << scalars << "), but got " << getRuntime().size();
  for (NamedAttribute option : getOptions()) // C4
    if (const Argument *argument = signature->find(option.getName());
        !argument || !argument->isAttribute())
      return emitOpError("expects options of '")
             << getOptimizer() << "', but got " << option.getName();
  return success();
}

YieldOp KernelOp::getYield() { return cast<YieldOp>(getBody().front().getTerminator()); }

static int64_t pitchOf(std::optional<ArrayAttr> storage, size_t index) {
  return storage ? cast<StorageAttr>((*storage)[index]).getPitch() : 0;
}
int64_t KernelOp::inputPitch(size_t index) { return pitchOf(getInputStorage(), index); }
int64_t KernelOp::outputPitch(size_t index) { return pitchOf(getOutputStorage(), index); }

// weir.kernel "name"(%a = %0 : type, …) -> (types) attributes {…} { … }
void KernelOp::print(OpAsmPrinter &printer) {
  printer << ' ' << getNameAttr() << '(';
  Block &block = getBody().front();
  llvm::interleaveComma(llvm::zip(block.getArguments(), getInputs()), printer, [&](auto pair) {
    auto [argument, input] = pair;
    printer.printRegionArgument(argument, {}, /*omitType=*/true);
    printer << " = " << input << " : " << input.getType();
  });
  printer << ") -> (" << getResultTypes() << ')';
  printer.printOptionalAttrDictWithKeyword((*this)->getAttrs(), {getNameAttrName()});
  printer << ' ';
  printer.printRegion(getBody(), /*printEntryBlockArgs=*/false);
}

ParseResult KernelOp::parse(OpAsmParser &parser, OperationState &result) {
  StringAttr name;
  if (parser.parseAttribute(name))
    return failure();
  result.addAttribute(getNameAttrName(result.name), name);

  SmallVector<OpAsmParser::Argument> arguments;
  SmallVector<OpAsmParser::UnresolvedOperand> inputs;
  SMLoc start = parser.getCurrentLocation();
  auto parseBinding = [&]() -> ParseResult {
    return failure(parser.parseArgument(arguments.emplace_back()) || parser.parseEqual() ||
                   parser.parseOperand(inputs.emplace_back()) ||
                   parser.parseColonType(arguments.back().type));
  };
  SmallVector<Type> resultTypes;
  if (parser.parseCommaSeparatedList(OpAsmParser::Delimiter::Paren, parseBinding) ||
      parser.parseArrow() || parser.parseLParen())
    return failure();
  if (failed(parser.parseOptionalRParen()) &&
      (parser.parseTypeList(resultTypes) || parser.parseRParen()))
    return failure();
  SmallVector<Type> inputTypes = llvm::map_to_vector(arguments, [](auto &a) { return a.type; });
  if (parser.parseOptionalAttrDictWithKeyword(result.attributes) ||
      parser.resolveOperands(inputs, inputTypes, start, result.operands) ||
      parser.parseRegion(*result.addRegion(), arguments))
    return failure();
  result.addTypes(resultTypes);
  return success();
}

/// C4 of `kernel`.
static LogicalResult verifyStorage(KernelOp kernel, std::optional<ArrayAttr> storage,
                                   ValueRange values) {
  if (!storage)
    return success();
  if (storage->size() != values.size())
    return kernel.emitOpError("expects storage of ")
           << values.size() << " values, but got " << *storage;
  for (auto [value, place] : llvm::zip_equal(values, storage->getAsRange<StorageAttr>())) {
    auto type = cast<RankedTensorType>(value.getType());
    if (place.getPitch() != 0 && (type.getRank() == 0 || place.getPitch() < type.getShape().back()))
      return kernel.emitOpError("expects rows that are no longer than their pitch, but got ")
             << type << " at " << place;
  }
  return success();
}

LogicalResult KernelOp::verify() {
  Block &block = getBody().front();
  if (block.getArgumentTypes() != getInputs().getTypes()) // C1
    return emitOpError("expects block arguments of its operands' types");
  auto yield = dyn_cast<YieldOp>(block.getTerminator());
  if (!yield || yield.getValues().getTypes() != getResultTypes()) // C2
    return emitOpError("expects 'weir.yield' of values of its results' types");
  for (Operation &op : block.without_terminator())
    if (!isa<ReferenceOpInterface>(op)) // C3
      return op.emitOpError("expects to stand outside a kernel: it is no pure op");
  if (failed(verifyStorage(*this, getInputStorage(), getInputs())))
    return failure();
  return verifyStorage(*this, getOutputStorage(), getResults());
}

void FillOp::evaluate(ArrayRef<reference::Tensor>, MutableArrayRef<reference::Tensor> results) {
  llvm::fill(results[0].values, getValue().convertToDouble());
}

} // namespace weir
